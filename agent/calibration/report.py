"""What a calibration round shows: verdicts, the calls that split the raters, who is lenient, how the model does.

Everything here counts; nothing asks a model. Verdicts rest on what people submitted blind: corrections, adjudications
and the model's ratings never enter them. All rounds on an unchanged wording of a criterion are judged together, by the
rule of agent/stats/calibration.py; once it has passed, the few calls of ongoing calibration are followed by
agent/stats/ongoing.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from agent.calibration.model import SETTLED_VALUES, Adjudication, CalibrationRound
from agent.core.figures import of_them
from agent.core.language import _, ngettext, retold
from agent.core.people import is_model
from agent.core.statistic import Statistic
from agent.ratings.agreement_table import criterion_table
from agent.ratings.model import Failed, Judgement, Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.stats.calibration import (
    Calibration,
    CalibrationRule,
    CalibrationVerdict,
    agreeing_shares,
    attainable_shares,
    calls_to_pass,
    error_over,
    judge,
    pooled,
    round_size,
)
from agent.stats.leniency import differences, drift, leniency, mean_by_call
from agent.stats.ongoing import Drift
from agent.stats.ongoing import drift as drift_of
from agent.stats.rating_table import RatingTable

CriterionVerdict = CalibrationVerdict | Literal["fell"]

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
        return dict(self._given.get((criterion, people), {}))

    @cached_property
    def _given(self) -> dict[tuple[str, bool], dict[tuple[str, str], Rating]]:
        given: dict[tuple[str, bool], dict[tuple[str, str], Rating]] = {}
        calls = set(self.round.calls)
        for one in self.ratings:
            if one.call in calls:
                given.setdefault((one.criterion, not is_model(one.rater)), {})[one.call, one.rater] = one
        return given


@dataclass(frozen=True)
class Split:
    """One call on which people differed, with all their ratings and what was decided, if it was."""

    call: str
    ratings: tuple[Rating, ...]
    distance: float
    adjudication: Adjudication | None

    def renamed(self, names: Mapping[str, str]) -> "Split":
        """The same with other names of raters."""
        ratings = tuple(
            one.model_copy(update={"rater": names.get(one.rater, one.rater), "named": one.id}) for one in self.ratings
        )
        decided = self.adjudication
        if decided is not None:
            decided = decided.model_copy(update={"by": names.get(decided.by, _("another person who calibrates"))})
        return replace(self, ratings=ratings, adjudication=decided)


@dataclass(frozen=True)
class ModelAgreement:
    """The model against what people agreed on, judged as people are, over all rounds on this wording.

    `undecided` calls are left out: people differed and nobody adjudicated. `failed` ratings of the model are missing.
    """

    calibration: Calibration
    undecided: int
    failed: int


@dataclass(frozen=True)
class CriterionState:
    """Where one criterion stands after all its rounds on the present wording.

    `calibration` is None where this wording was never rated. `drift` follows the calls of ongoing calibration since it
    passed. `round` is the last round that rated it, `wordings` how many wordings of it were tried, `held` the raters
    there were. `look_at` are the calls on which people disagree; on `same` of the others all gave the same level.
    """

    criterion: Criterion
    calibration: Calibration | None
    drift: Drift | None
    round: int | None
    rounds: int
    wordings: int
    look_at: tuple[str, ...]
    rule: CalibrationRule
    same: int = 0

    @property
    def verdict(self) -> CriterionVerdict:
        """What holds now; what fell in ongoing calibration stays so until it is reworded."""
        if self.drift is not None and self.drift.verdict == "fell":
            return "fell"
        return "no information" if self.calibration is None else self.calibration.verdict

    @property
    def passed(self) -> bool:
        """Whether it is calibrated."""
        return self.verdict == "passed"

    @property
    def calls(self) -> int:
        """Calls of this wording that two people or more judged."""
        return self.calibration.looks[-1].calls if self.calibration else 0

    @property
    def agreeing(self) -> int:
        """Calls of those on which no two raters are further apart than `tolerance`."""
        return self.calls - len(self.look_at)

    @property
    def tolerance(self) -> int:
        """How many levels two ratings may be apart and still agree."""
        return self.rule.tolerance[self.criterion.scale]

    @property
    def counted(self) -> str:
        """As a manager reads it: "7 of 8 calls agree", "15 of 16 calls within one level, 11 the same"."""
        return agreement_words(self.agreeing, self.same, self.calls, self.tolerance)

    @property
    def means(self) -> str:
        """What "agree" means where it is not the same level; else empty."""
        if not self.tolerance:
            return ""
        return ngettext(
            "Two ratings agree here if they are at most {n} level apart; {same} got the same level from all.",
            "Two ratings agree here if they are at most {n} levels apart; {same} got the same level from all.",
            self.tolerance,
            n=self.tolerance,
            same=of_them(self.same, self.calls, "call"),
        )

    @property
    def more_calls(self) -> int:
        """The fewest calls more with which it can pass; 0 where it has passed or can pass only under a new wording."""
        if self.verdict in ("passed", "fell", "failed"):
            return 0
        scale, calibration = self.criterion.scale, self.calibration
        looks, raters = (calibration.looks, max(2, calibration.raters)) if calibration else ((), 2)
        levels = len(self.criterion.levels)
        return calls_to_pass(levels, self.rule.tolerance[scale], raters, self.rule, looks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is short, a sentence each; empty if it has passed."""
        if self.verdict == "fell":
            return (_("so many disagreements since it passed hardly happen to raters who still agree"),)
        if self.calibration is None:
            if not self.wordings:
                return (_("no round has rated this wording"),)
            return (
                ngettext(
                    "no round has rated this wording; {n} earlier wording was rated",
                    "no round has rated this wording; {n} earlier wordings were rated",
                    self.wordings,
                    n=self.wordings,
                ),
            )
        return tuple(map(retold, self.calibration.reasons))

    @property
    def short(self) -> str:
        """What is missing, in one line; empty if nothing is."""
        if self.passed:
            return ""
        verdict = "" if self.calibration is None else f"{self.verdict} after round {self.round}: "
        return f"{self.criterion.id}: {verdict}{'; '.join(self.reasons)}"

    @property
    def error(self) -> float:
        """How likely raters who agree on 75 % only pass on one of the wordings tried."""
        return error_over(max(1, self.wordings), self.rule)

    @property
    def next_step(self) -> str:
        """What to do about it now, in one sentence."""
        match self.verdict:
            case "passed":
                return _("nothing, it is calibrated")
            case "provisional":
                return ngettext(
                    "rate {n} new call or more, some that show it and some that do not",
                    "rate {n} new calls or more, some that show it and some that do not",
                    self.more_calls,
                    n=self.more_calls,
                )
            case "not there yet":
                return _("look at these calls and settle them, then rate new calls with the wording as it is")
            case "no information":
                return ngettext(
                    "have two raters rate {n} call or more",
                    "have two raters rate {n} calls or more",
                    self.more_calls,
                    n=self.more_calls,
                )
            case "fell":
                return _("talk through the latest calls that split you, sharpen the wording, calibrate again")
            case "failed":
                return _("talk through the calls that split you, settle them, sharpen the wording, rate new calls")


