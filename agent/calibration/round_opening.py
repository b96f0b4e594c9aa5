"""Opening a round: who rates, which calls, and the model's own ratings of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import InputError, UsageError
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.calibration.model import CalibrationRound
    from agent.calls.model import Call
    from agent.ratings.model import Rating
    from agent.rubrics.model import Rubric
    from agent.scoring.running import Outcome, Scoring
    from agent.workspace import Workspace


def checked_raters(written: Sequence[str]) -> tuple[str, ...]:
    """The raters of a round. UsageError for fewer than two people, a name twice, or a model's name but `model`."""
    from agent.calibration.model import MODEL, is_model

    raters = tuple(name.strip() for name in written if name.strip())
    twice = sorted({name for name in raters if raters.count(name) > 1})
    if twice:
        raise UsageError(f"{twice[0]} stands twice in --raters")
    if odd := [name for name in raters if is_model(name) and name != MODEL]:
        raise UsageError(f"{odd[0]!r} is no person; the model as a rater is called {MODEL!r}")
    people = [name for name in raters if name != MODEL]
    if len(people) < 2:
        raise UsageError(
            f"a calibration round needs two or more people, got {', '.join(people) or 'nobody'}: with one manager the "
            "criteria stay that manager's own, and nothing shows whether others would read them the same way"
        )
    return raters


def chosen_calls(space: Workspace, calls: Sequence[str], pick: int, seed: int) -> list[str]:
    """The calls named, or `pick` calls that were in no round yet, spread over reps, stages and performance."""
    from agent.calibration.picking import performance, pick_calls

    store = space.store
    used = store[Rounds].used_calls()
    if calls:
        named = list(dict.fromkeys(calls))
        store[Calls].places(named)
        if seen := [call for call in named if call in used]:
            raise InputError(
                f"{', '.join(seen)}: already rated in calibration round {used[seen[0]]}, so those ratings have been "
                "seen; choose other calls, or leave the choice to --pick"
            )
        return named
    pool = _pool(space, used, pick, seed)
    heights = performance(store[Ratings].current(pool), [stored.rubric for stored in store[Rubrics].all()])
    return pick_calls(store[Calls].places(pool or store[Calls].heard()), pick, used, heights, seed)


# Up to so many calls are all looked at; of more, a random pool of that size is, and ten for each call that is wanted.
_ALL_OF, _POOL = 5000, 240


def _pool(space: Workspace, used: Mapping[str, int], pick: int, seed: int) -> list[str]:
    """The calls to pick from; empty for all. Reading the ratings of each of 100,000 takes minutes."""
    import random

    if space.store[Calls].count() <= _ALL_OF:
        return []
    free = [call for call in space.store[Calls].heard() if call not in used]
    if len(free) < pick:
        raise InputError(f"{pick} calls are wanted and {len(free)} were in no calibration round yet; ask for fewer")
    size = max(_POOL, 10 * pick)
    return free if len(free) <= size else random.Random(seed).sample(free, size)


Scored = Callable[["Scoring", Sequence["Call"], int, float | None], Awaitable["Outcome"]]
"""How the model's missing ratings are made: a scoring run, its calls, the requests in flight, the budget."""


async def _unwatched(scoring: Scoring, calls: Sequence[Call], concurrency: int, budget: float | None) -> Outcome:
    return await scoring.run(calls, concurrency, budget)


async def open_round(
    space: Workspace,
    note: Note,
    rubric: Rubric,
    raters: tuple[str, ...],
    calls: Sequence[str],
    scored: Scored = _unwatched,
) -> CalibrationRound:
    """Open a round; where the model is one of the raters, its ratings are there from the start."""
    from datetime import UTC, datetime

    from agent.calibration.model import MODEL, CalibrationRound

    given = {MODEL: await model_ratings(space, note, rubric, calls, scored)} if MODEL in raters else {}
    new = CalibrationRound(
        number=space.store[Rounds].next_number(),
        rubric=rubric.id,
        raters=raters,
        calls=tuple(calls),
        opened_at=datetime.now(UTC),
    )
    return space.store[Rounds].open(new, given)


async def model_ratings(
    space: Workspace, note: Note, rubric: Rubric, calls: Sequence[str], scored: Scored = _unwatched
) -> list[Rating]:
    """The model's ratings of all these calls: stored ones, by the model bound as rater if one is; else it is asked."""
    bound = space.settings.binding("rater")
    if found := _stored(space, rubric, calls, bound.model if bound else ""):
        return found
    if bound is None:
        raise UsageError(
            f"no model has rated all {len(calls)} calls against {rubric.label}, and none is bound as rater; leave "
            "model out of --raters, or bind one (closeread model list)"
        )
    from agent.scoring.running import Scoring

    scoring = Scoring(space, rubric, space.prompt("rate_call"), 0)
    missing = scoring.missing(list(calls), False)
    note(f"asking {bound.model} to rate {len(missing)} calls")
    outcome = await scored(scoring, missing, space.concurrency, None)
    if outcome.unanswered:
        raise InputError(f"the model could not rate every call: {next(iter(outcome.unanswered.values()))}")
    return _stored(space, rubric, calls, bound.model)


def _stored(space: Workspace, rubric: Rubric, calls: Sequence[str], model: str) -> list[Rating]:
    """The newest set of ratings by one model, prompt and draw that covers all calls; empty if there is none."""
    sets: dict[tuple[str, str, int], list[Rating]] = {}
    for rating in space.store[Ratings].current(calls, rubric=rubric.id):
        made = rating.provenance
        if made.model and model in ("", made.model):
            sets.setdefault((made.prompt, made.model, made.draw), []).append(rating)
    complete = [found for found in sets.values() if {r.call for r in found} == set(calls)]
    return max(complete, key=lambda found: max(r.at for r in found), default=[])
