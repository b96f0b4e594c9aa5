"""What has changed about rated calls since something was made of them: a baseline or a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.calls.store import Calls
from agent.core.age import since_in_words
from agent.core.language import NN_
from agent.ratings.store import Ratings
from agent.workspace import Workspace


@dataclass(frozen=True)
class RatingsSince:
    """Ids of calls. Of `rerated` a rating that counts is another one than then, `added` had none then, `reworded` have
    other words, `moved` are another rep's now, and `gone` have none any more."""

    rerated: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def in_words(self, made: str) -> str:
        """One sentence; empty where nothing has changed. `made` as `since_in_words` takes it."""
        changes = (
            (self.rerated, NN_("{n} call with other ratings", "{n} calls with other ratings")),
            (self.added, NN_("{n} call rated for the first time", "{n} calls rated for the first time")),
            (self.reworded, NN_("{n} call with other words", "{n} calls with other words")),
            (self.moved, NN_("{n} call of another rep", "{n} calls of another rep")),
            (self.gone, NN_("{n} call that counts no more", "{n} calls that count no more")),
        )
        return since_in_words(made, changes)


def ratings_since(
    space: Workspace, rubric: str, at: datetime, calls: Sequence[str], *, whose: str = "", rep: str | None = None
) -> RatingsSince:
    """What has changed since `at` about `calls`, which it was made of and which were `whose` (empty: of
    several), against a rubric; with `rep` (empty: of everybody) about the ratings of all calls of that rep, and
    which were rated for the first time."""
    rated, store = space.store[Ratings], space.store[Calls]
    counted = rated.that_count(rubric, calls if rep is None else None, rep=rep or "", since=at)
    then = rated.judged_until(rubric, at, sorted({one.rating.call for one in counted}))
    before = {call for call, _ in then}
    newer = [one.rating for one in counted if one.rating.at > at]
    other = {
        one.call
        for one in newer
        if (known := then.get((one.call, one.criterion))) is not None
        and known != (one.judgement.status, one.judgement.value)
    }
    places = store.facts(calls)
    moved = {call for call, place in places.items() if whose and place.rep != whose}
    still = rated.which_have_one(rubric, calls) & places.keys() | moved
    return RatingsSince(
        rerated=tuple(sorted(other)),
        added=tuple(sorted({one.call for one in newer} - before)) if rep is not None else (),
        reworded=tuple(store.reworded_since(calls, at)),
        moved=tuple(sorted(moved)),
        gone=tuple(call for call in calls if call not in still),
    )
