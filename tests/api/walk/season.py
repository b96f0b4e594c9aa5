"""Profiles, coaching and outcomes. Rae's calls are rated here, once, so that there is something to draw and to plan."""

from __future__ import annotations

from agent.ratings.store_import import ImportedRatings
from agent.rubrics.store import Rubrics
from tests.api.walk import EVERYBODY, OPS_LEAD, RATERS, TEAM, Walk


def rated(site, rep="Rae"):
    """The rep has twelve rated calls against v1."""
    from agent.ratings.store_import import ImportedCall, ImportedRating

    store, ids = site.space.store, [f"rated-{rep}-{number}" for number in range(12)]
    if ids[0] not in store[ImportedRatings].known_calls():
        calls = [ImportedCall(one, f"2026-09-{at + 1:02}", rep, "", "", "") for at, one in enumerate(ids)]
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
    "GET /outcomes": Walk(TEAM),
    "GET /outcomes/weights": Walk(TEAM),
    "POST /outcomes/weights": Walk(OPS_LEAD, form={"rubric": "v1", "weight:asks_cost": "much"}, status=422),
    "GET /api/v1/profiles": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/profiles/{rep}": Walk(EVERYBODY, path=others, query={"rubric": "v1"}, status_of={"rep": 404}),
    "GET /api/v1/gaps": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/baselines": Walk(EVERYBODY, query={"rubric": "v1"}),
    "POST /api/v1/baselines": Walk(RATERS, path=rated, json={"rep": "Rae", "rubric": "v1"}, status=201),
    "GET /api/v1/outcomes": Walk(TEAM),
    "GET /api/v1/funnel": Walk(TEAM),
    "GET /api/v1/weights": Walk(TEAM),
    "POST /api/v1/weights": Walk(OPS_LEAD, json={"rubric": "v1", "weights": {"other": 1.0}}, status=400),
}
