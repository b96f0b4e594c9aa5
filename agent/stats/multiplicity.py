"""Holm's correction for many tests, within families, for a whole table at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def holm(p: ArrayLike, family: ArrayLike | None = None) -> FloatArray:
    """Holm's adjusted p (1979, Scandinavian Journal of Statistics 6:65-70), each family for itself.

    `p` and `family` are (tests,); without `family` all tests are one. In a family of m the i-th smallest p is
    multiplied by m - i + 1, never falls below its predecessor and never rises above 1.
    """
    values = np.asarray(p, dtype=float).reshape(-1)
    group = np.zeros(len(values), dtype=np.int64) if family is None else np.asarray(family).reshape(-1)
    if not len(values):
        return values
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p lies between 0 and 1")
    order = np.lexsort((values, group))
    number, place, size = _places(group[order])
    steps = np.zeros((number[-1] + 1, int(size.max())))
    steps[number, place] = np.minimum(values[order] * (size - place), 1.0)
    adjusted = np.empty_like(values)
    adjusted[order] = np.maximum.accumulate(steps, axis=1)[number, place]
    return adjusted


def own_error(p: ArrayLike, adjusted: ArrayLike, error: float) -> FloatArray:
    """The part of `error` that each test has for itself: its p is at most this exactly if its adjusted p is at most
    `error`. So an interval at this level says the same as the test that allows for all of them."""
    plain, allowing = np.asarray(p, dtype=float), np.asarray(adjusted, dtype=float)
    smallest = np.full(plain.shape, error / max(plain.size, 1))  # p is 0: as small as numbers go
    return np.asarray(np.divide(error * plain, allowing, out=smallest, where=allowing > 0))


def _places(group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For a sorted column of families: the number of each row's family, its place in it from 0, and the family's
    size."""
    starts = np.concatenate([[0], np.flatnonzero(group[1:] != group[:-1]) + 1])
    sizes = np.diff(np.append(starts, len(group)))
    number = np.repeat(np.arange(len(starts)), sizes)
    return number, np.arange(len(group)) - np.repeat(starts, sizes), np.repeat(sizes, sizes)
