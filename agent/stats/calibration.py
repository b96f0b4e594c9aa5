"""The verdict on one criterion after its calibration rounds, and what a round can achieve before it is held.

All calls rated since the criterion's wording last changed are judged together. `passed` needs, at the end of a round:

1. enough agreement to rule out a true agreement of 75 %. The test is exact and sequential (`sequential`): after n of N
   planned calls at most 0.05 * (n/N)^3 of the error may be spent (three raters and more tell more on each call and may
   spend it evenly, 0.05 * n/N). Two raters with three rounds of 8: 16 of 16 calls, or 22 of 24. Three raters on a
   yes/no criterion: 14 of 16 calls unanimous, or 20 of 24.
2. agreement beyond chance: Krippendorff's alpha of .40 or more by value, and two calls on each half of the scale on
   which all raters agree. Raters who guess independently pass in at most 0.5 % (docs/method/verdicts.md).

`failed` is said only where an agreement of 95 % is ruled out (1 % a look). In between, `provisional` has reached 85 %
by value and is not confirmed yet; `not there yet` has not. What has passed stays so unless a later round rules out 95
%. Every look is judged by what the calls up to it could show: a later round by other raters, a skipped rating or a
"does not apply" takes nothing back. Where it changes the shares that a call can have, the looks from then on have only
the error that no earlier look could spend. The error of 5 % holds for each wording; `error_over` says what it adds up
to over several. The range of agreement that is shown is the one that decides: it lies above 75 % where enough calls
agree, and below 95 % where too few do. The tables of false alarms and of power are in docs/method/verdicts.md.
"""

from collections.abc import Mapping, Sequence
from math import comb, lcm
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.scale import Scale, completed_with
from agent.core.statistic import Estimate, Statistic, Undefined, percent
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.plain import applies_agreement, share_of_units
from agent.stats.ongoing import OngoingRule
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, RatingTable
from agent.stats.sequential import (
    FloatArray,
    Shares,
    chance_to_pass,
    enough,
    highest_mean,
    lowest_mean,
    tail,
    too_little,
)

CalibrationVerdict = Literal["passed", "provisional", "not there yet", "failed", "no information"]
_NAMES = N_("passed"), N_("provisional"), N_("not there yet"), N_("failed"), N_("no information"), N_("fell")

_ROUNDING = 1e-9


Points = Annotated[int, Field(ge=0)]


class CalibrationRule(Frozen):
    """What a criterion must reach. Values and their reasons stand in config/calibration.yaml.

    `planned_calls` are the calls of all rounds on one wording together, fixed before the first of them. `tolerance` is
    by scale: how far apart two ratings may be and still agree, where it is not what the scale itself says.
    """

    reached: float = Field(default=0.85, gt=0, le=1)
    ruled_out: float = Field(default=0.75, gt=0, lt=1)
    error: float = Field(default=0.05, gt=0, lt=0.5)
    planned_calls: int = Field(default=24, ge=2)
    aim: float = Field(default=0.95, gt=0, lt=1)
    failing_error: float = Field(default=0.01, gt=0, lt=0.5)
    chance_corrected: float = Field(default=0.40, ge=-1, lt=1)
    each_half: int = Field(default=2, ge=0)
    least_calls: int = Field(default=5, ge=2)
    tolerance: Annotated[dict[Scale, Points], completed_with(lambda scale: scale.tolerance)] = Field(
        default_factory=dict, validate_default=True
    )
    ongoing: OngoingRule = OngoingRule()

    @model_validator(mode="before")
    @classmethod
    def _not_the_rule_before(cls, given: Any) -> Any:
        old = [key for key in ("planned_rounds", "floor") if isinstance(given, Mapping) and key in given]
        if old:
            raise ValueError(
                f"{' and '.join(old)} belonged to the rule that judged every round alone; delete "
                f"{'it' if len(old) == 1 else 'them'}: the rounds on one wording add up now (planned_calls)"
            )
        # Files of before may say how often alpha was drawn again; it counts by its value now.
        return {k: v for k, v in given.items() if k != "resamples"} if isinstance(given, Mapping) else given

    def allowed(self, calls: int, raters: int) -> float:
        """The part of `error`, 0 to `error`, that may be spent by the time that many calls are judged."""
        return float(self.error * min(1.0, calls / self.planned_calls) ** (3 if raters == 2 else 1))


