"""What a calibration round shows: verdicts, the calls that split the raters, who is lenient, how the model does.

Everything here counts; nothing asks a model. Verdicts rest on what people submitted blind: corrections, adjudications
and the model's ratings never enter them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from agent.calibration.model import Adjudication, CalibrationRound
from agent.core.people import is_model
from agent.core.statistic import Estimate, Statistic
from agent.ratings.agreement_table import criterion_table
from agent.ratings.model import Failed, Judgement, Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.stats.leniency import differences, drift, leniency, mean_by_call
from agent.stats.reliability import Reliability, Thresholds, judge, least_calls_to_pass

ADJUDICATED = "adjudicated"


@dataclass(frozen=True)
class RatedRound:
    """A round with the rubric it used and everything that was submitted in it."""

    round: CalibrationRound
    rubric: Rubric
    ratings: Sequence[Rating]
    adjudications: Mapping[tuple[str, str], Adjudication]

    def by(self, criterion: str, *, people: bool) -> dict[tuple[str, str], Rating]:
        """Ratings of one criterion by (call, rater): those of people, or those of models."""
        return {
            (r.call, r.rater): r
            for r in self.ratings
            if r.criterion == criterion and is_model(r.rater) is not people and r.call in self.round.calls
        }


@dataclass(frozen=True)
class Split:
    """One call on which people differed, with all their ratings and what was decided, if it was."""

    call: str
    ratings: tuple[Rating, ...]
    distance: float
    adjudication: Adjudication | None


@dataclass(frozen=True)
class ModelReliability:
    """The model against what people agreed on, on the same scale of verdicts.

    `undecided` calls are left out: people differed and nobody adjudicated. `failed` ratings of the model are missing.
    """

    reliability: Reliability
    undecided: int
    failed: int


@dataclass(frozen=True)
class CriterionReport:
    """One criterion in one round. `leniency` is in points, by rater."""

    criterion: Criterion
    reliability: Reliability
    splits: tuple[Split, ...]
    leniency: Mapping[str, Statistic]
    model: ModelReliability | None
    next_step: str

    @property
    def disagreement(self) -> float:
        """1 - agreement, for ranking; below all others where nothing could be computed."""
        found = self.reliability.agreement
        return 1 - found.value if isinstance(found, Estimate) else -1.0


@dataclass(frozen=True)
class RaterReport:
    """One rater over all criteria, in shares of each scale's range. `drift` compares with the rater's last round."""

    rater: str
    leniency: Statistic
    drift: Statistic


@dataclass(frozen=True)
class RoundReport:
    """A round's results, criteria with most disagreement first."""

    round: CalibrationRound
    rubric: Rubric
    criteria: tuple[CriterionReport, ...]
    raters: tuple[RaterReport, ...]
    calls_next: int  # the fewest calls with which a next round can pass every criterion


def round_report(rated: RatedRound, all_rounds: Sequence[RatedRound], thresholds: Thresholds) -> RoundReport:
    """The report on `rated`; `all_rounds` are those that count, itself among them, for counting rounds and for drift."""
    before = [other for other in all_rounds if other.round.number < rated.round.number]
    criteria = [
        _criterion(rated, criterion, tried(criterion.id, rated.round.number, all_rounds), thresholds)
        for criterion in rated.rubric.criteria
    ]
    criteria.sort(key=lambda found: (-found.disagreement, found.criterion.id))
    raters = tuple(_rater(rater, rated, before) for rater in rated.round.people)
    looks = max(found.reliability.round for found in criteria)
    return RoundReport(rated.round, rated.rubric, tuple(criteria), raters, least_calls_to_pass(thresholds, looks + 1))


def tried(criterion: str, number: int, rounds: Sequence[RatedRound]) -> int:
    """How many rounds up to that number put the criterion to raters, whatever its wording: each was one more look."""
    return max(1, sum(r.round.number <= number and r.rubric.criterion(criterion) is not None for r in rounds))


