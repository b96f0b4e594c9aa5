"""Before a round is opened: who may rate, and which calls are in it. Nothing here tells how a call was rated.

Calls are spread over reps and stages, and for each criterion half and half over those that an earlier reading (the
model's or a person's) found to show it and those that it did not: a criterion passes on calls of both kinds.
"""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agent.app.verb import Who
from agent.calibration.store import Rounds
from agent.calls.model import Call
from agent.calls.store import CallPlace, Calls
from agent.core.errors import InputError, UsageError
from agent.core.language import _
from agent.core.people import MODEL, Person, is_model
from agent.people.store import People
from agent.ratings.model import Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace


def checked_raters(written: Sequence[str]) -> tuple[str, ...]:
    """The raters of a round. UsageError for fewer than two people, a name twice, or a model's name but `model`."""
    raters = tuple(name.strip() for name in written if name.strip())
    twice = sorted({name for name in raters if raters.count(name) > 1})
    if twice:
        raise UsageError(_("{twice} stands twice among the raters", twice=twice[0]))
    if odd := [name for name in raters if is_model(name) and name != MODEL]:
        raise UsageError(
            _("{odd} is no person; the model as a rater is called {model}", odd=repr(odd[0]), model=repr(MODEL))
        )
    people = [name for name in raters if name != MODEL]
    if len(people) < 2:
        raise UsageError(
            _(
                "a calibration round needs two or more people, got {people}: with one manager the criteria stay that "
                "manager's own, and nothing shows whether others would read them the same way",
                people=", ".join(people) or "nobody",
            )
        )
    return raters


def possible_raters(space: Workspace) -> list[Person]:
    """Everybody with an open account who may rate, by name. Forbidden unless an ops lead."""
    return [p for p in space.store[People].all() if p.role in ("ops_lead", "manager") and not p.disabled]


def raters_for(who: Who, raters: Sequence[str]) -> tuple[str, ...]:
    """`raters` of a round, checked. Where people sign in, each is a person with an account that may rate, or `model`;
    whoever holds the database may name anybody.

    UsageError for fewer than two people, for a name twice, and for a name without such an account.
    """
    checked = checked_raters(raters)
    if who.scope.local:
        return checked
    known = {person.name for person in possible_raters(who.space)}
    if unknown := [name for name in checked if name not in known and name != MODEL]:
        raise UsageError(
            _(
                "{unknown} has no account with which to rate; a rater is a manager or an ops lead: "
                "add people under Admin",
                unknown=unknown[0],
            )
        )
    return checked


def chosen_calls(space: Workspace, calls: Sequence[str], pick: int, seed: int) -> list[str]:
    """The calls named, or `pick` calls that were in no round yet, spread over reps, stages and earlier readings."""
    store = space.store
    used = store[Rounds].used_calls()
    if calls:
        named = list(dict.fromkeys(calls))
        store[Calls].places(named)
        if seen := [call for call in named if call in used]:
            raise InputError(
                _(
                    "{seen}: already rated in calibration round {seen_2}, so those ratings have been seen; "
                    "choose other calls, or let them be picked",
                    seen=", ".join(seen),
                    seen_2=used[seen[0]],
                )
            )
        return named
    pool = _pool(space, used, pick, seed)
    read = readings(store[Ratings].current(pool), [stored.rubric for stored in store[Rubrics].all()])
    return pick_calls(store[Calls].places(pool or store[Calls].placed()), pick, used, read, seed)


# Up to so many calls are all looked at; of more, a random pool of that size is, and ten for each call that is wanted.
_ALL_OF, _POOL = 5000, 240


def _pool(space: Workspace, used: Mapping[str, int], pick: int, seed: int) -> list[str]:
    """The calls to pick from; empty for all. Reading the ratings of each of 100,000 takes minutes."""
    if space.store[Calls].count() <= _ALL_OF:
        return []
    free = [call for call in space.store[Calls].placed() if call not in used]
    if len(free) < pick:
        raise InputError(
            _(
                "{pick} calls are wanted and {free} were in no calibration round yet; ask for fewer",
                pick=pick,
                free=len(free),
            )
        )
    size = max(_POOL, 10 * pick)
    return free if len(free) <= size else random.Random(seed).sample(free, size)


Reading = Mapping[str, bool]
"""By criterion: whether a call was found to show it, on the upper half of its scale."""