class Look(Frozen):
    """The state at the end of one round, over all calls of this wording so far. Numbers are calls, as in `Prospect`.

    `share` is the mean share of agreeing pairs. `reached`: at least `needed` calls agree. `ruled_out`: so few calls
    agree (`fails_at` or fewer) that the raters' true agreement cannot be the 95 % aimed at.
    """

    calls: int
    share: float
    agreeing: float
    needed: float | None
    reached: bool
    fails_at: float | None
    ruled_out: bool


class Calibration(Frozen):
    """The verdict on one criterion with all that it rests on.

    `agreement` is the share of pairs of ratings that agree over all calls of this wording, with the range that decides
    (see `_range`), `chance_corrected` alpha on the levels, which counts by its value, `applies` the agreement on
    whether the criterion applies. `reasons` says what is short, a sentence each; empty if passed. `look_at` are the
    places of the calls (rows of all rounds, one after the other) on which raters disagree. `passed_after`: so many
    rounds it took to pass first; None if it never did.
    """

    verdict: CalibrationVerdict
    reasons: tuple[str, ...]
    agreement: Statistic
    chance_corrected: Statistic
    applies: Statistic
    looks: tuple[Look, ...]
    raters: int
    look_at: tuple[int, ...]
    passed_after: int | None


class Prospect(Frozen):
    """What can be said once `calls` calls of one wording are judged, those of rounds held before included.

    All raters must agree on `needed` of them to pass; with `in_parts` a call counts by the share of pairs that
    agree on it, and `needed` is their sum; None if all are not enough. `passed_by_then` is the probability that
    raters who truly agree on `truth` of pairs have passed, or more (`sequential.chance_to_pass`). `fails_at`:
    so few agreeing show a problem.
    """

    calls: int
    needed: float | None
    passed_by_then: float
    truth: float
    fails_at: float | None
    in_parts: bool


def judge(rounds: Sequence[RatingTable], tolerance: int, rule: CalibrationRule) -> Calibration:
    """The verdict on one criterion from its rounds on the present wording, oldest first, of independent ratings.

    Two levels agree if at most `tolerance` points apart. A level against "does not apply" is a disagreement: otherwise
    raters could lift their agreement by dropping hard calls. Two "does not apply" are no pair. ValueError without
    rounds or with rounds on different levels.
    """
    table = pooled(rounds)
    shares = agreeing_shares(table, tolerance)
    raters = int(np.any((table.codes >= 0) | (table.codes == NOT_APPLICABLE), axis=0).sum())
    ends = np.cumsum([len(one.codes) for one in rounds])
    totals = [(int(judged.sum()), float(shares[:end][judged].sum())) for end in ends for judged in [shares[:end] >= 0]]
    attainable = tuple(attainable_shares(pooled(rounds[:number]), tolerance) for number in range(1, len(rounds) + 1))
    looks = _looks(totals, attainable, rule)
    verdict, reasons, passed_after = _verdict(rounds, looks, tolerance, rule)
    return Calibration(
        verdict=verdict,
        reasons=reasons,
        agreement=_range(totals[-1], *attainable[-1], looks[-1], rule),
        chance_corrected=krippendorff_alpha(table, None),
        applies=applies_agreement(table, None),
        looks=looks,
        raters=raters,
        look_at=tuple(int(at) for at in np.flatnonzero((shares >= 0) & (shares < 1 - _ROUNDING))),
        passed_after=passed_after,
    )


def prospects(
    calls_by_round: Sequence[int],
    levels: int,
    tolerance: int,
    raters: int,
    rule: CalibrationRule,
    truth: float = 0.95,
    held: Sequence[Look] = (),
) -> tuple[Prospect, ...]:
    """What each planned round can achieve, given how many calls each has and what the
    rounds `held` on this wording gave.

    Not part of it is that two agreed calls on each half of the scale are needed: draw calls half and half.
    """
    shares = Shares.of_scale(levels, tolerance, raters)
    begun = tuple(dict.fromkeys(look.calls for look in held if look.calls))
    so_far = (begun[-1], shares.floor(held[-1].share * held[-1].calls)) if begun else (0, 0)
    ahead = tuple(so_far[0] + int(calls) for calls in np.cumsum(calls_by_round))
    looks = (*begun, *ahead)
    allowed = tuple(rule.allowed(calls, raters) for calls in looks)
    needed = enough(shares, looks, rule.ruled_out, allowed)[len(begun) :]
    passing = chance_to_pass(shares, ahead, needed, truth, so_far)
    failing = too_little(shares, ahead, rule.aim, rule.failing_error)
    return tuple(
        Prospect(
            calls=calls,
            needed=None if least is None else _as_calls(shares, calls, least),
            passed_by_then=by_then,
            truth=truth,
            fails_at=None if most is None else _as_calls(shares, calls, most, up=False),
            in_parts=len(shares.values) > 2,
        )
        for calls, least, by_then, most in zip(ahead, needed, passing, failing, strict=True)
    )


