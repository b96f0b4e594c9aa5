"""What calibration rounds hold once they are no longer blind, and how each criterion of a rubric does after all of them."""

from __future__ import annotations

from agent.calibration.model import CalibrationRound
from agent.calibration.report import (
    CriterionState,
    RatedRound,
    RoundReport,
    Split,
    criterion_states,
    round_report,
    splits,
)
from agent.calibration.store import Rounds
from agent.core.errors import Advice, GateClosed
from agent.core.people import Scope
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace


def rated_round(space: Workspace, found: CalibrationRound, viewer: str | None = "") -> RatedRound:
    """A round that is no longer blind, with all that was submitted in it. GateClosed while it is blind.

    The look is noted in the round's log as that of `viewer`; not where that is None, for what shows no rating.
    """
    if found.blind:
        raise GateClosed(
            f"round {found.number} is blind until {', '.join(found.waiting)} submitted",
            advice=Advice(command=f"calibrate status {found.number}", page=f"/calibration/{found.number}"),
        )
    store = space.store
    ratings = store[Ratings].of_round(found.id, viewer=viewer or "", logged=viewer is not None).ratings
    return RatedRound(found, store[Rubrics].get(found.rubric), ratings, store[Rounds].adjudications(found))


def rater_names(scope: Scope, found: CalibrationRound) -> dict[str, str]:
    """How the raters of a round are called for somebody to whom their names are not told ("rater 1"); empty for its raters
    and for ops leads: who gave which rating is between them."""
    if scope.local or scope.may_run or scope.name in found.people:
        return {}
    return {name: f"rater {place}" for place, name in enumerate(found.people, start=1)}


def counting_rounds(space: Workspace, viewer: str | None = "", up_to: int | None = None) -> list[RatedRound]:
    """All rounds that gave a result, oldest first; up to that number if it is given."""
    return [
        rated_round(space, found, viewer)
        for found in space.store[Rounds].all()
        if found.counts and (up_to is None or found.number <= up_to)
    ]


def report_of(space: Workspace, reference: str, viewer: str | None = "") -> RoundReport:
    """The report on a round. GateClosed while it is blind, and where it was given up too early."""
    return compared(space, space.store[Rounds].get(reference), viewer)[1]


def compared(space: Workspace, found: CalibrationRound, viewer: str | None = "") -> tuple[RatedRound, RoundReport]:
    """A round with all that was submitted in it, and the report on it: one look at its ratings for both."""
    if not found.blind and not found.counts:
        submitted = sum(rater in found.submitted for rater in found.people)
        raise GateClosed(f"round {found.number} was given up when {submitted} of its people had submitted: no result")
    if found.blind:
        rated_round(space, found)  # says for whom it waits
    rounds = counting_rounds(space, viewer, found.number)
    report, names = round_report(rounds[-1], rounds, space.calibration_rule), rater_names(space.store.scope, found)
    return rounds[-1], report.renamed(names) if names else report


def calibration_reports(space: Workspace) -> list[RoundReport]:
    """The report of each round that gave a result, oldest first."""
    rounds = counting_rounds(space)
    return [round_report(rated, rounds, space.calibration_rule) for rated in rounds]


def open_splits(rated: RatedRound) -> dict[str, list[Split]]:
    """By criterion, the calls that split the raters and that nobody has settled; criteria without any are left out."""
    found = {c.id: [s for s in splits(rated, c) if s.adjudication is None] for c in rated.rubric.criteria}
    return {criterion: left for criterion, left in found.items() if left}


def current_states(space: Workspace, rubric: Rubric, viewer: str | None = "") -> list[CriterionState]:
    """Where each criterion of `rubric` stands after all rounds."""
    return criterion_states(rubric, counting_rounds(space, viewer), space.calibration_rule)


def newest_version(space: Workspace, rubric: Rubric) -> Rubric:
    """The last stored rubric with all criteria of `rubric`, in whatever wording; `rubric` itself where none came later.

    Versions are not linked to each other: rubrics of another origin have other criteria.
    """
    ids = {criterion.id for criterion in rubric.criteria}
    stored = [one.rubric for one in space.store[Rubrics].all()]
    places = [place for place, one in enumerate(stored) if one.id == rubric.id]
    later = stored[places[0] :] if places else []
    return next((one for one in reversed(later) if ids <= {c.id for c in one.criteria}), rubric)