@dataclass(frozen=True)
class CriterionReport:
    """One criterion as it stood after one round. On `agreeing` of `judged` calls of this round people agree, on `same`
    of them they gave the same level. `leniency` is in points, by rater."""

    state: CriterionState
    judged: int
    agreeing: int
    same: int
    splits: tuple[Split, ...]
    leniency: Mapping[str, Statistic]
    model: ModelAgreement | None

    @property
    def criterion(self) -> Criterion:
        """The criterion as it was rated."""
        return self.state.criterion

    @property
    def counted(self) -> str:
        """This round, as `CriterionState.counted` says it of all."""
        return agreement_words(self.agreeing, self.same, self.judged, self.state.tolerance)

    @property
    def group(self) -> Literal["passed", "agree", "differ"]:
        """Where a round's page puts it: passed; raters agree but on too few calls; raters read it differently."""
        if self.state.passed:
            return "passed"
        return "agree" if self.state.verdict in ("provisional", "no information") else "differ"

    def renamed(self, names: Mapping[str, str]) -> "CriterionReport":
        """The same with other names of raters."""
        return replace(
            self,
            splits=tuple(split.renamed(names) for split in self.splits),
            leniency={names.get(rater, rater): found for rater, found in self.leniency.items()},
        )


@dataclass(frozen=True)
class RaterReport:
    """One rater over all criteria, in shares of each scale's range. `drift` compares with the rater's last round.
    `met`: how many of `compared` ratings are the reference's, where the round has one."""

    rater: str
    leniency: Statistic
    drift: Statistic
    met: int = 0
    compared: int = 0


