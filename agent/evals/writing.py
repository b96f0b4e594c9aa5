"""Writes suites: from a data set, from a CSV of manual scores, from calibration rounds."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel

from agent.calls.model import Call
from agent.core.errors import Advice, Conflict, ImportProblem, InputError
from agent.evals.loading import read_suite
from agent.evals.suite import Suite
from agent.evals.suite_files import CallCase, CallFiles, Expected, HumansFile, Level, ScoresFile, Split, SuiteFile
from agent.ratings.model import Judgement, NotApplicable, Rated
from agent.rubrics.file import read_rubric, write_rubric
from agent.rubrics.model import Rubric
from agent.text.own_json import written


def write_suite(folder: Path, file: SuiteFile, rubric: Rubric, cases: Sequence[CallCase]) -> Suite:
    """Write a suite of calls and read it back, so that what was written can be run. Conflict if it exists."""
    if (folder / "suite.yaml").exists():
        raise Conflict(
            f"{folder}: there is a suite already; remove it first, or choose another name",
            advice=Advice(option="--name"),
        )
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "rubric.yaml").write_text(write_rubric(rubric, "yaml"), encoding="utf-8")
    for case in cases:
        write_case(folder, case)
    _write_yaml(folder / "suite.yaml", file)
    try:
        return read_suite(folder)
    except ImportProblem:
        shutil.rmtree(folder)  # what cannot be run is not left for `eval list` to name
        raise


def write_case(folder: Path, case: CallCase) -> None:
    """Write one case file, replacing an earlier one of that id."""
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    _write_yaml(folder / "cases" / f"{file_name(case.id)}.yaml", case)


def file_name(ident: str) -> str:
    """An id as a file name: everything but letters, digits, dashes and dots becomes a dash."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in ident).lstrip(".") or "case"


def _write_yaml(path: Path, value: BaseModel) -> None:
    data = value.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


def suite_from_csv(
    folder: Path,
    scores: Path,
    calls: Path,
    manifest: Path,
    rubric: Path,
    columns: Mapping[str, str],
    humans: Path | None,
    split: Split,
) -> Suite:
    """A suite that refers to manual scores and transcripts where they are; only the rubric is copied.

    `columns` renames: keys are the fields of `ScoresFile` (call, criterion, value, quotes, split) and `rater`.
    """
    if unknown := sorted(set(columns) - {"call", "criterion", "value", "quotes", "split", "rater"}):
        raise InputError(f"there is no field {unknown[0]!r}; there are call, criterion, value, quotes, split, rater")
    named = {key: name for key, name in columns.items() if key != "rater"}
    people = {key: name for key, name in columns.items() if key in ("call", "criterion", "value", "rater")}
    relative = {
        name: os.path.relpath(path.resolve(), folder.resolve())
        for name, path in [("scores", scores), ("calls", calls), ("manifest", manifest)]
    }
    file = SuiteFile(
        kind="calls",
        about=f"Manual scores from {scores.name}.",
        rubric="rubric.yaml",
        prompt="rate_call",
        calls=CallFiles(directory=relative["calls"], manifest=relative["manifest"]),
        scores=ScoresFile(file=relative["scores"], default_split=split, **named),
        humans=None
        if humans is None
        else HumansFile(file=os.path.relpath(humans.resolve(), folder.resolve()), **people),
    )
    return write_suite(folder, file, read_rubric(rubric, folder.name), ())


def calibrated_case(
    folder: Path,
    call: Call,
    settled: Mapping[str, Judgement],
    humans: Mapping[str, Mapping[str, Judgement]],
    split: Split,
    note: str,
) -> CallCase:
    """A call as a case: the settled judgement for each criterion, and each person's rating behind it.

    The transcript is written beside the case. Failed judgements say nothing and are left out.
    """
    name = f"{file_name(call.id)}.json"
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "cases" / name).write_text(written(call.transcript), encoding="utf-8")
    return CallCase(
        id=call.id,
        split=split,
        file=name,
        rep=next(iter(call.transcript.speakers_as("rep")), call.rep),
        others=sorted(call.transcript.speakers_as("other")),
        tags=["calibration"],
        note=note,
        expect={
            criterion: _expected(judgement, humans.get(criterion, {}))
            for criterion, judgement in settled.items()
            if level_in(judgement) is not None
        },
    )


def _expected(judgement: Judgement, humans: Mapping[str, Judgement]) -> Expected:
    levels = {rater: level for rater, given in humans.items() if (level := level_in(given)) is not None}
    quotes = [q.span.turn for q in judgement.quotes] if isinstance(judgement, Rated) else []
    return Expected(value=level_in(judgement) or 0, turns=sorted(set(quotes)) or None, humans=levels)


def level_in(judgement: Judgement) -> Level | None:
    """A judgement in the form of case files; None for a failed one."""
    if isinstance(judgement, NotApplicable):
        return "n/a"
    return judgement.value


def cases_suite_file(about: str, tags: Mapping[str, Iterable[str]] | None = None, no_ceiling: str = "") -> SuiteFile:
    """`suite.yaml` of a suite of calls whose cases are files beside it."""
    listed = {tag: list(ids) for tag, ids in (tags or {}).items()}
    return SuiteFile(
        kind="calls",
        about=about,
        rubric="rubric.yaml",
        prompt="rate_call",
        cases="cases",
        tags=listed,
        no_ceiling=no_ceiling,
    )