def readings(ratings: Sequence[Rating], rubrics: Sequence[Rubric]) -> Mapping[str, Reading]:
    """What earlier ratings, of whomever, say of each call. Where they differ on a criterion the newest counts."""
    criteria = {(rubric.id, c.id): c for rubric in rubrics for c in rubric.criteria}
    read: dict[str, dict[str, bool]] = {}
    for rating in ratings:
        criterion = criteria.get((rating.provenance.rubric, rating.criterion))
        if criterion is not None and isinstance(rating.judgement, Rated):
            low, high = criterion.levels[0], criterion.levels[-1]
            read.setdefault(rating.call, {})[criterion.id] = rating.judgement.value * 2 > low + high
    return read


def pick_calls(
    calls: Sequence[CallPlace], count: int, used: Collection[str], read: Mapping[str, Reading], seed: int
) -> list[str]:
    """Ids of `count` calls that were in no round, in the order of their ids.

    One after the other: the call whose rep and stage, and whose reading on each criterion, are in the fewest calls
    chosen so far; `seed` decides between equals. The order tells nothing about the readings. InputError where too few
    are left.
    """
    free = [call for call in calls if call.id not in used]
    if len(free) < count:
        raise InputError(
            _(
                "{count} calls are wanted and {free} of {calls} were in no calibration round yet; import "
                "more calls, or ask for fewer",
                count=count,
                free=len(free),
                calls=len(calls),
            )
        )
    random.Random(seed).shuffle(free)
    taken: Counter[tuple[object, ...]] = Counter()
    chosen: list[str] = []

    def cost(call: CallPlace) -> tuple[float, int]:
        places = [("rep", call.rep), ("stage", call.stage), (call.rep, call.stage)]
        halves = [taken["reading", name, shown] - taken["reading", name, not shown] for name, shown in read_of(call)]
        return (
            sum(taken[place] for place in places) + (2 * sum(halves) / len(halves) if halves else 0.0),
            sum(half > 0 for half in halves),
        )

    def read_of(call: CallPlace) -> list[tuple[str, bool]]:
        return list(read.get(call.id, {}).items())

    for _unused in range(count):
        best = min(free, key=cost)
        free.remove(best)
        taken.update([("rep", best.rep), ("stage", best.stage), (best.rep, best.stage)])
        taken.update(("reading", name, shown) for name, shown in read_of(best))
        chosen.append(best.id)
    return sorted(chosen)


@dataclass(frozen=True)
class Choice:
    """Calls for a round with what they cover.

    How each call was rated before is not part of it: who opens a round may be one of its raters.
    """

    calls: tuple[Call, ...]
    reps: Mapping[str, int]
    stages: Mapping[str, int]
    picked: bool
    read: int  # how many of the calls an earlier reading has rated, by whatever result

    @property
    def _halves(self) -> str:
        if not self.read:
            return _("; none was rated before, so how many of them show a criterion is left to chance")
        if self.read == len(self.calls):
            return _(", so that about half of them show each criterion and half do not")
        return _(
            ", so that, as far as they were rated before ({read} of {calls}), about half of them show each "
            "criterion and half do not",
            read=self.read,
            calls=len(self.calls),
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why these calls, a sentence each."""
        how = _("Named by you.")
        if self.picked:
            known = _("rep, stage and earlier ratings are") if self.read else _("rep and stage are")
            how = _(
                "Picked one after the other: each time the call whose {known} in the fewest "
                "calls chosen so far{halves}.",
                known=known,
                halves=self._halves,
            )
        covers = f"{_counted(self.reps, 'rep')} and {_counted(self.stages, 'stage')}."
        new = _("None of them was in a round before: nobody has seen how others rate them.")
        order = _("They stand in the order of their ids, which tells nothing about how good they are.")
        return (how, covers, new, order)


def _counted(of: Mapping[str, int], name: str) -> str:
    listed = ", ".join(f"{key or 'none named'} {count}" for key, count in sorted(of.items()))
    return f"{len(of)} {name}{'' if len(of) == 1 else 's'} ({listed})"


def explained(space: Workspace, calls: Sequence[str], *, picked: bool) -> Choice:
    """The calls of `chosen_calls` with what they cover."""
    chosen = tuple(space.store[Calls].all(calls))
    return Choice(
        calls=chosen,
        reps=Counter(call.rep for call in chosen),
        stages=Counter(call.stage for call in chosen),
        picked=picked,
        read=len({rating.call for rating in space.store[Ratings].current(calls)}) if picked else 0,
    )
