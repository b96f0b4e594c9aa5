"""Real moments of calls where a behavior was missed or done, each with the turns around it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import numpy as np

from agent.domain.coaching import CoachMoment, Passage
from agent.domain.rating import Rated, Rating
from agent.domain.rubric import Criterion, Rubric
from agent.domain.sales import Call
from agent.stats.frame import RatingFrame
from agent.store.workspace import Store

Kind = Literal["missed", "done"]
AROUND = 2  # turns before and after
_LOOKED_AT = 30  # calls read for one moment: enough to find one with evidence, few enough for any team
_NO_TRANSCRIPT = "the call has no transcript here; listen to it together"
_NO_TURN = "its rating names no turn; find the moment together"


class MomentFinder:
    """Finds moments in the calls whose ratings `viewer` may see."""

    def __init__(
        self, store: Store, rubric: Rubric, frame: RatingFrame, with_transcript: frozenset[str], viewer: str = ""
    ) -> None:
        self._store, self._rubric, self._frame, self._viewer = store, rubric, frame, viewer
        self._heard = with_transcript
        self._at = {name: at for at, name in enumerate(frame.reps)}

    @property
    def reps(self) -> tuple[str, ...]:
        """All reps with ratings."""
        return tuple(self._frame.reps)

    def missed(self, rep: str, criterion: str, most: int) -> list[CoachMoment]:
        """Up to `most` calls of the rep in which the behavior was missed: those with a named turn first, newest first."""
        return self._moments("missed", [rep], self._criterion(criterion), most)

    def done(self, rep: str, criterion: str) -> CoachMoment | None:
        """A call in which the rep did it; else one of a peer, whose name the moment then bears."""
        found = self._criterion(criterion)
        own = self._moments("done", [rep], found, 1)
        peers = own or self._moments("done", [name for name in self._frame.reps if name != rep], found, 1)
        return next(iter(peers), None)

    def _criterion(self, ident: str) -> Criterion:
        found = self._rubric.criterion(ident)
        if found is None:
            raise KeyError(ident)
        return found

    def _moments(self, kind: Kind, reps: Iterable[str], criterion: Criterion, most: int) -> list[CoachMoment]:
        candidates = self._candidates(kind, reps, criterion)
        heard = [c for c in candidates if c[0] in self._heard][:_LOOKED_AT]
        ratings = self._ratings([call for call, _, _ in heard], criterion.id)
        calls = {call.id: call for call in self._store.calls.all(list(ratings))} if ratings else {}
        made = [
            _moment(kind, rep, day, calls[call], ratings[call], criterion)
            for call, rep, day in heard
            if call in ratings and _agrees(kind, ratings[call], criterion)
        ]
        with_turn = [m for m in made if m.passage is not None]
        without = [m for m in made if m.passage is None]
        unheard = [
            CoachMoment(kind=kind, rep=rep, call=call, date=day, passage=None, why=_NO_TRANSCRIPT)
            for call, rep, day in candidates
            if call not in self._heard
        ]
        return [*with_turn, *without, *unheard[:most]][:most]

    def _candidates(self, kind: Kind, reps: Iterable[str], criterion: Criterion) -> list[tuple[str, str, date]]:
        """Calls rated so, the clearest first (lowest level where missed, highest where done), then the newest."""
        frame, wanted = self._frame, np.zeros(len(self._frame.reps), dtype=bool)
        wanted[[self._at[rep] for rep in reps if rep in self._at]] = True
        on = list(frame.criteria).index(criterion.id)
        rated = np.flatnonzero((frame.criterion == on) & wanted[frame.rep] & (frame.slot >= 0))
        # for a behavior to avoid, showing it is the miss
        level = frame.slot[rated].astype(np.int64) * (1 if criterion.weight >= 0 else -1)
        low = 0 if criterion.weight >= 0 else -len(criterion.levels) + 1
        missed = level <= low + (len(criterion.levels) - 1) // 2 if len(criterion.levels) > 2 else level == low
        kept = rated[missed] if kind == "missed" else rated[~missed]
        level = level[missed] if kind == "missed" else -level[~missed]
        order = kept[np.lexsort((frame.call[kept], -frame.day[kept], level))]
        return [
            (frame.calls[frame.call[at]], frame.reps[frame.rep[at]], date.fromordinal(int(frame.day[at])))
            for at in order
        ]

    def _ratings(self, calls: list[str], criterion: str) -> dict[str, Rating]:
        """For each call the rating that shows most: one that names a turn before others."""
        if not calls:
            return {}
        found = self._store.ratings.look(calls, rubric=self._rubric.id, criterion=criterion, viewer=self._viewer)
        best: dict[str, Rating] = {}
        for rating in found.ratings:
            if rating.call not in best or _turn(rating) is not None:
                best[rating.call] = rating
        return best


def _agrees(kind: Kind, rating: Rating, criterion: Criterion) -> bool:
    """Where several raters differ, the one that shows the evidence must say the same as the one that counts."""
    judgement = rating.judgement
    if not isinstance(judgement, Rated):
        return False
    place = criterion.levels.index(judgement.value)
    place = place if criterion.weight >= 0 else len(criterion.levels) - 1 - place
    low = place <= (len(criterion.levels) - 1) // 2
    return low == (kind == "missed")


def _turn(rating: Rating) -> int | None:
    """The turn that the rating points at: its first quote, else the nearest miss."""
    judgement = rating.judgement
    if not isinstance(judgement, Rated):
        return None
    if judgement.nearest is not None:
        return judgement.nearest.turn
    return judgement.quotes[0].span.turn if judgement.quotes else None


def _moment(kind: Kind, rep: str, day: date, call: Call, rating: Rating, criterion: Criterion) -> CoachMoment:
    judgement = rating.judgement
    turn = _turn(rating)
    if kind == "done" and isinstance(judgement, Rated) and judgement.quotes:
        turn = judgement.quotes[0].span.turn
    near = judgement.nearest if isinstance(judgement, Rated) else None
    why = near.why if near is not None and kind == "missed" else rating.reason
    passage = None if turn is None else around(call, turn)
    return CoachMoment(
        kind=kind, rep=rep, call=call.id, date=day, passage=passage, why=why if passage else why or _NO_TURN
    )


def around(call: Call, turn: int) -> Passage:
    """The turn with those around it."""
    turns = call.transcript.turns
    return Passage(call=call.id, turn=turn, turns=turns[max(0, turn - AROUND) : turn + AROUND + 1])
