"""Drawing a rep's baseline calls so that nobody picks them."""

import hashlib
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.stats.frame import CallFrame
from agent.stats.rules import ProfileRules


class BaselineDraw(Frozen):
    """The calls a rep's baseline rests on and how they came about. `manual` marks a list that a person picked.

    The window is half-open: [start, end).
    """

    rep: str
    calls: tuple[str, ...]
    start: date
    end: date
    available: int = Field(ge=0)
    wanted: int = Field(ge=1)
    seed: int | None = None
    manual: bool = False

    @property
    def missing(self) -> int:
        """How many more calls would make the baseline more than provisional."""
        return max(self.wanted - len(self.calls), 0)

    @property
    def provisional(self) -> bool:
        """Whether the baseline rests on fewer calls than the rules ask for."""
        return self.missing > 0


def draw_baseline(calls: CallFrame, until: date, rules: ProfileRules, seed: int) -> tuple[BaselineDraw, ...]:
    """For every rep up to `max_calls` calls of the `window_days` days before `until`, all equally likely.

    Within a rep the calls are put in order by stage, at random within a stage, and every N/n-th is taken from a random
    start (systematic sampling): each call then has the same chance n/N, and each stage its share to within one call.
    The draw depends on the seed, the rep's name and the rep's calls, not on other reps nor on the order of the table.
    """
    start, end = until - timedelta(days=rules.window_days), until
    day = np.asarray(calls.day)
    inside = np.flatnonzero((day >= start.toordinal()) & (day < end.toordinal()))
    by_rep = inside[np.argsort(np.asarray(calls.rep)[inside], kind="stable")]
    cuts = np.searchsorted(np.asarray(calls.rep)[by_rep], np.arange(len(calls.reps) + 1))
    return tuple(
        BaselineDraw(
            rep=rep,
            calls=_spread(calls, by_rep[cuts[code] : cuts[code + 1]], rules.max_calls, _generator(seed, rep)),
            start=start,
            end=end,
            available=int(cuts[code + 1] - cuts[code]),
            wanted=rules.min_calls,
            seed=seed,
        )
        for code, rep in enumerate(calls.reps)
    )


def manual_baseline(
    calls: CallFrame, rep: str, picked: tuple[str, ...], until: date, rules: ProfileRules
) -> BaselineDraw:
    """A baseline of calls that a person picked, marked as such. Raises for calls of other reps or outside the
    window."""
    start, end = until - timedelta(days=rules.window_days), until
    code = {name: at for at, name in enumerate(calls.reps)}.get(rep)
    own = np.flatnonzero((np.asarray(calls.rep) == code) & (np.asarray(calls.day) < end.toordinal()))
    own = own[np.asarray(calls.day)[own] >= start.toordinal()]
    known = {calls.ids[int(at)] for at in own}
    strangers = sorted(set(picked) - known)
    if strangers:
        raise InputError(
            f"{strangers[0]} is not a call of {rep} from {start} to before {end}, outside "
            "coaching cycles; pick from those"
        )
    kept = tuple(sorted(set(picked)))
    return BaselineDraw(
        rep=rep, calls=kept, start=start, end=end, available=len(own), wanted=rules.min_calls, manual=True
    )


def _spread(calls: CallFrame, own: NDArray[np.int64], most: int, rng: np.random.Generator) -> tuple[str, ...]:
    """At most `most` of the calls at the positions `own`, spread over the stages; their ids, sorted."""
    ids = sorted((str(calls.ids[at]), str(calls.stages[calls.stage[at]])) for at in own)
    if len(ids) <= most:
        return tuple(call for call, _ in ids)
    shuffled = [ids[at] for at in rng.permutation(len(ids))]
    shuffled.sort(key=lambda pair: pair[1])  # stable: the random order stays within a stage
    # the last place can reach len(ids) only by rounding of the float sum
    places = np.minimum(np.floor((rng.random() + np.arange(most)) * len(ids) / most), len(ids) - 1)
    return tuple(sorted(shuffled[int(at)][0] for at in places))


def _generator(seed: int, rep: str) -> np.random.Generator:
    digest = hashlib.sha256(rep.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
