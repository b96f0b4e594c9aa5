"""Reading suites: `suite.yaml`, then cases from files or from a CSV of manual scores."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from agent.calls.model import Call
from agent.core.errors import ImportProblem
from agent.core.scale import BINARY
from agent.core.transcript import Transcript
from agent.core.yaml_files import read_document
from agent.evals.behaviors import interview_suite
from agent.evals.long_call import long_call
from agent.evals.reading_interviews import draft_suite, note_suite
from agent.evals.references import level_of, turns_of
from agent.evals.scores import scored_cases
from agent.evals.suite import Case, Reference, Suite
from agent.evals.suite_files import CASE_OF, CallCase, CriterionCase, Expected, QuoteCase, SuiteFile
from agent.evals.variants import with_variants
from agent.rubrics.file import read_rubric
from agent.rubrics.model import Criterion, Rubric
from agent.text.importers import read_transcript, read_transcript_bytes
from agent.text.names import folded
from agent.text.quotes import QuoteIndex

CHECKS = ("passes", "specific", "observable", "unambiguous")
_NO_DATE = date(2000, 1, 1)  # cases have none, and no request contains a call's date


def read_suite(folder: Path) -> Suite:
    """The suite in `folder`. Raises ImportProblem with the file and what is wrong."""
    path = folder / "suite.yaml"
    file: SuiteFile = read_document(path).read_as(SuiteFile)
    if file.kind == "interviews":
        return interview_suite(folder, file)
    if file.kind == "notes":
        return note_suite(interview_suite(folder, file), {name.lower(): at for name, at in file.moments.items()})
    if file.kind == "drafts":
        return draft_suite(folder, file)
    rubric = read_rubric(folder / file.rubric, folder.name) if file.rubric else None
    criteria = _criteria(path, file, rubric)
    left_out: list[str] = []
    cases = [
        *_from_files(folder, file, criteria),
        *(scored_cases(folder, file, criteria, left_out) if file.scores is not None else []),
    ]
    if file.variants:
        cases = with_variants(folder / file.variants, cases)
    if not cases:
        raise ImportProblem(str(path), None, "there are no cases", "name a folder under cases:, or a CSV under scores:")
    return Suite(
        folder.name, folder, file, criteria, tuple(_tagged(path, file, cases)), rubric, left_out=tuple(left_out)
    )


def _criteria(path: Path, file: SuiteFile, rubric: Rubric | None) -> tuple[Criterion, ...]:
    match file.kind:
        case "criteria":
            return tuple(_yes_no(name, f"the description is found to be {name}") for name in CHECKS)
        case "quotes":
            return (_yes_no("located", "the claimed quote is accepted as evidence"),)
        case _ if rubric is None:
            raise ImportProblem(str(path), None, f"a suite of kind {file.kind} needs rubric:")
        case _:
            return rubric.criteria


def _yes_no(ident: str, description: str) -> Criterion:
    return Criterion(id=ident, name=ident, description=description, scale=BINARY, speaker="any")


def _tagged(path: Path, file: SuiteFile, cases: Sequence[Case]) -> Iterator[Case]:
    """The cases with the tags and must_pass of `suite.yaml`. ImportProblem for a repeated or unknown id."""
    known = {case.id for case in cases}
    if len(known) < len(cases):
        ids = [case.id for case in cases]
        raise ImportProblem(str(path), None, f"case {next(i for i in ids if ids.count(i) > 1)} is there twice")
    unknown = sorted({i for ids in file.tags.values() for i in ids} - known)
    if unknown:
        raise ImportProblem(str(path), None, f"tags: there is no case {unknown[0]}")
    for case in cases:
        tags = case.tags | {tag for tag, ids in file.tags.items() if case.id in ids}
        yield replace(case, tags=tags, must_pass=bool({case.id, *tags} & set(file.must_pass)))


def _from_files(folder: Path, file: SuiteFile, criteria: Sequence[Criterion]) -> Iterator[Case]:
    if not file.cases:
        return
    for path in sorted((folder / file.cases).glob("*.yaml")):
        document = read_document(path)
        several = document.data["cases"] if isinstance(document.data, dict) and "cases" in document.data else None
        for number, entry in enumerate(several if isinstance(several, list) else [document.data]):
            at = ("cases", number) if isinstance(several, list) else ()
            case = document.read_as(CASE_OF[file.kind], entry, at)
            match case:
                case CallCase():
                    yield call_case(path, case, {c.id: c for c in criteria})
                case CriterionCase():
                    values = {"passes": int(case.passes)}
                    # A description that passes passes all three; of one that fails only the tests named are known.
                    values |= dict.fromkeys(CHECKS[1:], 1) if case.passes else dict.fromkeys(case.fails, 0)
                    references = tuple(
                        Reference(case=case.id, criterion=name, value=value) for name, value in values.items()
                    )
                    yield Case(case.id, case.split, frozenset(case.tags), False, references, case.note, criterion=case)
                case QuoteCase():
                    turns = None if case.turn is None else (case.turn,)
                    reference = Reference(
                        case=case.id, criterion="located", value=int(case.expect == "keep"), turns=turns
                    )
                    yield Case(case.id, case.split, frozenset(case.tags), False, (reference,), case.note, quote=case)


def call_case(path: Path, case: CallCase, criteria: Mapping[str, Criterion]) -> Case:
    """A call with its references. If the import has to fail, it is tried here, and its message is kept."""
    made = {"id": case.id, "split": case.split, "tags": frozenset(case.tags), "must_pass": False, "note": case.note}
    try:
        transcript = _transcript(path, case)
    except ImportProblem as problem:
        if not case.import_problem:
            raise
        return Case(**made, references=(), import_problem=case.import_problem, refused=str(problem))  # type: ignore[arg-type]
    if case.import_problem:
        return Case(**made, references=(), import_problem=case.import_problem)  # type: ignore[arg-type]
    call = Call(id=case.id, transcript=transcript, date=_NO_DATE, rep=case.rep)
    references = tuple(_reference(path, case.id, criteria, name, e, transcript) for name, e in case.expect.items())
    return Case(**made, references=references, call=call)  # type: ignore[arg-type]


def _transcript(path: Path, case: CallCase) -> Transcript:
    if case.generate:
        return long_call(case.rep)
    if case.transcript is not None:
        read = read_transcript_bytes(case.transcript.encode(), f"{path.name}:{case.id}.txt")
    elif case.file:
        read = read_transcript(path.parent / case.file, decided=True)
    else:
        raise ImportProblem(
            str(path), None, f"case {case.id} has no transcript", "give transcript:, file: or generate:"
        )
    reps = [name for name in read.speakers if folded(name) == folded(case.rep)]
    if not reps:
        what = f"case {case.id}: nobody called {case.rep!r} speaks"
        raise ImportProblem(str(path), None, what, f"the speakers are: {', '.join(read.speakers)}")
    others = {folded(name) for name in case.others}
    roles: Any = {n: "rep" if n in reps else "other" if folded(n) in others else "customer" for n in read.speakers}
    return read.model_copy(update={"roles": roles})


def _reference(
    path: Path, ident: str, criteria: Mapping[str, Criterion], name: str, given: Expected, transcript: Transcript
) -> Reference:
    criterion = criteria.get(name)
    where = f"case {ident}, {name}"
    if criterion is None:
        raise ImportProblem(str(path), None, f"{where}: there is no such criterion", f"there are {', '.join(criteria)}")
    values = [given.value, *given.humans.values()]
    wrong = [v for v in values if v != "n/a" and v not in criterion.levels]
    if wrong:
        raise ImportProblem(str(path), None, f"{where}: {wrong[0]} is not a level of its scale ({criterion.scale})")
    return Reference(
        case=ident,
        criterion=name,
        value=level_of(given.value),
        turns=_turns(path, where, given, transcript),
        humans={rater: level_of(value) for rater, value in given.humans.items()},
        human_turns={rater: tuple(turns) for rater, turns in given.human_turns.items()},
    )


def _turns(path: Path, where: str, given: Expected, transcript: Transcript) -> tuple[int, ...] | None:
    if given.quotes is not None:
        return turns_of(path, where, given.quotes, QuoteIndex(transcript.turns))
    if given.turns is None:
        return None
    if any(turn not in range(len(transcript.turns)) for turn in given.turns):
        raise ImportProblem(str(path), None, f"{where}: turns are numbered 0 to {len(transcript.turns) - 1}")
    return tuple(sorted(set(given.turns)))