def people_reliability(rated: RatedRound, criterion: Criterion, number: int, thresholds: Thresholds) -> Reliability:
    """The verdict on one criterion from what people submitted; `number` counts the looks at it so far."""
    found = {cell: r.judgement for cell, r in rated.by(criterion.id, people=True).items()}
    return judge(criterion_table(criterion, found), criterion.scale, thresholds, round_number=number)


def _criterion(rated: RatedRound, criterion: Criterion, number: int, thresholds: Thresholds) -> CriterionReport:
    reliability = people_reliability(rated, criterion, number, thresholds)
    by_rater = _differences(rated, criterion)
    return CriterionReport(
        criterion=criterion,
        reliability=reliability,
        splits=splits(rated, criterion),
        leniency={rater: leniency(list(found.values())) for rater, found in by_rater.items()},
        model=_model(rated, criterion, number, thresholds),
        next_step=next_step(reliability, least_calls_to_pass(thresholds, number + 1)),
    )


def splits(rated: RatedRound, criterion: Criterion) -> tuple[Split, ...]:
    """Calls on which people's judgements differ at all, the furthest apart first."""
    by_call: dict[str, list[Rating]] = {}
    for (call, _), rating in sorted(rated.by(criterion.id, people=True).items()):
        by_call.setdefault(call, []).append(rating)
    found = [
        Split(call, tuple(ratings), distance, rated.adjudications.get((call, criterion.id)))
        for call, ratings in by_call.items()
        if (distance := _distance(criterion, [r.judgement for r in ratings])) > 0
    ]
    return tuple(sorted(found, key=lambda split: (-split.distance, split.call)))


def _distance(criterion: Criterion, judgements: Sequence[Judgement]) -> float:
    """Points between the lowest and the highest level; a level against "does not apply" is the whole range apart."""
    kept = [j for j in judgements if not isinstance(j, Failed)]
    values = [j.value for j in kept if isinstance(j, Rated)]
    if values and len(values) < len(kept):
        return float(criterion.scale.span)
    return float(max(values) - min(values)) if values else 0.0


def _differences(rated: RatedRound, criterion: Criterion) -> dict[str, dict[str, float]]:
    """For each person and call: level minus the mean of the other people's, in points."""
    found = {cell: r.judgement for cell, r in rated.by(criterion.id, people=True).items()}
    if not found:
        return {rater: {} for rater in rated.round.people}
    table = criterion_table(criterion, found)
    calls, raters = sorted({call for call, _ in found}), sorted({rater for _, rater in found})
    return {
        rater: {c: float(d) for c, d in zip(calls, differences(table, column), strict=True) if not np.isnan(d)}
        for column, rater in enumerate(raters)
    }


def _overall(rated: RatedRound, rater: str) -> dict[str, float]:
    """One number a call: the rater's difference to the others as a share of the scale's range, over criteria."""
    return mean_by_call(
        [
            {call: d / c.scale.span for call, d in _differences(rated, c).get(rater, {}).items()}
            for c in rated.rubric.criteria
        ]
    )


def _rater(rater: str, rated: RatedRound, before: Sequence[RatedRound]) -> RaterReport:
    now = list(_overall(rated, rater).values())
    last = next((r for r in reversed(before) if rater in r.round.submitted), None)
    earlier = list(_overall(last, rater).values()) if last else []
    return RaterReport(rater, leniency(now), drift(now, earlier))


def settled(rated: RatedRound, criterion: Criterion) -> tuple[dict[str, Judgement], int]:
    """What people agreed on by call, where need be by adjudication, and how many calls are left undecided."""
    by_call: dict[str, list[Judgement]] = {}
    for (call, _), rating in rated.by(criterion.id, people=True).items():
        if not isinstance(rating.judgement, Failed):
            by_call.setdefault(call, []).append(rating.judgement)
    agreed: dict[str, Judgement] = {}
    undecided = 0
    for call, judgements in by_call.items():
        decision = rated.adjudications.get((call, criterion.id))
        if decision is not None:
            agreed[call] = decision.judgement
        elif len(judgements) >= 2 and all(_same(a, b) for a, b in pairwise(judgements)):
            agreed[call] = judgements[0]
        else:
            undecided += 1
    return agreed, undecided


