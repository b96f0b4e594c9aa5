"""Does a criterion still tell won deals from lost ones after it was coached, or do scores only follow what is rewarded?

A behavior that is scored is learned, also as a form without its sense. Then scores rise while the link with winning
fades. Two things are read for each criterion: the link of a deal's score with its outcome among deals from before
coaching and among later ones, within each rep (so a rep who sells better and scores better adds nothing), and how many
showings are near copies of the rubric's examples or of each other. The links decide; the copies only say why.

`still tells`: the later link alone is sure. `fading`: scores have risen and the link has surely become weaker. Both
allow for all criteria (Holm, 5 %). Everything else is `cannot tell`. The intervals shown are those that decide: the low
end of the later link, the low end of the rise, the high end of the link's change.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.deal_model import WithinFit, fit_within
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.movement_tests import mean_over_reps
from agent.stats.multiplicity import holm, own_error
from agent.stats.weights import DealScores

FloatArray = NDArray[np.float64]
TellingVerdict = Literal["still tells", "fading", "cannot tell"]

STEP = 0.1  # odds ratios are for a tenth of the scale
SHINGLE = 3  # words in a row
COPIED = 0.5  # of a quote's runs of three words
LINK = "odds ratio of winning per tenth of the scale, over deals within reps; logistic, t"
CHANGE = "the later odds ratio as a part of the earlier one; t, the high end allowing for all criteria (Holm)"
RISE = "mean rise over reps, part of the scale; t over reps"

WHAT_TO_DO: dict[TellingVerdict, str] = {
    "still tells": N_("keep it"),
    "fading": N_("retire it or reword it for what the words are for, and ask the buyers again what decided"),
    "cannot tell": N_("keep scoring; more decided deals will tell"),
}


class TellingRules(Frozen):
    """`error` is the error over all criteria together; `min_deals` is how many decided deals each period needs."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    error: float = Field(default=0.05, gt=0, lt=0.5)
    min_deals: int = Field(default=100, ge=20)


class Wins(Frozen):
    """Deals won of those decided: of deals that showed the behavior in at least half of their scored calls, and of
    the others."""

    won_with: int
    with_it: int
    won_without: int
    without: int

    @property
    def words(self) -> str:
        """ "12 of 40 with it, 5 of 30 without"."""
        said = N_("{a} of {with_it} with it, {b} of {without} without")
        return said.format(a=self.won_with, with_it=self.with_it, b=self.won_without, without=self.without)


class Telling(Frozen):
    """One criterion. `wins_before` and `wins_after` are plain counts in the two periods. `before` and `after` are odds
    ratios of winning in the two periods (better being higher), `change` the later one as a part of the earlier (below
    1: weaker), `rise` how much reps' mean score rose, `copies` the share of showings that are near copies where quotes
    were given. `still tells`: `after` lies above 1. `fading`: `rise` lies above 0 and `change` below 1."""

    criterion: str
    wins_before: Wins = Field(description="Before coaching on it began.")
    wins_after: Wins = Field(description="Since.")
    before: Statistic
    after: Statistic
    change: Statistic
    rise: Statistic
    copies: Statistic
    p_still: float = Field(ge=0, le=1)
    p_weaker: float = Field(ge=0, le=1)
    verdict: TellingVerdict


@dataclass(frozen=True)
class _Links:
    before: WithinFit | Undefined
    after: WithinFit | Undefined

    def p_still(self) -> float:
        return _p_above(self.after, 0.0, 0.0)

    def p_weaker(self) -> float:
        """One-sided p of the hypothesis that the link did not become weaker."""
        if isinstance(self.before, Undefined) or isinstance(self.after, Undefined):
            return 1.0
        return _p_above(self.before, float(self.after.slope[0]), self.after.error(0))

    def change(self, confidence: float, own_error: float) -> Statistic:
        """The later odds ratio divided by the earlier one. Its high end is computed at `own_error` and decides
        `fading`."""
        if isinstance(self.before, Undefined):
            return self.before
        if isinstance(self.after, Undefined):
            return self.after
        slope = float(self.after.slope[0] - self.before.slope[0])
        error = float(np.hypot(self.before.error(0), self.after.error(0)))
        low, high = (
            slope - _reach(self.before, (1 - confidence) / 2) * error,
            slope + _reach(self.before, own_error) * error,
        )
        return _ratio(slope, low, high, self.before.groups, confidence, CHANGE)


def telling(deals: DealScores, after: BoolArray, rules: TellingRules, copies: Sequence[Statistic]) -> list[Telling]:
    """The result for each criterion. `after` (deals, criteria) marks deals opened after coaching on it began;
    `copies` has one share for each criterion."""
    links, rises, whole = [], [], np.broadcast_to(after, deals.known.shape)
    for at, measure in enumerate(deals.measures):
        known, after = deals.known[:, at], whole[:, at]
        score = deals.score[:, at] if measure.direction > 0 else 1 - deals.score[:, at]
        links.append(_Links(*(_link_of_deals(deals, score, known & period, rules) for period in (~after, after))))
        rises.append(_rise_of_scores(deals, score, known, after, measure, rules))
    p_still, p_weaker = [link.p_still() for link in links], [link.p_weaker() for link in links]
    still, weaker = holm(p_still).tolist(), holm(p_weaker).tolist()
    of_still = own_error(p_still, still, rules.error).tolist()
    of_weaker = own_error(p_weaker, weaker, rules.error).tolist()
    result = []
    for at, measure in enumerate(deals.measures):
        rise, after_ = rises[at], _odds_ratio(links[at].after, rules.confidence, of_still[at])
        change = links[at].change(rules.confidence, of_weaker[at])
        fading = _beyond(rise, 0) > 0 and _beyond(change, 1) < 0
        verdict: TellingVerdict = "fading" if fading else "still tells" if _beyond(after_, 1) > 0 else "cannot tell"
        result.append(
            Telling(
                criterion=measure.id,
                wins_before=_wins(deals, at, ~whole[:, at]),
                wins_after=_wins(deals, at, whole[:, at]),
                before=_odds_ratio(links[at].before, rules.confidence),
                after=after_,
                change=change,
                rise=rise,
                copies=copies[at],
                p_still=still[at],
                p_weaker=weaker[at],
                verdict=verdict,
            )
        )
    return result


