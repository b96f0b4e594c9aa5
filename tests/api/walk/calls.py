"""Calls, ratings and disputes."""

from datetime import UTC, datetime
from itertools import count

from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from tests.api.walk import EVERYBODY, OPS_LEAD, RATERS, TEAM, Walk
from tests.builders import rubric

REP = frozenset({"rep"})
_numbers = count()


def rating_of(site, call="call-1"):
    """A model's rating that nobody has touched."""
    made = Provenance(rubric=rubric().id, prompt="p", model="m", request=f"rq-{next(_numbers)}")
    judgement = Rated(value=0)
    rating = Rating(
        call=call, criterion="asks_cost", rater="model:m", judgement=judgement, provenance=made, at=datetime.now(UTC)
    )
    site.space.store[Ratings].add([rating])
    return rating.id


def by_id(make):
    return lambda site: {"ident": make(site)}


CALL = {"ident": "call-1"}
GIVEN = {"value": "1", "reason": "She asks.", "words": "What does the late close cost you"}

WALK = {
    "GET /calls": Walk(EVERYBODY),
    "GET /calls/review": Walk(TEAM),
    "GET /calls/{ident}": Walk(EVERYBODY, path={"ident": "call-3"}, status_of={"rep": 404}),
    "POST /calls/{ident}/override": Walk(RATERS, path=CALL, form=GIVEN | {"criterion": "asks_cost"}, status=303),
    "POST /calls/{ident}/dispute": Walk(REP, path=CALL, form={"rating": "ra-none", "comment": "no"}, status=404),
    "POST /calls/{ident}/score": Walk(OPS_LEAD, path=CALL, form={}, status=409),
    "POST /disputes/cases": Walk(OPS_LEAD, form={"suite": "No Name"}, status=303),
    "GET /api/v1/calls": Walk(EVERYBODY),
    "GET /api/v1/review": Walk(TEAM),
    "GET /api/v1/calls/{ident}": Walk(EVERYBODY, path={"ident": "call-3"}, status_of={"rep": 404}),
    "POST /api/v1/calls/{ident}/ratings": Walk(RATERS, path=CALL, json=GIVEN | {"criterion": "asks_cost"}, status=201),
    "POST /api/v1/calls/{ident}/score": Walk(OPS_LEAD, path=CALL, json={}, status=409),
    "GET /api/v1/ratings": Walk(EVERYBODY),
    "GET /api/v1/ratings/{ident}": Walk(
        EVERYBODY, path=lambda site: {"ident": rating_of(site, "call-3")}, status_of={"rep": 404}
    ),
    "POST /api/v1/ratings/{ident}/override": Walk(RATERS, path=by_id(rating_of), json=GIVEN, status=201),
    "POST /api/v1/dispute-cases": Walk(OPS_LEAD, json={"suite": "No Name"}, status=422),
}