def calls_to_pass(levels: int, tolerance: int, raters: int, rule: CalibrationRule, held: Sequence[Look] = ()) -> int:
    """The fewest further calls in one round on which all must agree to pass. 3 *
    `planned_calls` where more are needed."""
    agreeing, most = (held[-1].share * held[-1].calls if held else 0.0), 3 * rule.planned_calls
    shares = Shares.of_scale(levels, tolerance, raters)
    for calls in range(1, most):
        (one,) = prospects((calls,), levels, tolerance, raters, rule, held=held)
        if one.calls < rule.least_calls or one.needed is None:
            continue
        if _as_calls(shares, one.calls, shares.floor(agreeing + calls)) >= one.needed - _ROUNDING:
            return calls
    return most


def round_size(held: int, rule: CalibrationRule) -> int:
    """How many calls the next round should have: what is left of the plan, in rounds of at most 12 calls."""
    left = rule.planned_calls - held
    return 8 if left <= 0 else max(4, -(-left // -(-left // 12)))


def criterion_agreement(table: RatingTable, tolerance: int) -> Statistic:
    """Share of pairs of judgements that agree (see `judge`), with an exact interval over calls."""
    shares = agreeing_shares(table, tolerance)
    if not (shares >= 0).any():
        return Undefined(undefined=N_("no call was judged by two raters"), n=0)
    what = "equal judgements" if tolerance == 0 else f"judgements within {tolerance} point"
    return share_of_units(shares[shares >= 0], what, 0.95)


def error_over(wordings: int, rule: CalibrationRule) -> float:
    """The probability that raters who truly agree on only 75 % pass on at least one of `wordings` wordings."""
    return float(1 - (1 - rule.error) ** wordings)


def pooled(rounds: Sequence[RatingTable]) -> RatingTable:
    """All rounds as one table. Rows with fewer raters are filled up with empty columns; which rater stands in which
    column does not matter to agreement over all."""
    if not rounds:
        raise ValueError("there is no round to judge")
    if len({(one.levels, one.metric) for one in rounds}) > 1:
        raise ValueError("the rounds are on different scales")
    width = max(one.codes.shape[1] for one in rounds)
    filled = [np.pad(one.codes, ((0, 0), (0, width - one.codes.shape[1])), constant_values=MISSING) for one in rounds]
    return RatingTable(np.concatenate(filled), rounds[0].levels, rounds[0].metric)


def agreeing_shares(table: RatingTable, tolerance: int) -> FloatArray:
    """Each call's share of agreeing pairs of ratings (see `judge`), (calls,); -1 for a call without a pair."""
    counts = table.counts
    rated, not_applicable = counts.sum(axis=1), (table.codes == NOT_APPLICABLE).sum(axis=1)
    points = table.points
    close = np.abs(points[:, None] - points[None, :]) <= tolerance + _ROUNDING
    agreeing = (counts * (counts @ close.astype(float) - 1)).sum(axis=1) / 2
    pairs = rated * (rated - 1) / 2 + rated * not_applicable
    return np.asarray(np.divide(agreeing, pairs, out=np.full(len(pairs), -1.0), where=pairs > 0))


def on_each_half(table: RatingTable, tolerance: int) -> tuple[int, int]:
    """Calls on which all raters agree and stand in the lower half of the scale, and in the upper half."""
    counts, levels = table.counts, len(table.levels)
    agreed = agreeing_shares(table, tolerance) > 1 - _ROUNDING
    half = levels // 2
    low, high = counts[:, :half].sum(axis=1), counts[:, levels - half :].sum(axis=1)
    rated = counts.sum(axis=1)
    return int((agreed & (low == rated)).sum()), int((agreed & (high == rated)).sum())


def attainable_shares(table: RatingTable, tolerance: int) -> tuple[Shares, int]:
    """The shares of agreeing pairs that calls of this table could have, and the smallest number of judgements on a call
    with a pair.

    If "does not apply" was said, or calls have different numbers of judgements, any share of the common pairs is
    possible.
    """
    paired = agreeing_shares(table, tolerance) >= 0
    judged = ((table.codes >= 0) | (table.codes == NOT_APPLICABLE)).sum(axis=1)[paired]
    if not len(judged):
        return Shares(1, (0, 1)), 2
    numbers = sorted({int(number) for number in judged})
    if len(numbers) == 1 and not (table.codes == NOT_APPLICABLE).any():
        return Shares.of_scale(len(table.levels), tolerance, numbers[0]), numbers[0]
    rated = (table.codes >= 0).sum(axis=1)[paired]
    pairs = {comb(int(r), 2) + int(r) * (int(j) - int(r)) for r, j in zip(rated, judged, strict=True)}
    return Shares.any_of(lcm(*pairs)), numbers[0]


def _range(so_far: tuple[int, float], shares: Shares, raters: int, look: Look, rule: CalibrationRule) -> Statistic:
    """The share of pairs that agree, with the true shares that are still possible at the errors of this look. The
    range lies above `ruled_out` exactly if `needed` is met, and below `aim` exactly if `fails_at` is."""
    calls, total = so_far
    if not calls:
        return Undefined(undefined=N_("no call was judged by two raters"), n=0)
    least = None if look.needed is None else _units(shares, calls, look.needed)
    spent = rule.allowed(calls, raters) if least is None else tail(shares, calls, least, rule.ruled_out)
    value = total / calls
    return Estimate(
        value=value,
        n=calls,
        low=min(lowest_mean(shares, calls, shares.floor(total), spent), value),
        high=max(highest_mean(shares, calls, shares.ceil(total), rule.failing_error), value),
        confidence=1 - spent - rule.failing_error,
        method=f"pairs of judgements that agree; exact, at the errors of this look, over {calls} calls",
    )


def _looks(
    totals: Sequence[tuple[int, float]], attainable: Sequence[tuple[Shares, int]], rule: CalibrationRule
) -> tuple[Look, ...]:
    looks: list[Look] = []
    same: tuple[int, ...] = ()  # the looks so far since the shares that a call can have last changed
    before, spent = (Shares(1, (0, 1)), 2), 0.0
    for (calls, total), (shares, raters) in zip(totals, attainable, strict=True):
        if (shares, raters) != before:
            spent = max([spent, *(rule.allowed(one, before[1]) for one in same)])
            before, same = (shares, raters), ()
        needed = failing = None
        if calls:  # a round without a pair is no look
            same = tuple(dict.fromkeys((*same, calls)))
            allowed = tuple(max(rule.allowed(one, raters) - spent, 0.0) for one in same)
            needed = enough(shares, same, rule.ruled_out, allowed)[-1]
            failing = too_little(shares, (calls,), rule.aim, rule.failing_error)[0]
        looks.append(
            Look(
                calls=calls,
                share=total / calls if calls else 0.0,
                agreeing=_as_calls(shares, calls, shares.floor(total)),
                needed=None if needed is None else _as_calls(shares, calls, needed),
                reached=needed is not None and shares.floor(total) >= needed,
                fails_at=None if failing is None else _as_calls(shares, calls, failing, up=False),
                ruled_out=failing is not None and shares.ceil(total) <= failing,
            )
        )
    return tuple(looks)


def _verdict(
    rounds: Sequence[RatingTable], looks: Sequence[Look], tolerance: int, rule: CalibrationRule
) -> tuple[CalibrationVerdict, tuple[str, ...], int | None]:
    """The verdict, the reasons, and the round in which it passed first (None if never). Looks are judged in order:
    `passed` is kept once given, until a later round rules out 95 %."""
    verdict: CalibrationVerdict = "no information"
    reasons: tuple[str, ...] = ()
    passed_after = None
    for number, look in enumerate(looks, start=1):
        if look.ruled_out:
            verdict, reasons = "failed", (_ruled_out(look, rule),)
        elif verdict != "passed":
            verdict, reasons = _at_look(pooled(rounds[:number]), look, tolerance, rule)
            passed_after = number if verdict == "passed" and passed_after is None else passed_after
    return verdict, reasons, passed_after


def _at_look(
    table: RatingTable, look: Look, tolerance: int, rule: CalibrationRule
) -> tuple[CalibrationVerdict, tuple[str, ...]]:
    if look.calls == 0:
        return "no information", (N_("no call was judged by two raters"),)
    if look.calls < rule.least_calls:
        few = N_("{calls} call(s) judged by two raters; at least {least} are needed")
        return "no information", (few.format(calls=look.calls, least=rule.least_calls),)
    short = _short_of_bound(look, rule) + _short_of_chance(table, tolerance, rule)
    if look.share < rule.reached - _ROUNDING:
        return "not there yet", (
            N_("raters agree on {share} of {calls} calls; {reached} is needed").format(
                share=percent(look.share), calls=look.calls, reached=percent(rule.reached)
            ),
            *short,
        )
    return ("provisional" if short else "passed"), short


def _ruled_out(look: Look, rule: CalibrationRule) -> str:
    said = N_("raters agree on {share} of {calls} calls, too few for raters who truly agree on {aim}")
    return said.format(share=percent(look.share), calls=look.calls, aim=percent(rule.aim))


def _short_of_bound(look: Look, rule: CalibrationRule) -> tuple[str, ...]:
    if look.reached:
        return ()
    in_parts = max(abs(one - round(one)) for one in (look.agreeing, look.needed or 0)) > _ROUNDING
    if look.needed is None and in_parts:  # each counts by the share of pairs that agree on it
        said = N_(
            "agreement adds up to {n} of {calls} calls; so few calls cannot rule out that raters agree on {only} only"
        )
    elif look.needed is None:
        said = N_("{n} of {calls} calls agree; so few calls cannot rule out that raters agree on {only} only")
    elif in_parts:
        said = N_("agreement adds up to {n} of {calls} calls; {needed} would rule out that raters agree on {only} only")
    else:
        said = N_("{n} of {calls} calls agree; {needed} would rule out that raters agree on {only} only")
    needed = _number(look.needed or 0)
    return (said.format(n=_number(look.agreeing), calls=look.calls, needed=needed, only=percent(rule.ruled_out)),)


def _short_of_chance(table: RatingTable, tolerance: int, rule: CalibrationRule) -> tuple[str, ...]:
    sentences = []
    halves = (
        N_("{calls} call(s) that all raters put in the lower half of the scale; {each_half} are needed"),
        N_("{calls} call(s) that all raters put in the upper half of the scale; {each_half} are needed"),
    )
    for said, calls in zip(halves, on_each_half(table, tolerance), strict=True):
        if calls < rule.each_half:
            sentences.append(said.format(calls=calls, each_half=rule.each_half))
    match krippendorff_alpha(table, None):
        case Undefined(undefined=why):
            sentences.append(N_("agreement beyond chance cannot be computed: {why}").format(why=why))
        case Estimate(value=value) if value < rule.chance_corrected - _ROUNDING:
            short = N_("agreement beyond chance is {value} of 1; {needed} is needed")
            sentences.append(short.format(value=f"{value:.2f}", needed=f"{rule.chance_corrected:.2f}"))
    return tuple(sentences)


def _as_calls(shares: Shares, calls: int, units: int, up: bool = True) -> float:
    """A sum of shares (in units of 1/`unit`) as a number of agreeing calls if a call can have only two shares;
    otherwise the sum itself, in calls."""
    if len(shares.values) != 2:
        return units / shares.unit
    low, high = shares.values
    whole = (units - calls * low) / (high - low)
    return float(np.ceil(whole - _ROUNDING) if up else np.floor(whole + _ROUNDING))


def _units(shares: Shares, calls: int, agreeing: float) -> int:
    """The sum of shares, in units, of that many agreeing calls: the inverse of `_as_calls`."""
    if len(shares.values) != 2:
        return round(agreeing * shares.unit)
    low, high = shares.values
    return round(calls * low + agreeing * (high - low))


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < _ROUNDING else f"{value:.1f}"
