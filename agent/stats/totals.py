"""Weighted totals: one number a rep over all criteria, with an interval over calls and the weights' source."""

from collections.abc import Mapping

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.frame import BoolArray, RatingFrame

FloatArray = NDArray[np.float64]


class WeightSet(Frozen):
    """Weights by criterion id and where they come from ("rubric v2", "proposed from 640 deals, accepted by …").

    A negative weight is for a behavior to avoid: not showing it then scores.
    """

    weights: dict[str, float]
    source: str = Field(min_length=1)


class RepTotal(Frozen):
    """A rep's weighted total between 0 and 1. `left_out` names weighted criteria without a rated call."""

    rep: str
    total: Statistic
    left_out: tuple[str, ...]
    source: str


class TeamTotal(Frozen):
    """The mean of the reps' totals; each rep counts once."""

    total: Statistic
    source: str


def rep_totals(frame: RatingFrame, chosen: BoolArray, weights: WeightSet, confidence: float = 0.95) -> list[RepTotal]:
    """Totals over the calls marked in `chosen` (calls,).

    A rep's total is the weighted mean of the criterion means, each scaled to 0 to 1 and turned over where the weight
    is negative; criteria without ratings leave the sum and their weights with them. The standard error comes from what
    each call adds to the total (linearisation over calls, as ratings of one call hang together), the interval from t.
    """
    signed = _signed_weights(frame, weights.weights)
    kept = np.flatnonzero(chosen[frame.call] & (frame.slot >= 0) & (signed != 0)[frame.criterion])
    criterion = frame.criterion[kept].astype(np.int64)
    steps = np.array([m.scale.span for m in frame.measures], dtype=float)
    score = frame.slot[kept] / steps[criterion]
    score = np.where(signed[criterion] < 0, 1 - score, score)
    rep = frame.rep[kept].astype(np.int64)
    reps, criteria = len(frame.reps), len(frame.measures)
    cell = rep * criteria + criterion
    n = np.bincount(cell, minlength=reps * criteria)
    mean = np.bincount(cell, score, reps * criteria) / np.maximum(n, 1)
    held = np.where(n.reshape(reps, criteria) > 0, np.abs(signed), 0.0)
    sums = held.sum(axis=1)
    total = (held * mean.reshape(reps, criteria)).sum(axis=1) / np.where(sums > 0, sums, 1)
    pull = np.abs(signed)[criterion] * (score - mean[cell]) / n[cell] / sums[rep]
    # Standard error of the total, per rep: sqrt(k / (k - 1) times the sum of squared pulls of its k calls).
    ids, first, place = np.unique(frame.call[kept], return_index=True, return_inverse=True)
    owner = rep[first]
    calls = np.bincount(owner, minlength=reps)
    squares = np.bincount(owner, np.bincount(place, pull, len(ids)) ** 2, reps)
    error = np.sqrt(squares * calls / np.maximum(calls - 1, 1))
    missing = (n.reshape(reps, criteria) == 0) & (signed != 0)
    return [
        RepTotal(
            rep=name,
            total=_interval(float(total[at]), int(calls[at]), float(error[at]), confidence, "calls"),
            left_out=tuple(frame.measures[c].id for c in np.flatnonzero(missing[at])),
            source=weights.source,
        )
        for at, name in enumerate(frame.reps)
    ]


def team_total(totals: list[RepTotal], confidence: float = 0.95) -> TeamTotal:
    """The team's total with an interval over reps."""
    values = [t.total.value for t in totals if isinstance(t.total, Estimate)]
    source = totals[0].source if totals else "none"
    n = len(values)
    error = float(np.std(values, ddof=1)) / n**0.5 if n > 1 else 0.0
    return TeamTotal(total=_interval(float(np.mean(values)) if n else 0.0, n, error, confidence, "reps"), source=source)


def _signed_weights(frame: RatingFrame, weights: Mapping[str, float]) -> FloatArray:
    unknown = sorted(set(weights) - set(frame.criteria))
    if unknown:
        raise InputError(
            f"weight for {unknown[0]!r}, which is not a criterion here; known are {', '.join(frame.criteria)}"
        )
    signed = np.array([weights.get(m.id, 0.0) for m in frame.measures])
    if not np.isfinite(signed).all() or not signed.any():
        raise InputError("weights are finite numbers, and at least one is not 0")
    return signed


def _interval(value: float, n: int, error: float, confidence: float, units: str) -> Statistic:
    if n == 0:
        return Undefined(undefined=N_("nothing rated that has a weight"), n=0)
    method = f"weighted total, 0 to 1; t over {units}"
    if n < 2 or error == 0:
        why = f"interval withheld: {'one unit' if n < 2 else 'no spread'} over {units}"
        return Estimate(value=value, n=n, confidence=confidence, method=f"{method}; {why}")

    reach = -float(scipy.special.stdtrit(n - 1, (1 - confidence) / 2)) * error
    return Estimate(
        value=value,
        n=n,
        low=max(value - reach, 0.0),
        high=min(value + reach, 1.0),
        confidence=confidence,
        method=method,
    )