@dataclass(frozen=True)
class RoundReport:
    """A round's results, criteria with most disagreement first."""

    round: CalibrationRound
    rubric: Rubric
    criteria: tuple[CriterionReport, ...]
    raters: tuple[RaterReport, ...]
    calls_next: int  # how many calls a next round should have
    reference: str = ""  # whose ratings raters are measured against
    named: bool = True  # whether it tells who gave which rating
    last: int = 0  # the newest round that counts, where this one is older
    passed_now: int = 0  # how many criteria have passed after that one, as this round worded them

    def renamed(self, names: Mapping[str, str]) -> "RoundReport":
        """The same with other names of raters."""
        return replace(
            self,
            criteria=tuple(one.renamed(names) for one in self.criteria),
            raters=tuple(replace(one, rater=names.get(one.rater, one.rater)) for one in self.raters),
            reference=names.get(self.reference, self.reference),
            named=False,
        )

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many criteria passed, agree on too few calls, are read differently."""
        groups = [one.group for one in self.criteria]
        return groups.count("passed"), groups.count("agree"), groups.count("differ")

    @property
    def sentence(self) -> str:
        """The round in one sentence, the same for everybody who may see it."""
        passed, agree, differ = self.counts
        parts = [_("{passed} of {criteria} criteria have passed", passed=passed, criteria=len(self.criteria))]
        parts += [_("on {agree} you agree, but on too few calls", agree=agree)] if agree else []
        read = ngettext("{n} is read differently", "{n} are read differently", differ, n=differ)
        parts += [read] if differ else []
        said = "; ".join(parts)
        if not self.last:
            return said
        return _(
            "At the end of this round: {said}. Now, after round {last}, {passed} of {criteria} "
            "have passed in this wording",
            said=said,
            last=self.last,
            passed=self.passed_now,
            criteria=len(self.criteria),
        )


def round_report(rated: RatedRound, all_rounds: Sequence[RatedRound], rule: CalibrationRule) -> RoundReport:
    """The report on `rated`, as it stood at its end; `all_rounds` are those that count, oldest first, itself among
    them. Of later ones it says how many criteria have passed since."""
    up_to = [other for other in all_rounds if other.round.number <= rated.round.number]
    criteria = [_criterion(rated, criterion, up_to, rule) for criterion in rated.rubric.criteria]
    criteria.sort(key=lambda one: _most_split_first(one.judged, one.agreeing, one.criterion))
    raters = tuple(_rater(rater, rated, up_to[:-1]) for rater in rated.round.people)
    wanted = calls_wanted([c.state for c in criteria])
    report = RoundReport(rated.round, rated.rubric, tuple(criteria), raters, wanted, rated.round.reference)
    if len(up_to) == len(all_rounds):
        return report
    now = criterion_states(rated.rubric, all_rounds, rule)
    return replace(report, last=all_rounds[-1].round.number, passed_now=sum(one.passed for one in now), calls_next=0)


def most_split_first(rated: RatedRound, rule: CalibrationRule) -> list[Criterion]:
    """The criteria in the order of the round's report: those with most disagreement first."""
    return sorted(
        rated.rubric.criteria,
        key=lambda criterion: _most_split_first(*_agreement(rated, criterion, rule)[:2], criterion),
    )


def _most_split_first(judged: int, agreeing: int, criterion: Criterion) -> tuple[float, str]:
    return (agreeing / judged if judged else 2, criterion.id)


def agreement_words(agreeing: int, same: int, calls: int, tolerance: int) -> str:
    """On how many calls people agree; where neighbouring levels count as that, also on how
    many they gave the same one."""
    if not calls:
        return _("no call yet")
    part = of_them(agreeing, calls, "call")
    if not tolerance:
        return _("{part} agree", part=part)
    if tolerance == 1:
        return _("{part} within one level, {same} the same", part=part, same=same)
    return _("{part} within {tolerance} levels, {same} the same", part=part, tolerance=tolerance, same=same)


