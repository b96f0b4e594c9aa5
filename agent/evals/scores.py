"""Cases from a CSV of manual scores, one in each row, with the transcripts beside it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from agent.calls.intake import load_calls
from agent.calls.model import Call
from agent.core.errors import ImportProblem
from agent.evals.references import level_of, quotes_in, turns_of
from agent.evals.suite import Case, Reference
from agent.evals.suite_files import HumansFile, ScoresFile, Split, SuiteFile
from agent.rubrics.model import Criterion
from agent.text.quotes import QuoteIndex
from agent.text.tables import named_table

Row = dict[str, str]


@dataclass(frozen=True)
class _Indexed:
    call: Call
    index: QuoteIndex


def scored_cases(folder: Path, file: SuiteFile, criteria: Sequence[Criterion], left_out: list[str]) -> list[Case]:
    """One case for each call with a manual score. Lines of the tables that are no rows are added to `left_out`."""
    scores, files = file.scores, file.calls
    if scores is None or files is None:
        raise ImportProblem(str(folder / "suite.yaml"), None, "scores: needs calls: with the transcripts", "add both")
    intake = load_calls((folder / files.directory).resolve(), (folder / files.manifest).resolve())
    if intake.problems:
        raise intake.problems[0]
    for call in intake.loaded:
        if not call.transcript.speakers_as("rep"):
            what = f"{call.id}: nobody is heard under the name of its rep, {call.rep}"
            raise ImportProblem(str(folder / files.manifest), None, what, "say it in a column speakers: Speaker 1=rep")
    calls = {call.id: _Indexed(call, QuoteIndex(call.transcript.turns)) for call in intake.loaded}
    path = (folder / scores.file).resolve()
    humans = _humans(folder, file.humans, criteria, left_out)
    by_call: dict[str, list[tuple[Reference, str]]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    wanted = (scores.call, scores.criterion, scores.value, scores.quotes, scores.split)
    columns = [column for column in wanted if column]
    for line, row in table(path, columns, left_out):
        reference = _reference(path, line, row, scores, criteria, calls, humans)
        key = (reference.case, reference.criterion)
        if key in seen:
            raise ImportProblem(str(path), line, f"{' '.join(key)} is scored twice", "keep one of the rows")
        seen.add(key)
        by_call[reference.case].append((reference, row[scores.split] if scores.split else scores.default_split))
    return [_case_of_rows(path, calls[ident].call, rows) for ident, rows in by_call.items()]


def table(path: Path, columns: Sequence[str], aside: list[str]) -> list[tuple[int, Row]]:
    """Line number and cells (by column) of each row; lines that are no rows are added to `aside`. ImportProblem if
    one of `columns` is missing or there are no rows."""
    found = named_table(path, columns)
    aside += [f"{path}: {left}" for left in found.left_out]
    if not found.rows:
        raise found.problem(None, "there are no rows", "there is only a header")
    short = [""] * found.width  # a row may leave out its last cells
    return [(line, {name: [*cells, *short][at] for name, at in found.places.items()}) for line, cells in found.rows]


def _reference(
    path: Path,
    line: int,
    row: Row,
    scores: ScoresFile,
    criteria: Sequence[Criterion],
    calls: Mapping[str, _Indexed],
    humans: Mapping[tuple[str, str], dict[str, int | None]],
) -> Reference:
    case, name = row[scores.call], row[scores.criterion]
    if case not in calls:
        raise ImportProblem(str(path), line, f"there is no call {case!r} in the manifest")
    criterion = _criterion(path, line, name, criteria)
    turns = None
    if scores.quotes:
        try:
            quotes = quotes_in(row[scores.quotes])
        except ValueError:
            raise ImportProblem(
                str(path), line, f"{scores.quotes} is not a JSON list of quotes", 'as ["…", "…"]'
            ) from None
        turns = turns_of(path, f"{case}, {name}", quotes, calls[case].index)
    value = _level(path, line, row[scores.value], criterion)
    return Reference(case=case, criterion=name, value=value, turns=turns, humans=humans.get((case, name), {}))


def _criterion(path: Path, line: int, name: str, criteria: Sequence[Criterion]) -> Criterion:
    criterion = next((c for c in criteria if c.id == name), None)
    if criterion is None:
        known = ", ".join(c.id for c in criteria)
        raise ImportProblem(str(path), line, f"there is no criterion {name!r} in the rubric", f"there are {known}")
    return criterion


def _level(path: Path, line: int, written: str, criterion: Criterion) -> int | None:
    try:
        value = level_of(written)
    except ValueError:
        raise ImportProblem(str(path), line, f"{written!r} is neither a level nor n/a") from None
    if value is not None and value not in criterion.levels:
        raise ImportProblem(str(path), line, f"{value} is not a level of {criterion.id} ({criterion.scale})")
    return value


def _humans(
    folder: Path, file: HumansFile | None, criteria: Sequence[Criterion], left_out: list[str]
) -> dict[tuple[str, str], dict[str, int | None]]:
    """Every person's rating, by call and criterion. A later row of the same person replaces an earlier one."""
    levels: dict[tuple[str, str], dict[str, int | None]] = defaultdict(dict)
    if file is None:
        return levels
    path = (folder / file.file).resolve()
    for line, row in table(path, [file.call, file.criterion, file.rater, file.value, *file.where], left_out):
        if all(row[column] == wanted for column, wanted in file.where.items()):
            criterion = _criterion(path, line, row[file.criterion], criteria)
            level = _level(path, line, row[file.value], criterion)
            levels[row[file.call], row[file.criterion]][row[file.rater]] = level
    return levels


def _case_of_rows(path: Path, call: Call, rows: Sequence[tuple[Reference, str]]) -> Case:
    splits = {split for _, split in rows}
    split = next(iter(splits))
    if len(splits) > 1 or split not in get_args(Split):
        raise ImportProblem(str(path), None, f"{call.id}: split is {' and '.join(sorted(splits))!r}", "dev or test")
    references = tuple(reference for reference, _ in rows)
    return Case(call.id, split, frozenset(), False, references, call=call)  # type: ignore[arg-type]
