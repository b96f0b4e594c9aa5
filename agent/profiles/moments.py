"""Real moments of calls where a behavior was missed or done, each with the turns around it.

Missed is a call below the level that shows the behavior well enough, by the rule that profiles and movement count by
(`ProfileRules.present_level`); of a behavior to avoid, a call at that level or above.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import numpy as np

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.db.store import Store
from agent.profiles.model import NO_TRANSCRIPT, NO_TURN, CoachMoment, Passage
from agent.ratings.model import Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.model import Criterion, Rubric
from agent.stats.frame import RatingFrame
from agent.stats.rules import ProfileRules

Kind = Literal["missed", "done"]
Candidate = tuple[str, str, date]
"""A call, its rep and its day."""
AROUND = 2  # turns before and after
_LOOKED_AT = 30  # calls read for one moment: enough to find one with evidence, few enough for any team
_MOST_ASKED = 5_000  # calls in one question whether they have a transcript


class MomentFinder:
    """Finds moments in the calls whose ratings `viewer` may see."""

    def __init__(
        self, store: Store, rubric: Rubric, frame: RatingFrame, viewer: str = "", rules: ProfileRules | None = None
    ) -> None:
        self._store, self._rubric, self._frame, self._viewer = store, rubric, frame, viewer
        self._present = (rules or ProfileRules()).present_level
        self._at = {name: at for at, name in enumerate(frame.reps)}

    @property
    def reps(self) -> tuple[str, ...]:
        """All reps with ratings."""
        return tuple(self._frame.reps)

    def missed(self, rep: str, criterion: str, most: int) -> list[CoachMoment]:
        """Up to `most` calls of the rep in which the behavior was missed: those with a
        named turn first, newest first."""
        return self._moments("missed", [rep], self._criterion(criterion), most)

    def done(self, rep: str, criterion: str) -> CoachMoment | None:
        """A call in which the rep did it; else one of a peer, whose name the moment then bears."""
        wanted = self._criterion(criterion)
        own = self._moments("done", [rep], wanted, 1)
        peers = own or self._moments("done", [name for name in self._frame.reps if name != rep], wanted, 1)
        return next(iter(peers), None)

    def _criterion(self, ident: str) -> Criterion:
        criterion = self._rubric.criterion(ident)
        if criterion is None:
            raise KeyError(ident)
        return criterion

    def _moments(self, kind: Kind, reps: Iterable[str], criterion: Criterion, most: int) -> list[CoachMoment]:
        heard, unheard = self._looked_at(self._candidates(kind, reps, criterion))
        ratings = self._ratings([call for call, _, _ in heard], criterion.id)
        fitting = [c for c in heard if c[0] in ratings and self._agrees(kind, ratings[c[0]], criterion)]
        turns = {call: _shown_turn(kind, ratings[call]) for call, _, _ in fitting}
        chosen = sorted(fitting, key=lambda c: turns[c[0]] is None)[:most]
        read = [call for call, _, _ in chosen if turns[call] is not None]
        words = {call.id: call for call in self._store[Calls].all(read)} if read else {}
        made = [_moment(kind, c, ratings[c[0]], turns[c[0]], words.get(c[0])) for c in chosen]
        bare = [
            CoachMoment(kind=kind, rep=rep, call=call, date=day, passage=None, why=NO_TRANSCRIPT)
            for call, rep, day in unheard
        ]
        return [*made, *bare][:most]

    def _looked_at(self, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        """The first candidates with a transcript, `_LOOKED_AT` at most, and those without
        one before the last of these."""
        heard: list[Candidate] = []
        unheard: list[Candidate] = []
        start, size = 0, 2 * _LOOKED_AT
        while start < len(candidates) and len(heard) < _LOOKED_AT:
            part = candidates[start : start + size]
            known = set(self._store[Calls].heard([call for call, _, _ in part]))
            heard += [candidate for candidate in part if candidate[0] in known]
            unheard += [candidate for candidate in part if candidate[0] not in known]
            start, size = start + size, min(_MOST_ASKED, 4 * size)
        return heard[:_LOOKED_AT], unheard

    def _candidates(self, kind: Kind, reps: Iterable[str], criterion: Criterion) -> list[Candidate]:
        """Calls rated so, the clearest first (lowest level where missed, highest where done), then the newest."""
        frame, wanted = self._frame, np.zeros(len(self._frame.reps), dtype=bool)
        wanted[[self._at[rep] for rep in reps if rep in self._at]] = True
        on = list(frame.criteria).index(criterion.id)
        rated = np.flatnonzero((frame.criterion == on) & wanted[frame.rep] & (frame.slot >= 0))
        kinds = [self._kind_at(level, criterion) for level in criterion.levels]
        kept = rated[np.array([one == kind for one in kinds])[frame.slot[rated]]]
        rising = (kind == "missed") == (criterion.weight >= 0)
        level = frame.slot[kept].astype(np.int64) * (1 if rising else -1)
        order = kept[np.lexsort((frame.call[kept], -frame.day[kept], level))]
        return [
            (frame.calls[frame.call[at]], frame.reps[frame.rep[at]], date.fromordinal(int(frame.day[at])))
            for at in order
        ]

    def _kind_at(self, level: int, criterion: Criterion) -> Kind:
        shown = level >= self._present[criterion.scale]
        return "done" if shown == (criterion.weight >= 0) else "missed"

    def _agrees(self, kind: Kind, rating: Rating, criterion: Criterion) -> bool:
        """Where several raters differ, the one that shows the evidence must say the same as the one that counts."""
        judgement = rating.judgement
        return isinstance(judgement, Rated) and self._kind_at(judgement.value, criterion) == kind

    def _ratings(self, calls: list[str], criterion: str) -> dict[str, Rating]:
        """For each call the rating that shows most: one that names a turn before others."""
        if not calls:
            return {}
        look = self._store[Ratings].look(calls, rubric=self._rubric.id, criterion=criterion, viewer=self._viewer)
        best: dict[str, Rating] = {}
        for rating in look.ratings:
            if rating.call not in best or _turn(rating) is not None:
                best[rating.call] = rating
        return best


def _turn(rating: Rating) -> int | None:
    """The turn that the rating points at: its first quote, else the nearest miss."""
    judgement = rating.judgement
    if not isinstance(judgement, Rated):
        return None
    if judgement.nearest is not None:
        return judgement.nearest.turn
    return judgement.quotes[0].span.turn if judgement.quotes else None


def _shown_turn(kind: Kind, rating: Rating) -> int | None:
    """The turn that the moment is about: where it was done, that of the first quote."""
    judgement = rating.judgement
    if kind == "done" and isinstance(judgement, Rated) and judgement.quotes:
        return judgement.quotes[0].span.turn
    return _turn(rating)


def _moment(kind: Kind, of: Candidate, rating: Rating, turn: int | None, words: Call | None) -> CoachMoment:
    call, rep, day = of
    near = rating.judgement.nearest if isinstance(rating.judgement, Rated) else None
    why = near.why if near is not None and kind == "missed" else rating.reason
    passage = None if turn is None or words is None else around(words, turn)
    return CoachMoment(kind=kind, rep=rep, call=call, date=day, passage=passage, why=why if passage else why or NO_TURN)


def around(call: Call, turn: int) -> Passage:
    """The turn with those around it."""
    turns = call.transcript.turns
    return Passage(call=call.id, turn=turn, turns=turns[max(0, turn - AROUND) : turn + AROUND + 1])
