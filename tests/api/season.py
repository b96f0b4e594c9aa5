"""A season on the site: nine reps with rated calls before and in a coaching cycle, deals with stages, baselines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent.calls.model import Call, Deal
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.outcomes.store import Deals
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.ratings.model import NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.builders import criterion, rubric, transcript

START = date(2026, 3, 1)
BEFORE, AFTER = 12, 12
REPS = ("Rae", "Sam", *(f"Rep {number}" for number in range(3, 10)))
RUBRIC = rubric(
    criterion("asks_cost", stage="lead"), criterion("names_next", name="Names the next step"), label="season"
)
AT = datetime(2026, 6, 1, tzinfo=UTC)
WON, LOST = "What does it cost you each month?", "I will send you something."


def fill_season(site: Any, *, cycles: bool = True, reps: Sequence[str] = REPS) -> None:
    """Everybody misses `asks_cost` before coaching, and all but the last rep ask afterwards. `names_next` is done. From
    the third rep on one call in twelve is the other way round."""
    store = site.space.store
    store[Rubrics].add(RUBRIC)
    ratings = []
    for place, rep in enumerate(reps):
        for number in range(BEFORE + AFTER):
            asked = (number >= BEFORE and place < 8) != (place > 1 and number in (place, place + BEFORE))
            call = _call(f"s-{place}-{number:02}", rep, START + timedelta(days=2 * number), asked)
            store[Calls].add(call)
            ratings += [
                _rating(call, "asks_cost", int(asked)),
                _rating(call, "names_next", int(place < 2 or number != place + 1)),
            ]
        if cycles:
            store[CoachingPeriods].add([_cycle(rep)])
    store[Ratings].add(ratings)
    store[Deals].add([_deal(place, rep, number) for place, rep in enumerate(reps) for number in range(12)])


def _call(ident: str, rep: str, day: date, asked: bool) -> Call:
    lines = (("Cus", "Our close takes twelve days."), (rep, WON if asked else LOST), ("Cus", "Let me think."))
    said = transcript(*lines, **{rep: "rep", "Cus": "customer"})
    return Call(id=ident, transcript=said, date=day, rep=rep, stage="discovery", deal=f"deal-{ident}")


def _rating(call: Call, name: str, value: int) -> Rating:
    turn = call.transcript.turns[1]
    quote = Quote(span=Span(turn=1, start=0, end=len(turn.text)), speaker=call.rep, text=turn.text)
    near = NearestMiss(turn=1, speaker=call.rep, text=turn.text, why="nothing is asked")
    judgement = Rated(value=value, quotes=(quote,)) if value else Rated(value=value, nearest=near)
    made = Provenance(rubric=RUBRIC.id, prompt="rate_call@1#x", model="m", request=f"rq-{call.id}-{name}")
    return Rating(
        call=call.id, criterion=name, rater="model:m", judgement=judgement, reason="heard", provenance=made, at=AT
    )


def _cycle(rep: str) -> CoachingPeriod:
    start = START + timedelta(days=2 * BEFORE)
    return CoachingPeriod(
        rep=rep, cycle="cycle_1", start=start, end=start + timedelta(days=2 * AFTER), criteria=("asks_cost",)
    )


def _deal(place: int, rep: str, number: int) -> Deal:
    opened = START + timedelta(days=-30 + 10 * number)
    won = (number * 7 + place) % 3 == 0
    return Deal(
        id=f"d-{place}-{number}",
        rep=rep,
        opened=opened,
        closed=opened + timedelta(days=9),
        stage="won" if won else "lead",
        outcome="won" if won else "lost",
    )
