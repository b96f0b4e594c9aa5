"""Ratings of rounds out of CSV files, one row a rating: a rater's own, and finished rounds of other tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.app.telling import Note, unsaid
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import ImportProblem, InputError
from agent.core.people import is_model
from agent.ratings.human import human_judgement
from agent.ratings.model import Judgement, Provenance, Rating
from agent.rubrics.model import Rubric
from agent.text.tables import open_table
from agent.workspace import Workspace

FIELDS = ("round", "call_id", "rater", "criterion", "value", "turn", "quote", "reason")


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One rating as the file has it; a cell or column that is not there is empty text."""

    line: int
    round: str
    call_id: str
    rater: str
    criterion: str
    value: str
    turn: str
    quote: str
    reason: str


def read_round_rows(
    path: Path, needed: Sequence[str], renames: Mapping[str, str] | None = None, note: Note = unsaid
) -> list[RoundRow]:
    """All rows of the table at `path`. `renames` maps their column names to our fields; other columns are ignored. What
    is left out (a title above the header, a report's feet) is told to `note`.

    Raises ImportProblem, with file and line, for a column or cell of `needed` that is missing (an empty value means:
    not rated), a row of the wrong length, and a file without rows. UsageError for a field that we do not have.
    """
    table = open_table(path, FIELDS, needed, renames or {})
    for left in table.left_out:
        note(left)
    rows = []
    for number, cells in table:
        if isinstance(cells, ImportProblem):
            raise cells
        row = {field: cells[table.places[field]] if field in table.places else "" for field in FIELDS}
        empty = [field for field in needed if field != "value" and not row[field]]
        if empty:
            raise table.problem(number, f"{empty[0]} is empty", f"every row names {', '.join(needed)}")
        rows.append(RoundRow(line=number, **row))
    if not rows:
        raise table.problem(None, "there are no ratings", "the first line names the columns, each other one a rating")
    return rows


def rated_once(path: Path, rows: Sequence[RoundRow]) -> None:
    """Raises ImportProblem where a rater rated one criterion of one call of one round twice."""
    first: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        before = first.setdefault((row.round, row.call_id, row.rater, row.criterion), row.line)
        if before != row.line:
            what = f"{row.rater or 'this rater'} rated {row.criterion} of {row.call_id} already on line {before}"
            raise ImportProblem(str(path), row.line, what, "one rating each: delete one of the rows")


def _with_ids(rows: Sequence[RoundRow], names: Mapping[str, str]) -> list[RoundRow]:
    """The rows with the ids of calls that they name otherwise."""
    return [replace(row, call_id=names.get(row.call_id, row.call_id)) for row in rows]


def drafts_from_file(
    path: Path, round_: CalibrationRound, rater: str, rubric: Rubric, calls: dict[str, Call], note: Note = unsaid
) -> list[Draft]:
    """A rater's drafts from a CSV with call_id, criterion, value (also turn, quote, reason, rater). All or none."""
    every = read_round_rows(path, ("call_id", "criterion", "value"), note=note)
    rows = _with_ids([row for row in every if row.rater in ("", rater)], {c.alias: c.id for c in calls.values()})
    if not rows:
        raise ImportProblem(str(path), None, f"no row is by {rater}", "leave the column rater out, or name yourself")
    rated_once(path, rows)
    drafts = []
    for row in rows:
        if row.call_id not in round_.calls:
            raise ImportProblem(str(path), row.line, f"{row.call_id!r} is no call of round {round_.number}")
        judgement = _judgement(path, row, rubric, calls)
        if judgement is not None:
            drafts.append(Draft(call=row.call_id, criterion=row.criterion, judgement=judgement, reason=row.reason))
    return drafts


def _judgement(path: Path, row: RoundRow, rubric: Rubric, calls: dict[str, Call]) -> Judgement | None:
    """What the row says; None for an empty value. ImportProblem with its line for what does not fit."""
    criterion = rubric.criterion(row.criterion)
    if criterion is None:
        known = ", ".join(c.id for c in rubric.criteria)
        raise ImportProblem(
            str(path), row.line, f"{rubric.label} has no criterion {row.criterion!r}", f"it has {known}"
        )
    if not row.value:
        return None
    try:
        return human_judgement(criterion, calls[row.call_id], row.value, row.turn, row.quote)
    except InputError as error:
        raise ImportProblem(str(path), row.line, str(error)) from error


def finished_rounds(
    space: Workspace, path: Path, rubric: Rubric, renames: dict[str, str], only: str = "", note: Note = unsaid
) -> list[tuple[CalibrationRound, dict[str, list[Rating]]]]:
    """The finished rounds in a CSV, each with the final ratings of its raters; nothing is stored.

    ImportProblem for a row that does not fit, a round with fewer than two people, or a call that is not imported.
    """
    rows = read_round_rows(path, ("round", "call_id", "rater", "criterion", "value"), renames, note)
    rows = _with_ids(rows, space.store[Calls].known_as(row.call_id for row in rows))
    rated_once(path, rows)
    if only:
        labels = list(dict.fromkeys(row.round for row in rows))
        rows = [row for row in rows if row.round == only]
        if not rows:
            raise ImportProblem(str(path), None, f"there is no round {only!r}", f"its rounds are {', '.join(labels)}")
    by_round: dict[str, list[RoundRow]] = {}
    for row in rows:
        by_round.setdefault(row.round, []).append(row)
    calls = _known_calls(space, path, rows)
    number = space.store[Rounds].next_number()
    in_order = sorted(by_round.items(), key=_by_number)
    return [_finished(path, number + place, rubric, of_one, calls) for place, (_, of_one) in enumerate(in_order)]


def _by_number(labelled: tuple[str, list[RoundRow]]) -> tuple[int, str]:
    label = labelled[0]
    return (int(label) if label.isdecimal() else 0, label)


def _known_calls(space: Workspace, path: Path, rows: Sequence[RoundRow]) -> dict[str, Call]:
    calls = {call.id: call for call in space.store[Calls].all()}
    used = space.store[Rounds].used_calls()
    for row in rows:
        if row.call_id not in calls:
            hint = "import the calls first"
            raise ImportProblem(str(path), row.line, f"{row.call_id!r} is not in this workspace", hint)
        if row.call_id in used:
            what = f"{row.call_id} was in calibration round {used[row.call_id]} already"
            raise ImportProblem(str(path), row.line, what, "a call is rated in one round only")
    return calls


def _finished(
    path: Path, number: int, rubric: Rubric, rows: Sequence[RoundRow], calls: dict[str, Call]
) -> tuple[CalibrationRound, dict[str, list[Rating]]]:
    at, given = datetime.now(UTC), {row.rater: list[Rating]() for row in rows}
    people = [rater for rater in given if not is_model(rater)]
    if len(people) < 2:
        what = f"round {rows[0].round} has one person as a rater: {', '.join(people) or 'nobody'}"
        raise ImportProblem(str(path), rows[0].line, what, "a calibration round needs two or more")
    for row in rows:
        judgement = _judgement(path, row, rubric, calls)
        if judgement is not None:
            rating = Rating(
                call=row.call_id,
                criterion=row.criterion,
                rater=row.rater,
                judgement=judgement,
                reason=row.reason,
                provenance=Provenance(rubric=rubric.id),
                at=at,
            )
            given[row.rater].append(rating)
    round_ = CalibrationRound(
        number=number,
        rubric=rubric.id,
        raters=tuple(given),
        calls=tuple(sorted({row.call_id for row in rows})),
        opened_at=at,
        source=f"{path.name}, round {rows[0].round}",
    )
    return round_, given
