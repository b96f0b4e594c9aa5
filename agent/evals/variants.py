"""Pairs of calls that differ only in what must not matter (names, accent, variety of the language): how variants are
made from scored calls, and which levels differ within a pair."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agent.app.documents.as_markdown import plain
from agent.calls.model import Call
from agent.core.errors import ImportProblem, InputError
from agent.core.yaml_files import read_document
from agent.evals.comparing import sign_test
from agent.evals.report import Figure, Value, figure_of
from agent.evals.run import Answer, Run
from agent.evals.suite import Case, Suite
from agent.evals.suite_files import FilePart, Variant, VariantFile
from agent.ratings.model import Rated
from agent.stats.intervals import clopper_pearson


def with_variants(path: Path, cases: Sequence[Case]) -> list[Case]:
    """The cases that the file at `path` has variants of, each with its variants; no others."""
    file: VariantFile = read_document(path).read_as(VariantFile)
    originals = {case.id: case for case in cases}
    kinds: dict[str, set[str]] = {}
    made = []
    for variant in file.variants:
        original = originals.get(variant.like)
        if original is None or original.call is None:
            raise ImportProblem(str(path), None, f"{variant.id}: there is no call {variant.like!r} in the suite")
        kinds.setdefault(variant.like, set()).add(variant.kind)
        references = tuple(r.model_copy(update={"case": variant.id}) for r in original.references)
        call = retold(path, original.call, variant)
        tags = frozenset({variant.kind})
        made.append(
            replace(
                original,
                id=variant.id,
                tags=tags,
                references=references,
                note=variant.about,
                call=call,
                like=variant.like,
            )
        )
    return [*(replace(originals[name], tags=originals[name].tags | kinds[name]) for name in kinds), *made]


def retold(path: Path, call: Call, variant: Variant) -> Call:
    """The call in the variant's words: the same turns at the same times, by as many speakers."""
    longest_first = sorted(variant.instead, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    unused = set(variant.instead)

    def said(match: re.Match[str]) -> str:
        unused.discard(match[0])
        return variant.instead[match[0]]

    spoken = [(pattern.sub(said, turn.speaker), pattern.sub(said, turn.text)) for turn in call.transcript.turns]
    if unused:
        what = f"{variant.id}: {variant.like} does not say {min(unused)!r}"
        raise ImportProblem(str(path), None, what, "copy the words from the call")
    turns = tuple(
        turn.model_copy(update={"speaker": speaker, "text": text})
        for turn, (speaker, text) in zip(call.transcript.turns, spoken, strict=True)
    )
    roles = {pattern.sub(said, name): role for name, role in call.transcript.roles.items()}
    if len({speaker for speaker, _ in spoken}) < len(call.transcript.speakers):
        raise ImportProblem(str(path), None, f"{variant.id}: two speakers have the same name", "give each another")
    transcript = call.transcript.model_copy(update={"turns": turns, "roles": roles})
    return call.model_copy(
        update={"id": variant.id, "transcript": transcript, "rep": pattern.sub(said, call.rep), "customer": ""}
    )


class Flipped(FilePart):
    """A rating whose level differs in the variant."""

    variant: str
    like: str
    about: str
    criterion: str
    expected: str
    original: str
    changed: str
    original_reason: str
    changed_reason: str


class PairsOfKind(FilePart):
    """All pairs of one kind. `lower` and `higher` count ratings whose level is so in the variant; `p` is from a sign
    test on these two."""

    kind: str
    pairs: int
    pairs_with_flips: Figure
    ratings: int
    flips: int
    lower: int
    higher: int
    p: float


class Reread(FilePart):
    """How often a level changes if nothing at all is changed: further readings of calls compared with their first."""

    run: str
    ratings: int
    flips: int


class PairReport(FilePart):
    """What changes within the pairs of a run."""

    run: str
    suite: str
    asked: str
    prompt: str
    kinds: list[PairsOfKind]
    flips: list[Flipped]
    reread: Reread | None
    unanswered: list[str]


def pair_report(run: Run, suite: Suite, again: Run) -> PairReport:
    """The levels that differ within the pairs of `run`. The further draws of `again` tell how often levels change by
    themselves (it may be the same run, if it has several draws). InputError if the run has no pairs."""
    if run.suite_id != suite.id:
        raise InputError(f"suite {suite.name} has changed since {run.id}; run it again")
    told = [case for case in suite.cases if case.like]
    if not told:
        raise InputError(f"suite {suite.name} has no calls told in another way; name their file under variants:")
    answered = {answer.case for answer in run.answers}
    pairs = [case for case in told if {case.id, case.like} <= answered]
    if not pairs:
        raise InputError(f"{run.id} holds no pair; run the whole suite")
    kinds = list(dict.fromkeys(kind for case in pairs for kind in case.tags))
    compared = {kind: _ratings_of_pairs(run, [case for case in pairs if kind in case.tags]) for kind in kinds}
    return PairReport(
        run=run.id,
        suite=run.suite,
        asked=run.asked,
        prompt=run.prompt.partition("#")[0],
        kinds=[_of_kind(kind, found) for kind, found in compared.items()],
        flips=[_flipped(run, *one) for found in compared.values() for one in found if _flips(one)],
        reread=_reread(again),
        unanswered=[case.id for case in told if case not in pairs],
    )


_One = tuple[Case, Answer, Answer]  # the variant; what was said of the original and of the variant


def _ratings_of_pairs(run: Run, pairs: Sequence[Case]) -> list[_One]:
    given = run.drawn()
    return [(c, given[c.like, r.criterion], given[c.id, r.criterion]) for c in pairs for r in c.references]


def _flips(one: _One) -> bool:
    return one[1].judgement.said != one[2].judgement.said


def _of_kind(kind: str, compared: Sequence[_One]) -> PairsOfKind:
    flips = [one for one in compared if _flips(one)]
    steps = [
        after.judgement.value - before.judgement.value
        for _, before, after in flips
        if isinstance(before.judgement, Rated) and isinstance(after.judgement, Rated)
    ]
    lower, higher = sum(step < 0 for step in steps), sum(step > 0 for step in steps)
    pairs = len({case.id for case, _, _ in compared})
    return PairsOfKind(
        kind=kind,
        pairs=pairs,
        pairs_with_flips=figure_of(clopper_pearson(len({case.id for case, _, _ in flips}), pairs)),
        ratings=len(compared),
        flips=len(flips),
        lower=lower,
        higher=higher,
        p=sign_test(lower, higher),
    )


def _flipped(run: Run, case: Case, before: Answer, after: Answer) -> Flipped:
    right = run.reference()[case.id, after.criterion]
    return Flipped(
        variant=case.id,
        like=case.like,
        about=case.note,
        criterion=after.criterion,
        expected=right.expected,
        original=before.judgement.said,
        changed=after.judgement.said,
        original_reason=before.why,
        changed_reason=after.why,
    )


def _reread(again: Run) -> Reread | None:
    if again.draws < 2:
        return None
    first = again.drawn()
    further = [a for a in again.answers if a.draw > 0]
    flips = sum(a.judgement.said != first[a.case, a.criterion].judgement.said for a in further)
    return Reread(run=again.id, ratings=len(further), flips=flips)


def in_markdown(report: PairReport) -> str:
    """The report as Markdown, for people."""
    lines = [
        f"# Pairs of suite {report.suite}: {report.asked}, {report.prompt}",
        "",
        "Each pair is one call told twice. Nothing differs that a criterion asks for, so no level should.",
        "",
        "| what differs | pairs | with a flip (95 %) | ratings | levels that flip | lower | higher | p |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in report.kinds:
        share = kind.pairs_with_flips
        told = f"{share.value:.2f} ({share.low:.2f}–{share.high:.2f})" if isinstance(share, Value) else "–"
        counts = [kind.ratings, kind.flips, kind.lower, kind.higher]
        lines.append(f"| {kind.kind} | {kind.pairs} | {told} | {' | '.join(map(str, counts))} | {kind.p:.3f} |")
    lines += ["", _read_again(report), ""]
    if report.unanswered:
        lines += [f"Not answered, so not counted: {', '.join(report.unanswered)}.", ""]
    lines += [
        "## Levels that flip",
        "",
        *(
            f"- **{flip.variant}**, {flip.criterion}: {flip.original} → {flip.changed} (right: {flip.expected}). "
            f"{flip.about}\n"
            f"  - {flip.like}: {plain(flip.original_reason)}\n  - {flip.variant}: {plain(flip.changed_reason)}"
            for flip in report.flips
        ),
    ]
    return "\n".join(lines if report.flips else [*lines, "None."]) + "\n"


def _read_again(report: PairReport) -> str:
    pairs = f"{len(report.flips)} of {sum(kind.ratings for kind in report.kinds)} levels flip within pairs"
    if report.reread is None:
        return (
            f"{pairs}. How many change when the very same call is read again is not known: run with --draws 3, "
            "or name a run that was, with --again."
        )
    same = f"{report.reread.flips} of {report.reread.ratings} when the very same call is read again"
    return (
        f"{pairs}; {same} (run {report.reread.run}). `lower` and `higher` say which way; p is of a sign test on them."
    )
