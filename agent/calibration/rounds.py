"""What calibration rounds hold once they are no longer blind, and how each criterion of a
rubric does after all of them."""

from collections.abc import Sequence
from typing import cast

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
from agent.core.language import _
from agent.core.people import Scope
from agent.ratings.model import Rating
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace


def rated_round(space: Workspace, round_: CalibrationRound, viewer: str = "") -> RatedRound:
    """A round that is no longer blind, with all that was submitted in it. GateClosed while it is blind.

    The look is noted in the round's log as that of `viewer`.
    """
    if round_.blind:
        raise GateClosed(
            f"round {round_.number} is blind until {', '.join(round_.waiting)} submitted",
            advice=Advice(command=f"calibrate status {round_.number}", page=f"/calibration/{round_.number}"),
        )
    store = space.store
    ratings = store[Ratings].of_round(round_.id, viewer=viewer).ratings
    return RatedRound(round_, store[Rubrics].get(round_.rubric), ratings, store[Rounds].adjudications(round_))


def rater_names(scope: Scope, round_: CalibrationRound) -> dict[str, str]:
    """How the raters of a round are called for somebody to whom their names are not told ("rater 1"); empty for its
    raters and for ops leads: who gave which rating is between them."""
    if scope.local or scope.may_run or scope.name in round_.people:
        return {}
    return {name: _("rater {place}", place=place) for place, name in enumerate(round_.people, start=1)}


def counted_rounds(space: Workspace, rounds: Sequence[CalibrationRound]) -> list[RatedRound]:
    """Those of the rounds that gave a result, for what counts and shows no rating: without
    words and reasons, and no look."""
    store, chosen = space.store, [one for one in rounds if one.counts]
    said = store[Ratings].said_in_rounds([one.id for one in chosen])
    return [
        RatedRound(
            one, store[Rubrics].get(one.rubric), cast(list[Rating], said[one.id]), store[Rounds].adjudications(one)
        )
        for one in chosen
    ]


def counting_rounds(space: Workspace, viewer: str = "", up_to: int | None = None) -> list[RatedRound]:
    """All rounds that gave a result, oldest first; up to that number if it is given."""
    return [
        rated_round(space, round_, viewer)
        for round_ in space.store[Rounds].all()
        if round_.counts and (up_to is None or round_.number <= up_to)
    ]


def report_of(space: Workspace, reference: str, viewer: str = "") -> RoundReport:
    """The report on a round. GateClosed while it is blind, and where it was given up too early."""
    return compared(space, space.store[Rounds].get(reference), viewer)[1]


def compared(space: Workspace, round_: CalibrationRound, viewer: str = "") -> tuple[RatedRound, RoundReport]:
    """A round with all that was submitted in it, and the report on it: one look at its ratings for both."""
    if not round_.blind and not round_.counts:
        submitted = sum(rater in round_.submitted for rater in round_.people)
        raise GateClosed(f"round {round_.number} was given up when {submitted} of its people had submitted: no result")
    if round_.blind:
        rated_round(space, round_)  # says for whom it waits
    rounds = counting_rounds(space, viewer, round_.number)
    later = counted_rounds(space, [one for one in space.store[Rounds].all() if one.number > round_.number])
    report = round_report(rounds[-1], [*rounds, *later], space.calibration_rule)
    names, own = rater_names(space.store.scope, round_), space.store.scope.name
    return rounds[-1], report.renamed(names | {own: own}) if names else report


def calibration_reports(space: Workspace) -> list[RoundReport]:
    """The report of each round that gave a result, oldest first."""
    rounds = counting_rounds(space)
    return [round_report(rated, rounds, space.calibration_rule) for rated in rounds]


def open_splits(rated: RatedRound) -> dict[str, list[Split]]:
    """By criterion, the calls that split the raters and that nobody has settled; criteria without any are left out."""
    unsettled = {c.id: [s for s in splits(rated, c) if s.adjudication is None] for c in rated.rubric.criteria}
    return {criterion: left for criterion, left in unsettled.items() if left}


def current_states(space: Workspace, rubric: Rubric, viewer: str = "") -> list[CriterionState]:
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
