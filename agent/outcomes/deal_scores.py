"""Which calls belong to which deal, and the mean score of each deal's calls."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agent.calls.model import Deal
from agent.profiles.season_frames import call_scores
from agent.stats.frame import CallFrame, RatingFrame
from agent.stats.weights import DealScores

Link = Literal["calls", "time"]


def deal_scores(
    frame: RatingFrame, deals: Sequence[Deal], deal_of: Mapping[str, str], link: Link
) -> tuple[DealScores, list[Deal]]:
    """Scores of decided deals that have calls, and which deals these are, in the same order.

    `calls`: a deal's calls are those that name it. `time`: those of its rep while it was open, for a workspace whose
    calls name no deal; a rep's deals of one time then share their scores, and the link is weaker than it looks.
    """
    decided = [deal for deal in deals if deal.outcome != "open"]
    score, known = call_scores(frame)
    if link == "calls":
        total, n, per_deal = _by_call(frame, decided, deal_of, score, known)
    else:
        total, n, per_deal = _by_time(frame, decided, score, known)
    kept = n.any(axis=1)
    used = [per_deal[at] for at in np.flatnonzero(kept).tolist()]
    reps = {rep: at for at, rep in enumerate(sorted({deal.rep for deal in used}))}
    scores = DealScores(
        frame.measures,
        (total / np.maximum(n, 1))[kept],
        (n > 0)[kept],
        np.array([deal.outcome == "won" for deal in used], dtype=bool),
        np.array([reps[deal.rep] for deal in used], dtype=np.int64),
    )
    return scores, used


_Sums = tuple[NDArray[np.float64], NDArray[np.int64], Sequence[Deal]]


def _by_call(
    frame: RatingFrame,
    deals: Sequence[Deal],
    deal_of: Mapping[str, str],
    score: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> _Sums:
    at = {deal.id: place for place, deal in enumerate(deals)}
    place = np.array([at.get(deal_of.get(call, ""), -1) for call in frame.calls], dtype=np.int64)
    own = place >= 0
    total, n = np.zeros((len(deals), score.shape[1])), np.zeros((len(deals), score.shape[1]), dtype=np.int64)
    np.add.at(total, place[own], score[own])
    np.add.at(n, place[own], known[own])
    return total, n, deals


def _by_time(frame: RatingFrame, deals: Sequence[Deal], score: NDArray[np.float64], known: NDArray[np.bool_]) -> _Sums:
    """Running sums over each rep's calls by day; a deal takes the difference of two of them."""
    calls = CallFrame.of_ratings(frame)
    width = int(calls.day.max(initial=0)) + 2
    key = np.asarray(calls.rep, dtype=np.int64) * width + calls.day
    order = np.argsort(key, kind="stable")
    sums, counts = (
        np.vstack([np.zeros((1, table.shape[1])), np.cumsum(table[order], axis=0)]) for table in (score, known)
    )
    rep_at = {rep: at for at, rep in enumerate(frame.reps)}
    own = [deal for deal in deals if deal.rep in rep_at and deal.closed is not None]
    base = np.array([rep_at[deal.rep] * width for deal in own], dtype=np.int64)
    first = np.array([min(deal.opened.toordinal(), width - 1) for deal in own], dtype=np.int64)
    end = np.array([min(deal.closed.toordinal() + 1, width - 1) for deal in own if deal.closed], dtype=np.int64)
    low, high = np.searchsorted(key[order], base + first), np.searchsorted(key[order], base + end)
    return sums[high] - sums[low], (counts[high] - counts[low]).astype(np.int64), own
