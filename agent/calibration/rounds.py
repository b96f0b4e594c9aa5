"""What a calibration round holds, once it is no longer blind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.calibration.store import Rounds
from agent.core.errors import GateClosed, UsageError
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.model import CalibrationRound
    from agent.calibration.report import RatedRound, RoundReport
    from agent.rubrics.model import Criterion, Rubric
    from agent.workspace import Workspace


def rated_round(space: Workspace, found: CalibrationRound, viewer: str = "") -> RatedRound:
    """A round that is no longer blind, with all that was submitted in it. GateClosed while it is blind."""
    from agent.calibration.report import RatedRound

    if found.blind:
        raise GateClosed(
            f"round {found.number} is blind until {', '.join(found.waiting)} submitted; "
            f"see: closeread calibrate status {found.number}"
        )
    store = space.store
    ratings = store[Ratings].of_round(found.id, viewer=viewer).ratings
    return RatedRound(found, store[Rubrics].get(found.rubric), ratings, store[Rounds].adjudications(found))


def counting_rounds(space: Workspace, viewer: str = "", up_to: int | None = None) -> list[RatedRound]:
    """All rounds that gave a result, oldest first; up to that number if it is given."""
    return [
        rated_round(space, found, viewer)
        for found in space.store[Rounds].all()
        if found.counts and (up_to is None or found.number <= up_to)
    ]


def report_of(space: Workspace, reference: str, viewer: str = "") -> RoundReport:
    """The report on a round. GateClosed while it is blind, and where it was given up too early."""
    from agent.calibration.report import round_report

    found = space.store[Rounds].get(reference)
    if not found.blind and not found.counts:
        submitted = sum(rater in found.submitted for rater in found.people)
        raise GateClosed(f"round {found.number} was given up when {submitted} of its people had submitted: no result")
    rounds = [] if found.blind else counting_rounds(space, viewer, found.number)
    return round_report(rounds[-1] if rounds else rated_round(space, found), rounds, space.thresholds)


def compared(space: Workspace, found: CalibrationRound, viewer: str = "") -> tuple[RatedRound, RoundReport]:
    """A round that counts with all that was submitted in it, and the report on it: one look at its ratings for both."""
    from agent.calibration.report import round_report

    rounds = counting_rounds(space, viewer, found.number)
    return rounds[-1], round_report(rounds[-1], rounds, space.thresholds)


def criterion_of(rubric: Rubric, ident: str) -> Criterion:
    """The criterion of that id. UsageError names those there are."""
    found = rubric.criterion(ident)
    if found is None:
        known = ", ".join(c.id for c in rubric.criteria)
        raise UsageError(f"{rubric.label} has no criterion {ident!r}; it has {known}")
    return found


def calibration_reports(space: Workspace) -> list[RoundReport]:
    """The report of each round that gave a result, oldest first."""
    from agent.calibration.report import round_report
    from agent.calibration.rounds import counting_rounds

    rounds = counting_rounds(space)
    return [round_report(rated, rounds, space.thresholds) for rated in rounds]