def _agreement(rated: RatedRound, criterion: Criterion, rule: CalibrationRule) -> tuple[int, int, int]:
    """How many calls of the round were judged by two people or more, on how many of those they agree, and on how
    many all gave the same level."""
    if not (given := rated.by(criterion.id, people=True)):
        return 0, 0, 0
    table = _table(criterion, given)
    judged = int((agreeing_shares(table, 0) >= 0).sum())
    return judged, _agreed(table, rule.tolerance[criterion.scale]), _agreed(table, 0)


def _agreed(table: RatingTable, tolerance: int) -> int:
    """Calls on which no two ratings are further apart than `tolerance`."""
    return int((agreeing_shares(table, tolerance) > 1 - 1e-9).sum())


def calls_wanted(states: Sequence[CriterionState]) -> int:
    """How many calls a next round should have, so that what has not passed can pass within the plan."""
    open_ones = [state for state in states if not state.passed]
    if not open_ones:
        return 0
    held = min(0 if state.verdict in ("failed", "fell") else state.calls for state in open_ones)
    return round_size(held, open_ones[0].rule)


def criterion_state(criterion: Criterion, rounds: Sequence[RatedRound], rule: CalibrationRule) -> CriterionState:
    """Where `criterion` stands. `rounds` are those that count, oldest first.

    A round counts if it rated exactly this wording, in whatever rubric, so that sharpening one criterion does not
    reopen the others. Calls of ongoing calibration count like others until it has passed; after that a few calls a week
    would be a look each, so they are followed by a rule of their own.
    """
    wordings = list[Criterion]()
    on_this: list[tuple[RatedRound, RatingTable]] = []
    for rated in rounds:
        as_rated = rated.rubric.criterion(criterion.id)
        given = rated.by(criterion.id, people=True)
        if as_rated is None or not given:
            continue
        if not any(_same_wording(as_rated, known) for known in wordings):
            wordings.append(as_rated)
        if _same_wording(as_rated, criterion):
            on_this.append((rated, _table(criterion, given)))
    if not on_this:
        return CriterionState(criterion, None, None, None, 0, len(wordings), (), rule)
    points = rule.tolerance[criterion.scale]
    calibration, since = judge([table for _, table in on_this], points, rule), list[RatingTable]()
    counted = on_this
    if calibration.passed_after is not None:
        later = on_this[calibration.passed_after :]
        since = [table for rated, table in later if rated.round.ongoing]
        counted = on_this[: calibration.passed_after] + [one for one in later if not one[0].round.ongoing]
    if since:
        calibration = judge([table for _, table in counted], points, rule)
    calls = [call for rated, _ in counted for call in sorted({c for c, _ in rated.by(criterion.id, people=True)})]
    return CriterionState(
        criterion=criterion,
        calibration=calibration,
        drift=_drift(since, points, rule) if calibration.passed_after is not None else None,
        round=on_this[-1][0].round.number,
        rounds=len(on_this),
        wordings=len(wordings),
        look_at=tuple(calls[place] for place in calibration.look_at),
        rule=rule,
        same=sum(_agreed(table, 0) for _rated, table in counted),
    )


def criterion_states(rubric: Rubric, rounds: Sequence[RatedRound], rule: CalibrationRule) -> list[CriterionState]:
    """Where each criterion stands, in the rubric's order. `rounds` are those that count, oldest first."""
    return [criterion_state(criterion, rounds, rule) for criterion in rubric.criteria]


def _table(criterion: Criterion, given: Mapping[tuple[str, str], Rating]) -> RatingTable:
    return criterion_table(criterion, {cell: rating.judgement for cell, rating in given.items()})


def _drift(since: Sequence[RatingTable], points: int, rule: CalibrationRule) -> Drift | None:
    """After the last round; of what fell, after the round in which it did: later raters do not take that back."""
    found = None
    for number in range(1, len(since) + 1):
        table = pooled(since[:number])
        shares = agreeing_shares(table, points)
        found = drift_of([float(s) for s in shares if s >= 0], attainable_shares(table, points)[0], rule.ongoing)
        if found.verdict == "fell":
            return found
    return found


def _criterion(
    rated: RatedRound, criterion: Criterion, up_to: Sequence[RatedRound], rule: CalibrationRule
) -> CriterionReport:
    by_rater = _differences(rated, criterion)
    judged, agreeing, same = _agreement(rated, criterion, rule)
    return CriterionReport(
        state=criterion_state(criterion, up_to, rule),
        judged=judged,
        agreeing=agreeing,
        same=same,
        splits=splits(rated, criterion),
        leniency={rater: leniency(list(found.values())) for rater, found in by_rater.items()},
        model=_model(up_to, criterion, rule),
    )


