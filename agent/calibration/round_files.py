"""Ratings of rounds out of CSV files: a rater's own, and finished rounds of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import ImportProblem, InputError

if TYPE_CHECKING:
    from agent.calibration.model import CalibrationRound, Draft
    from agent.calibration.round_file import RoundRow
    from agent.calls.model import Call
    from agent.ratings.model import Judgement, Rating
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


def drafts_from_file(
    path: Path, found: CalibrationRound, rater: str, rubric: Rubric, calls: dict[str, Call]
) -> list[Draft]:
    """A rater's drafts from a CSV with call_id, criterion, value (also turn, quote, reason, rater). All or none."""
    from agent.calibration.model import Draft
    from agent.calibration.round_file import rated_once, read_round_rows

    rows = [row for row in read_round_rows(path, ("call_id", "criterion", "value")) if row.rater in ("", rater)]
    if not rows:
        raise ImportProblem(str(path), None, f"no row is by {rater}", "leave the column rater out, or name yourself")
    rated_once(path, rows)
    drafts = []
    for row in rows:
        if row.call_id not in found.calls:
            raise ImportProblem(str(path), row.line, f"{row.call_id!r} is no call of round {found.number}")
        judgement = _judgement(path, row, rubric, calls)
        if judgement is not None:
            drafts.append(Draft(call=row.call_id, criterion=row.criterion, judgement=judgement, reason=row.reason))
    return drafts


def _judgement(path: Path, row: RoundRow, rubric: Rubric, calls: dict[str, Call]) -> Judgement | None:
    """What the row says; None for an empty value. ImportProblem with its line for what does not fit."""
    from agent.ratings.human import human_judgement

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


def import_rounds(space: Workspace, path: Path, rubric: Rubric, renames: dict[str, str]) -> list[CalibrationRound]:
    """The finished rounds in a CSV, stored as submitted. All rows are checked before the first round is stored.

    ImportProblem for a row that does not fit, a round with fewer than two people, or a call that is not imported.
    """
    from agent.calibration.round_file import rated_once, read_round_rows

    rows = read_round_rows(path, ("round", "call_id", "rater", "criterion", "value"), renames)
    rated_once(path, rows)
    by_round: dict[str, list[RoundRow]] = {}
    for row in rows:
        by_round.setdefault(row.round, []).append(row)
    calls = _known_calls(space, path, rows)
    number = space.store[Rounds].next_number()
    new = [
        _finished(path, number + place, rubric, found, calls)
        for place, (_, found) in enumerate(sorted(by_round.items(), key=_by_number))
    ]
    return [space.store[Rounds].open(found, given) for found, given in new]


def _by_number(labelled: tuple[str, list[RoundRow]]) -> tuple[int, str]:
    label = labelled[0]
    return (int(label) if label.isdecimal() else 0, label)


def _known_calls(space: Workspace, path: Path, rows: Sequence[RoundRow]) -> dict[str, Call]:
    calls = {call.id: call for call in space.store[Calls].all()}
    used = space.store[Rounds].used_calls()
    for row in rows:
        if row.call_id not in calls:
            hint = "import the calls first: closeread calls import DIRECTORY --manifest CSV"
            raise ImportProblem(str(path), row.line, f"{row.call_id!r} is not in this workspace", hint)
        if row.call_id in used:
            what = f"{row.call_id} was in calibration round {used[row.call_id]} already"
            raise ImportProblem(str(path), row.line, what, "a call is rated in one round only")
    return calls


def _finished(
    path: Path, number: int, rubric: Rubric, rows: Sequence[RoundRow], calls: dict[str, Call]
) -> tuple[CalibrationRound, dict[str, list[Rating]]]:
    from datetime import UTC, datetime

    from agent.calibration.model import CalibrationRound
    from agent.core.people import is_model
    from agent.ratings.model import Provenance, Rating

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
    found = CalibrationRound(
        number=number,
        rubric=rubric.id,
        raters=tuple(given),
        calls=tuple(sorted({row.call_id for row in rows})),
        opened_at=at,
        source=f"{path.name}, round {rows[0].round}",
    )
    return found, given
