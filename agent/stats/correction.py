"""Rates read by a model, corrected for the errors the model is known to make.

Rogan and Gladen 1978 (American Journal of Epidemiology 107:71-76): all it takes is the model's sensitivity and
specificity on an evaluation suite.
"""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined

FloatArray = NDArray[np.float64]

ROGAN_GLADEN = "share corrected for the rater's errors (Rogan-Gladen); bootstrap over calls and suite"


class ErrorCounts(Frozen):
    """How a model did on calls whose true rating is known: `present_found` of `present`, and `absent_left` of
    `absent`."""

    present_found: int = Field(ge=0)
    present: int = Field(ge=1)
    absent_left: int = Field(ge=0)
    absent: int = Field(ge=1)


def rogan_gladen(
    positives: int, n: int, errors: ErrorCounts, confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> Statistic:
    """The true rate behind `positives` of `n` model ratings: (rate + specificity - 1) /
    (sensitivity + specificity - 1).

    Undefined without calls, or where the interval of sensitivity + specificity - 1 reaches 0: such a model's ratings
    may carry nothing about the truth.
    """
    return corrected_rates(np.array([positives]), np.array([n]), errors, confidence, draws, seed)[0]


def corrected_rates(
    positives: NDArray[np.int64], n: NDArray[np.int64], errors: ErrorCounts, confidence: float, draws: int, seed: int
) -> list[Statistic]:
    """`rogan_gladen` for many groups of calls, all read by the same model. `positives` and `n` are (groups,).

    Calls and both parts of the suite are redrawn as binomials whose shares come from their Jeffreys posteriors, so that
    0 or all of n still leaves uncertainty; the interval holds the middle `confidence` of the corrected draws.
    """
    rng = np.random.default_rng(seed)
    sensitivity = _redrawn(rng, np.array(errors.present_found), np.array(errors.present), draws)
    specificity = _redrawn(rng, np.array(errors.absent_left), np.array(errors.absent), draws)
    informed = sensitivity + specificity - 1
    tail = (1 - confidence) / 2
    if float(np.quantile(informed, tail)) <= 0:
        reason = N_("the model's sensitivity + specificity is not clearly above 1, so its ratings may say nothing")
        return [Undefined(undefined=reason, n=int(calls)) for calls in n]
    # draws in which the model would be uninformed carry no rate; they are fewer than the tail
    kept = informed > 0
    rates = _redrawn(rng, positives, np.maximum(n, 1), draws)[kept]
    truth = np.clip((rates + specificity[kept, None] - 1) / informed[kept, None], 0, 1)
    low, high = np.quantile(truth, [tail, 1 - tail], axis=0)
    right_if_present, right_if_absent = errors.present_found / errors.present, errors.absent_left / errors.absent
    share = positives / np.maximum(n, 1)
    point = np.clip((share + right_if_absent - 1) / (right_if_present + right_if_absent - 1), 0, 1)
    return [
        Estimate(
            value=float(point[at]),
            n=int(n[at]),
            low=float(min(low[at], point[at])),
            high=float(max(high[at], point[at])),
            confidence=confidence,
            method=ROGAN_GLADEN,
            seed=seed,
        )
        if n[at]
        else Undefined(undefined=N_("no rated call"), n=0)
        for at in range(len(n))
    ]


def _redrawn(rng: np.random.Generator, hits: NDArray[np.int64], n: NDArray[np.int64], draws: int) -> FloatArray:
    """Shares drawn from Beta(hits + 1/2, misses + 1/2), (draws, ...): what the true shares may be."""
    return rng.beta(hits + 0.5, n - hits + 0.5, size=(draws, *hits.shape))
