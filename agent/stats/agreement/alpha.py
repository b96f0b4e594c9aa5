"""Krippendorff's alpha: 1 - observed disagreement / disagreement expected by chance."""

from typing import assert_never

import numpy as np

from agent.core.language import N_
from agent.core.statistic import Statistic, Undefined
from agent.stats.agreement.plain import nobody_says_not_applicable
from agent.stats.agreement.preconditions import (
    CONSTANT,
    DEFAULT,
    corrected,
    nothing_to_correct,
    paired_counts,
    unordered,
)
from agent.stats.bootstrap import FloatArray, Fraction, Resampling, UnitSums
from agent.stats.rating_table import Metric, RatingTable


def krippendorff_alpha(
    table: RatingTable, resampling: Resampling | None = DEFAULT, metric: Metric | None = None
) -> Statistic:
    """Alpha for any number of raters with missing ratings; units with fewer than two ratings do not count.

    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability". With coincidences o_ck (each unit's ordered pairs
    of ratings over m - 1), their margins n_c and n = Σ n_c:
    alpha = 1 - (n - 1) Σ o_ck δ²_ck / Σ n_c n_k δ²_ck. `metric` gives δ²; without it the table's own is used.
    """
    metric = metric or table.metric
    if problem := nothing_to_correct(table) or _metric_problem(table, metric):
        return problem
    counts = paired_counts(table)
    distances = _squared_distances(table.points, metric)
    rows, fraction = _ordinal_sums(counts) if distances is None else _fixed_sums(counts, distances)
    if distances is None:
        distances = _rank_distances(counts.sum(axis=0)[None])[0]
    sums = UnitSums(rows, fraction, len(rows), f"Krippendorff's alpha, {metric}", CONSTANT)
    # Each unit's mean distance of two of its ratings, turned round: 1 is none, 0 the largest there is.
    m = counts.sum(axis=1)
    apart = ((counts @ distances) * counts).sum(axis=1) / (m * (m - 1))
    agreement = np.asarray(1 - apart / distances.max())
    return corrected(table, sums, resampling, agreement)


def applies_alpha(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Alpha of the yes/no judgement whether the criterion applies to the call (or other unit) at all."""
    return nobody_says_not_applicable(table) or krippendorff_alpha(table.applicability(), resampling)


def unit_coincidences(counts: FloatArray) -> FloatArray:
    """Each unit's coincidence matrix, flattened: (units, levels²), from its level counts (units, levels).

    o_ck = n_c n_k / (m - 1), and n_c (n_c - 1) / (m - 1) on the diagonal: a rating is not paired with itself.
    """
    levels = np.arange(counts.shape[1])
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs[:, levels, levels] -= counts
    return np.asarray(pairs / (counts.sum(axis=1) - 1)[:, None, None], dtype=float).reshape(len(counts), -1)


def _fixed_sums(counts: FloatArray, distances: FloatArray) -> tuple[FloatArray, Fraction]:
    """The rows and the fraction of alpha for distances that do not depend on the ratings. Each unit adds its own
    disagreement Σ o_ck δ²_ck and its margins, which are its level counts."""

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        observed, margins = totals[:, 0], totals[:, 1:]
        expected = ((margins @ distances) * margins).sum(axis=1) / (margins.sum(axis=1) - 1)
        return expected - observed, expected

    disagreement = ((counts @ distances) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)  # δ² is 0 on the diagonal
    return np.column_stack([disagreement, counts]), fraction


def _ordinal_sums(counts: FloatArray) -> tuple[FloatArray, Fraction]:
    """The rows and the fraction of alpha for ranks. Distances between ranks change with every resample, so each unit
    adds its coincidences. Unused levels are dropped."""
    used = counts[:, np.any(counts > 0, axis=0)]
    q = used.shape[1]

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        coincidences = totals.reshape(-1, q, q)
        margins = coincidences.sum(axis=2)
        distances = _rank_distances(margins)
        observed = (coincidences * distances).sum(axis=(1, 2))
        products = margins[:, :, None] * margins[:, None, :]
        expected = (products * distances).sum(axis=(1, 2)) / (margins.sum(axis=1) - 1)
        return expected - observed, expected

    return unit_coincidences(used), fraction


def _squared_distances(points: FloatArray, metric: Metric) -> FloatArray | None:
    """δ² between levels, (levels, levels); None for ordinal, where the distance depends on how often levels were
    used."""
    difference = points[:, None] - points[None, :]
    match metric:
        case "nominal":
            return np.asarray(difference != 0, dtype=float)
        case "ordinal":
            return None
        case "interval":
            return np.asarray(difference**2, dtype=float)
        case "ratio":
            total = points[:, None] + points[None, :]
            relative = np.zeros_like(total)
            np.divide(difference, total, out=relative, where=total != 0)
            return np.asarray(relative**2, dtype=float)
        case _:
            assert_never(metric)


def _rank_distances(margins: FloatArray) -> FloatArray:
    """Squared distances of mid-ranks, (Σ_{g=c..k} n_g - (n_c + n_k)/2)², for each batch: (batch, levels, levels)."""
    ranks = np.cumsum(margins, axis=1) - margins / 2
    return np.square(ranks[:, :, None] - ranks[:, None, :])


def _metric_problem(table: RatingTable, metric: Metric) -> Undefined | None:
    if metric == "nominal":
        return None
    if problem := unordered(table):
        return problem
    if metric != "ordinal" and not table.numeric:
        return Undefined(
            undefined=N_("the levels are words; {metric} distance needs numbers").format(metric=metric), n=table.overlap
        )
    if metric == "ratio" and float(table.points.min()) < 0:
        return Undefined(undefined=N_("ratio distance needs levels of zero or more"), n=table.overlap)
    return None