def _wins(deals: DealScores, at: int, period: BoolArray) -> Wins:
    known, won = deals.known[:, at] & period, np.asarray(deals.won)
    with_it, without = known & (deals.score[:, at] >= 0.5), known & (deals.score[:, at] < 0.5)
    return Wins(
        won_with=int((won & with_it).sum()),
        with_it=int(with_it.sum()),
        won_without=int((won & without).sum()),
        without=int(without.sum()),
    )


def near_copies(quotes: Sequence[str], examples: Sequence[str] = ()) -> Statistic:
    """The share of quotes that are near copies of an example or of another quote: at least half of their runs of
    three words also stand there. Quotes of fewer than three words tell nothing and are left out."""
    own = [shingles for quote in quotes if (shingles := _shingles(quote))]
    if not own:
        return Undefined(undefined=N_("no quote of three words or more"), n=0)
    where: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, shingles in enumerate([*own, *map(_shingles, examples)]):
        for shingle in shingles:
            where[shingle].add(number)
    copied = 0
    for number, shingles in enumerate(own):
        shared: dict[int, int] = defaultdict(int)
        for shingle in shingles:
            for other in where[shingle]:
                shared[other] += other != number
        copied += max(shared.values(), default=0) >= COPIED * len(shingles)
    return Estimate(value=copied / len(own), n=len(own), method="quotes that are near copies; runs of three words")


def _shingles(quote: str) -> set[tuple[str, ...]]:
    words = "".join(c.lower() if c.isalnum() else " " for c in quote).split()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


def _link_of_deals(deals: DealScores, score: FloatArray, used: BoolArray, rules: TellingRules) -> WithinFit | Undefined:
    n = int(used.sum())
    if n < rules.min_deals:
        return Undefined(
            undefined=N_("{n} decided deals with scores; {needed} are needed").format(n=n, needed=rules.min_deals), n=n
        )
    won = np.asarray(deals.won)[used].astype(np.int64)
    return fit_within(won, np.ones(n, dtype=np.int64), score[used, None] / STEP, np.asarray(deals.rep)[used])


def _rise_of_scores(
    deals: DealScores, score: FloatArray, known: BoolArray, after: BoolArray, measure: Measure, rules: TellingRules
) -> Statistic:
    rep, reps = np.asarray(deals.rep), int(np.max(deals.rep, initial=-1)) + 1
    means, there = np.zeros((2, reps)), np.ones(reps, dtype=bool)
    for at, period in enumerate((~after, after)):
        n: IntArray = np.bincount(rep[known & period], minlength=reps)
        means[at] = np.bincount(rep[known & period], score[known & period], reps) / np.maximum(n, 1)
        there &= n > 0
    if there.sum() < 2:
        return Undefined(undefined=N_("fewer than two reps with scored deals in both times"), n=int(there.sum()))
    return mean_over_reps((means[1] - means[0])[there], 1, rules.confidence, RISE)


def _p_above(fit: WithinFit | Undefined, value: float, error: float) -> float:
    """One-sided p of the hypothesis that the slope is not above `value`, which has the standard error `error`."""
    if isinstance(fit, Undefined):
        return 1.0
    return float(scipy.special.stdtr(fit.freedom, -(float(fit.slope[0]) - value) / np.hypot(fit.error(0), error)))


def _beyond(statistic: Statistic, mark: float) -> int:
    """1 if the whole interval lies above the mark, -1 if it lies below, else 0."""
    if not isinstance(statistic, Estimate) or statistic.low is None or statistic.high is None:
        return 0
    return int(statistic.low > mark) - int(statistic.high < mark)


def _reach(fit: WithinFit, error: float) -> float:
    """How many standard errors away the end lies that is wrong in `error` of cases."""
    return -float(scipy.special.stdtrit(fit.freedom, error))


def _odds_ratio(fit: WithinFit | Undefined, confidence: float, low_error: float | None = None) -> Statistic:
    """The odds ratio with its interval; the low end is computed at `low_error` if that decides something."""
    if isinstance(fit, Undefined):
        return fit
    slope, side = float(fit.slope[0]), (1 - confidence) / 2
    low = slope - _reach(fit, side if low_error is None else low_error) * fit.error(0)
    return _ratio(slope, low, slope + _reach(fit, side) * fit.error(0), fit.groups, confidence, LINK)


def _ratio(slope: float, low: float, high: float, n: int, confidence: float, method: str) -> Statistic:
    value, low, high = np.exp([slope, low, high]).tolist()
    return Estimate(value=value, n=n, low=low, high=high, confidence=confidence, method=method)
