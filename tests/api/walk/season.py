"""Profiles, coaching and outcomes. Rae's calls are rated here, once, so that there is something to draw and to plan."""

from __future__ import annotations

from agent.ratings.store_import import ImportedRatings
from agent.rubrics.store import Rubrics
from tests.api.walk import EVERYBODY, OPS_LEAD, RATERS, TEAM, Walk

RAE, SAM = {"rep": "Rae"}, {"rep": "Sam"}


def rated(site, rep="Rae"):
    """The rep has twelve rated calls against v1."""
    from agent.ratings.store_import import ImportedCall, ImportedRating

    store, ids = site.space.store, [f"rated-{rep}-{number}" for number in range(12)]
    if ids[0] not in store[ImportedRatings].known_calls():
        calls = [ImportedCall(one, f"2026-09-{at + 1:02}", rep, "", "", "") for at, one in enumerate(ids)]
        given = [ImportedRating(one, "asks_cost", "rated", 0) for one in ids]
        store[ImportedRatings].add(calls, given, "import:walk", store[Rubrics].get("v1").id)
    return {"rep": rep}


def planned(site):
    """Rae has a plan, made anew."""
    from agent.coaching.plan_building import build_plan

    rated(site)
    build_plan(site.space, "Rae", ["asks_cost"], "manager", "v1")
    return RAE


def others(site):
    """Sam has rated calls: another rep's."""
    return rated(site, "Sam")


CYCLE = {"cycle": "cycle_1", "start": "2026-10-01", "end": "2026-10-30"}

WALK = {
    "GET /profiles": Walk(EVERYBODY),
    "POST /profiles/baselines": Walk(
        RATERS, path=lambda site: rated(site), form={"rep": "Rae", "rubric": "v1"}, status=303
    ),
    "GET /profiles/{rep}": Walk(EVERYBODY, path=others, query={"rubric": "v1"}, status_of={"rep": 404}),
    "GET /coaching": Walk(EVERYBODY),
    "GET /coaching/movement": Walk(TEAM),
    "GET /coaching/{rep}": Walk(EVERYBODY, path=SAM, status_of={"rep": 404}),
    "POST /coaching/{rep}/sessions": Walk(RATERS, path=RAE, form={"note": "Ask first."}, status=303),
    "POST /coaching/{rep}/cycles": Walk(RATERS, path=RAE, form=CYCLE | {"criterion": "asks_cost"}, status=303),
    "GET /coaching/{rep}/brief": Walk(EVERYBODY, path=planned),
    "GET /coaching/{rep}/plan": Walk(RATERS, path=RAE),
    "POST /coaching/{rep}/plan": Walk(RATERS, path=RAE, form={}, status=400),
    "POST /coaching/{rep}/suggestions": Walk(RATERS, path=planned, form={}, status=303),
    "GET /outcomes": Walk(TEAM),
    "GET /outcomes/weights": Walk(TEAM),
    "POST /outcomes/weights": Walk(OPS_LEAD, form={"rubric": "v1", "weight:asks_cost": "much"}, status=422),
    "GET /api/v1/profiles": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/profiles/{rep}": Walk(EVERYBODY, path=others, query={"rubric": "v1"}, status_of={"rep": 404}),
    "GET /api/v1/gaps": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/baselines": Walk(EVERYBODY, query={"rubric": "v1"}),
    "POST /api/v1/baselines": Walk(RATERS, path=rated, json={"rep": "Rae", "rubric": "v1"}, status=201),
    "GET /api/v1/plans": Walk(EVERYBODY),
    "POST /api/v1/plans": Walk(
        RATERS, path=rated, json={"who": "Rae", "criteria": ["asks_cost"], "rubric": "v1"}, status=201
    ),
    "GET /api/v1/plans/{rep}": Walk(EVERYBODY, path=planned),
    "GET /api/v1/plans/{rep}/proposal": Walk(RATERS, path=rated, query={"rubric": "v1"}),
    "POST /api/v1/plans/{rep}/suggestions": Walk(RATERS, path=planned, status=409),
    "GET /api/v1/plans/{rep}/brief": Walk(EVERYBODY, path=planned, query={"format": "md"}),
    "GET /api/v1/sessions": Walk(EVERYBODY),
    "POST /api/v1/sessions": Walk(RATERS, json={"rep": "Rae", "note": "Ask first."}, status=201),
    "GET /api/v1/cycles": Walk(EVERYBODY),
    "POST /api/v1/cycles": Walk(RATERS, json={"rep": "Rae", "criteria": ["asks_cost"], **CYCLE}, status=201),
    "GET /api/v1/movement": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/outcomes": Walk(TEAM),
    "GET /api/v1/funnel": Walk(TEAM),
    "GET /api/v1/weights": Walk(TEAM),
    "POST /api/v1/weights": Walk(OPS_LEAD, json={"rubric": "v1", "weights": {"other": 1.0}}, status=400),
}