def _same(first: Judgement, second: Judgement) -> bool:
    return first.status == second.status and getattr(first, "value", None) == getattr(second, "value", None)


def _model(rated: RatedRound, criterion: Criterion, number: int, thresholds: Thresholds) -> ModelReliability | None:
    given = rated.by(criterion.id, people=False)
    if not given:
        return None
    agreed, undecided = settled(rated, criterion)
    judgements: dict[tuple[str, str], Judgement] = {(call, ADJUDICATED): found for call, found in agreed.items()}
    judgements |= {cell: rating.judgement for cell, rating in given.items()}
    table = criterion_table(criterion, judgements)
    return ModelReliability(
        judge(table, criterion.scale, thresholds, round_number=number),
        undecided,
        sum(isinstance(rating.judgement, Failed) for rating in given.values()),
    )


def next_step(reliability: Reliability, calls: int) -> str:
    """What to do about one criterion now, in one sentence; with fewer than `calls` the next round cannot pass it."""
    match reliability.verdict:
        case "passed":
            return "nothing: it is calibrated"
        case "provisional":
            return f"rate {calls} or more new calls, some that show it and some that do not"
        case "no information":
            return f"have two raters rate more calls, {calls} or more"
        case "failed":
            return "talk through the calls that split you, settle them, sharpen the wording, rate new calls"


@dataclass(frozen=True)
class Standing:
    """Where one criterion stands: the verdict that counts and its round; None where its wording was never rated.

    `rounds` counts all rounds that put a criterion of this id to raters, whatever its wording was then.
    """

    criterion: Criterion
    reliability: Reliability | None
    round: int | None
    rounds: int

    @property
    def passed(self) -> bool:
        """Whether it is calibrated."""
        return self.reliability is not None and self.reliability.verdict == "passed"

    @property
    def short(self) -> str:
        """What is missing, in one line; empty if nothing is."""
        if self.reliability is None:
            tried_before = f"; {self.rounds} round(s) rated an earlier wording" if self.rounds else ""
            return f"{self.criterion.id}: no round has rated this wording{tried_before}"
        if self.passed:
            return ""
        why = "; ".join(self.reliability.reasons)
        return f"{self.criterion.id}: {self.reliability.verdict} in round {self.round}: {why}"


def standings(rubric: Rubric, rounds: Sequence[RatedRound], thresholds: Thresholds) -> list[Standing]:
    """One standing a criterion, in the rubric's order. `rounds` are those that count, oldest first.

    A round counts for a criterion if it rated exactly this wording, in whatever rubric, so that sharpening one
    criterion does not reopen the others. The last round decides, except that `passed` holds until a later round fails:
    a later round with few calls is no evidence against it. The error of all looks together stays bounded either way
    (`agent/stats/reliability.py`).
    """
    return [_standing(criterion, rounds, thresholds) for criterion in rubric.criteria]


def _standing(criterion: Criterion, rounds: Sequence[RatedRound], thresholds: Thresholds) -> Standing:
    looks = sum(r.rubric.criterion(criterion.id) is not None for r in rounds)
    found: Reliability | None = None
    number: int | None = None
    for rated in rounds:
        if not _same_wording(rated.rubric.criterion(criterion.id), criterion):
            continue
        look = tried(criterion.id, rated.round.number, rounds)
        latest = people_reliability(rated, criterion, look, thresholds)
        if found is None or found.verdict != "passed" or latest.verdict in ("passed", "failed"):
            found, number = latest, rated.round.number
    return Standing(criterion, found, number, looks)


def _same_wording(rated: Criterion | None, criterion: Criterion) -> bool:
    """Whether raters saw the same: weight, stage and history do not change how a call is rated."""
    unseen = {"flaws", "weight", "stage", "scale_reason", "pattern", "direction"}
    return rated is not None and rated.model_dump(exclude=unseen) == criterion.model_dump(exclude=unseen)
