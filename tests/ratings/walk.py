"""What the routes, verbs and commands of ratings do."""

from datetime import UTC, datetime
from itertools import count

from agent.calls.store import Calls
from agent.ratings import kept_filters, verbs
from agent.ratings.kept_filters import CallsShown, KeptFilters, KeptFiltersStore
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from tests.api.walk import EVERYBODY, RATERS, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import call, rubric

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


def _call(site):
    """A call that nobody has rated."""
    ident = f"call-r{next(_numbers)}"
    site.space.store[Calls].add(call(ident))
    return ident


KEPT = "to forget"


def kept_name(site):
    """Filters that everybody keeps."""
    for person in site.people.values():
        kept = KeptFilters(name=KEPT, filters=CallsShown(rep="Rae"))
        site.space.store[KeptFiltersStore].keep(person.id, kept)
    return {"name": KEPT}


CALL = {"ident": "call-1"}
GIVEN = {"value": "1", "reason": "She asks.", "words": "What does the late close cost you"}
TYPED = Given("1", "She asks.", "", GIVEN["words"])

WALK = {
    "GET /calls/review": Walk(TEAM),
    "POST /calls/filters": Walk(EVERYBODY, form={"name": "walk", "query": "result=shown&hide=stage"}, status=303),
    "POST /calls/filters/forget": Walk(EVERYBODY, path=kept_name, form={"name": KEPT}, status=303),
    "GET /api/v1/me/call-filters": Walk(EVERYBODY),
    "POST /api/v1/me/call-filters": Walk(EVERYBODY, json={"name": "walk", "filters": {"rep": "Rae"}}, status=201),
    "DELETE /api/v1/me/call-filters/{name}": Walk(EVERYBODY, path=kept_name, status=204),
    "GET /calls/{ident}": Walk(EVERYBODY, path={"ident": "call-3"}, status_of={"rep": 404}),
    "POST /calls/{ident}/override": Walk(RATERS, path=CALL, form=GIVEN | {"criterion": "asks_cost"}, status=303),
    "GET /api/v1/review": Walk(TEAM),
    "GET /api/v1/calls/{ident}": Walk(EVERYBODY, path={"ident": "call-3"}, status_of={"rep": 404}),
    "POST /api/v1/calls/{ident}/ratings": Walk(RATERS, path=CALL, json=GIVEN | {"criterion": "asks_cost"}, status=201),
    "GET /api/v1/ratings": Walk(EVERYBODY),
    "GET /api/v1/ratings/{ident}": Walk(
        EVERYBODY, path=lambda site: {"ident": rating_of(site, "call-3")}, status_of={"rep": 404}
    ),
    "POST /api/v1/ratings/{ident}/override": Walk(RATERS, path=by_id(rating_of), json=GIVEN, status=201),
}

ACTS = [
    Act(
        kept_filters.keep_filters,
        lambda site: ["walk", CallsShown(rep="Rae")],
        routes=["POST /calls/filters", "POST /api/v1/me/call-filters"],
    ),
    Act(
        kept_filters.forget_filters,
        lambda site: [kept_name(site)["name"]],
        routes=["POST /calls/filters/forget", "DELETE /api/v1/me/call-filters/{name}"],
    ),
    Act(
        verbs.override_rating,
        lambda site: [rating_of(site), TYPED],
        routes=["POST /api/v1/ratings/{ident}/override"],
    ),
    Act(
        verbs.rate_call,
        lambda site: [_call(site), "", "asks_cost", TYPED],
        routes=["POST /calls/{ident}/override", "POST /api/v1/calls/{ident}/ratings"],
    ),
]

JSON = {"calls show": Json("GET /api/v1/calls/{ident}", lambda site: rating_of(site) and ["call-1"])}
NO_API = {"ratings list": "each is as GET /api/v1/ratings/{ident} sends it; the API's list has no words"}
