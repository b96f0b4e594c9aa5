"""What a calibration round shows: verdicts, the calls that split the raters, who is lenient, how the model does.

Everything here counts; nothing asks a model. Verdicts rest on what people submitted blind: corrections, adjudications
and the model's ratings never enter them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from agent.calibration.model import Adjudication, CalibrationRound, is_model
from agent.core.statistic import Estimate, Statistic
from agent.ratings.model import Failed, Judgement, Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.stats.leniency import differences, drift, leniency, mean_by_call
from agent.stats.rating_table import criterion_table
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
        return float(criterion.levels[-1] - criterion.levels[0])
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
            {call: d / (c.levels[-1] - c.levels[0]) for call, d in _differences(rated, c).get(rater, {}).items()}
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


def commands(report: RoundReport) -> list[str]:
    """The commands for the next steps, each with what it does; none where everything has passed."""
    number, label = report.round.number, report.rubric.label
    verdicts = {found.reliability.verdict for found in report.criteria}
    lines = []
    if report.round.state != "closed" and any(found.splits for found in report.criteria):
        lines.append(f"closeread calibrate adjudicate {number}      # the differences, one by one")
    if "failed" in verdicts:
        lines.append(f"closeread calibrate sharpen {number}         # a sharper wording for what failed")
        label = "NEW-VERSION"
    if verdicts - {"passed"}:
        raters = ",".join(report.round.raters)
        lines.append(f"closeread calibrate open --rubric {label} --raters {raters} --pick {report.calls_next}")
    return lines or [f"closeread rubric deploy {label}"]
