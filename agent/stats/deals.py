"""Deals as columns, and how many were won in a time before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from agent.core.errors import InputError
from agent.stats.frame import BoolArray, Codes, IntArray, encode, encode_known, ordinals

OUTCOMES = ("lost", "won", "open")
LOST, WON, OPEN = range(3)
_NEVER = date.max.toordinal()


@dataclass(frozen=True, eq=False)
class DealFrame:
    """Deals as columns of equal length.

    `rep` and `stage` are positions in `reps` and `stages`, stages in the order a deal passes them; `stage` is the
    furthest one reached, -1 where the export does not say. `opened` and `closed` are day numbers, `closed` being that
    of the last day there is for an open deal. `outcome` is a position in `OUTCOMES`.
    """

    reps: Sequence[str]
    stages: tuple[str, ...]
    rep: Codes
    opened: Codes
    closed: Codes
    stage: Codes
    outcome: Codes

    def __post_init__(self) -> None:
        columns = (self.rep, self.opened, self.closed, self.stage, self.outcome)
        if len({len(column) for column in columns}) > 1:
            raise InputError("the deals' columns have different lengths")
        backwards = np.flatnonzero(np.asarray(self.closed) < np.asarray(self.opened))
        if len(backwards):
            raise InputError(f"deal {int(backwards[0]) + 1} is closed before it was opened; check both dates")

    def __len__(self) -> int:
        return len(self.rep)

    @classmethod
    def from_columns(
        cls,
        stages: Sequence[str],
        *,
        rep: Sequence[str],
        opened: Sequence[date],
        closed: Sequence[date | None],
        furthest_stage: Sequence[str],
        outcome: Sequence[str],
        reps: Sequence[str] | None = None,
    ) -> "DealFrame":
        """Encodes names as a CRM export has them; an empty stage means that it is not known. With `reps` the codes
        are positions in that list, so that they match those of a rating frame."""
        known, codes = encode(rep) if reps is None else (reps, encode_known("rep", rep, reps))
        return cls(
            known,
            tuple(stages),
            codes,
            ordinals(opened),
            np.array([_NEVER if day is None else day.toordinal() for day in closed], dtype=np.int64),
            encode_known("stage", furthest_stage, ["", *stages]) - 1,
            encode_known("outcome", outcome, OUTCOMES),
        )


@dataclass(frozen=True, eq=False)
class WinCounts:
    """Deals won and decided before and after, (2, reps), and how many decided deals lie across a window's edge."""

    won: IntArray
    decided: IntArray
    across: int


def wins_before_and_after(deals: DealFrame, coaching: NDArray[np.int64], window_days: int) -> WinCounts:
    """Deals opened and decided within `window_days` before each rep's coaching began, and after it ended.

    `coaching` is (reps, 2): the first day of coaching and the first day after it. Both windows are cut the same way:
    a deal opened before the window or decided after it is in neither, so that a deal counts for one way of selling
    and quick deals are not compared with slow ones. `across` tells how many that leaves out.
    """
    start, end = coaching[:, 0][deals.rep], coaching[:, 1][deals.rep]
    decided = np.asarray(deals.outcome) != OPEN
    windows = ((start - window_days, start), (end, end + window_days))
    inside = [decided & (deals.opened >= low) & (deals.closed < high) for low, high in windows]
    touching = [decided & (deals.opened < high) & (deals.closed >= low) for low, high in windows]
    across = (touching[0] | touching[1]) & ~(inside[0] | inside[1])
    return WinCounts(_count(deals, inside, won=True), _count(deals, inside, won=False), int(across.sum()))


def _count(deals: DealFrame, periods: list[BoolArray], *, won: bool) -> IntArray:
    kept = [period & (np.asarray(deals.outcome) == WON) if won else period for period in periods]
    return np.stack([np.bincount(deals.rep[k], minlength=len(deals.reps)) for k in kept])
