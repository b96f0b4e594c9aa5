"""What the routes, verbs and commands of profiles do. Rae's calls are rated here, once, so that there is something to draw."""

from __future__ import annotations

from agent.profiles import verbs
from agent.ratings.store_import import ImportedCall, ImportedRating, ImportedRatings
from agent.rubrics.store import Rubrics
from tests.api.walk import EVERYBODY, RATERS, Walk
from tests.app.acts import Act, Json


def rated(site, rep="Rae"):
    """The rep has twelve rated calls against v1."""
    store, ids = site.space.store, [f"rated-{rep}-{number}" for number in range(12)]
    if ids[0] not in store[ImportedRatings].known_calls():
        calls = [
            ImportedCall(one, f"2026-09-{at + 1:02}", rep, "", f"deal-{rep}-{at}", "") for at, one in enumerate(ids)
        ]
        given = [ImportedRating(one, "asks_cost", "rated", 0) for one in ids]
        store[ImportedRatings].add(calls, given, "import:walk", store[Rubrics].get("v1").id)
    return {"rep": rep}


def others(site):
    """Sam has rated calls: another rep's."""
    return rated(site, "Sam")


WALK = {
    "GET /profiles": Walk(EVERYBODY),
    "POST /profiles/baselines": Walk(
        RATERS, path=lambda site: rated(site), form={"rep": "Rae", "rubric": "v1"}, status=303
    ),
    "GET /profiles/{rep}": Walk(EVERYBODY, path=others, query={"rubric": "v1"}, status_of={"rep": 404}),
    "GET /api/v1/profiles": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/profiles/{rep}": Walk(EVERYBODY, path=others, query={"rubric": "v1"}, status_of={"rep": 404}),
    "GET /api/v1/gaps": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/baselines": Walk(EVERYBODY, query={"rubric": "v1"}),
    "POST /api/v1/baselines": Walk(RATERS, path=rated, json={"rep": "Rae", "rubric": "v1"}, status=201),
}

ACTS = [
    Act(
        verbs.draw_baselines,
        lambda site: rated(site) and ["v1"],
        routes=["POST /profiles/baselines", "POST /api/v1/baselines"],
        command=lambda site: rated(site) and ["baseline", "make", "--rubric", "v1"],
    )
]

JSON = {
    "baseline make": Json("POST /api/v1/baselines", lambda site: rated(site) and ["--rubric", "v1"]),
    "baseline show": Json("GET /api/v1/profiles", lambda site: rated(site) and ["--rubric", "v1"]),
    "gaps": Json("GET /api/v1/gaps", lambda site: rated(site) and ["--rubric", "v1"]),
}
NO_API: dict[str, str] = {}