def splits(rated: RatedRound, criterion: Criterion) -> tuple[Split, ...]:
    """Calls on which people's judgements differ at all, the furthest apart first."""
    by_call: dict[str, list[Rating]] = {}
    for (call, _rater), rating in sorted(rated.by(criterion.id, people=True).items()):
        by_call.setdefault(call, []).append(rating)
    splits = [
        Split(call, tuple(ratings), distance, rated.adjudications.get((call, criterion.id)))
        for call, ratings in by_call.items()
        if (distance := _distance(criterion, [r.judgement for r in ratings])) > 0
    ]
    return tuple(sorted(splits, key=lambda split: (-split.distance, split.call)))


def _distance(criterion: Criterion, judgements: Sequence[Judgement]) -> float:
    """Points between the lowest and the highest level; a level against "does not apply" is the whole range apart."""
    kept = [j for j in judgements if not isinstance(j, Failed)]
    values = [j.value for j in kept if isinstance(j, Rated)]
    if values and len(values) < len(kept):
        return float(criterion.scale.span)
    return float(max(values) - min(values)) if values else 0.0


def _differences(rated: RatedRound, criterion: Criterion) -> dict[str, dict[str, float]]:
    """For each person and call: level minus the mean of the other people's, in points."""
    judgements = {cell: r.judgement for cell, r in rated.by(criterion.id, people=True).items()}
    if not judgements:
        return {rater: {} for rater in rated.round.people}
    table = criterion_table(criterion, judgements)
    calls, raters = sorted({call for call, _ in judgements}), sorted({rater for _, rater in judgements})
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
    return RaterReport(rater, leniency(now), drift(now, earlier), *_against(rated, rater))


def _against(rated: RatedRound, rater: str) -> tuple[int, int]:
    """How many of a rater's ratings are the reference's, of those places for which there is a reference."""
    reference, met, compared = rated.round.reference, 0, 0
    if reference in ("", rater):
        return 0, 0
    for criterion in rated.rubric.criteria:
        given = rated.by(criterion.id, people=True)
        wanted = (
            settled(rated, criterion)[0]
            if reference == SETTLED_VALUES
            else {call: rating.judgement for (call, name), rating in given.items() if name == reference}
        )
        for (call, name), rating in given.items():
            if name == rater and call in wanted:
                compared += 1
                met += _same(rating.judgement, wanted[call])
    return met, compared


def settled(rated: RatedRound, criterion: Criterion) -> tuple[dict[str, Judgement], int]:
    """What people agreed on by call, where need be by adjudication, and how many calls are left undecided."""
    by_call: dict[str, list[Judgement]] = {}
    for (call, _rater), rating in rated.by(criterion.id, people=True).items():
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
    return first.status == second.status and first.value == second.value


def _model(up_to: Sequence[RatedRound], criterion: Criterion, rule: CalibrationRule) -> ModelAgreement | None:
    if not up_to[-1].by(criterion.id, people=False):
        return None
    tables, undecided, failed = [], 0, 0
    for rated in up_to:
        given = rated.by(criterion.id, people=False)
        if not given or not _same_wording(rated.rubric.criterion(criterion.id), criterion):
            continue
        agreed, left = settled(rated, criterion)
        judgements: dict[tuple[str, str], Judgement] = {(call, ADJUDICATED): found for call, found in agreed.items()}
        judgements |= {(call, "model"): rating.judgement for (call, _rater), rating in given.items()}
        tables.append(criterion_table(criterion, judgements))
        undecided += left
        failed += sum(isinstance(rating.judgement, Failed) for rating in given.values())
    return ModelAgreement(judge(tables, rule.tolerance[criterion.scale], rule), undecided, failed)


def _same_wording(rated: Criterion | None, criterion: Criterion) -> bool:
    """Whether raters saw the same: weight, stage and history do not change how a call is rated."""
    unseen = {"flaws", "weight", "stage", "scale_reason", "pattern", "direction", "only_in"}
    return rated is not None and rated.model_dump(exclude=unseen) == criterion.model_dump(exclude=unseen)
