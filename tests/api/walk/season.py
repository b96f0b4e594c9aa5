"""Coaching. Rae's calls are rated here, once, so that there is something to draw and to plan."""

from __future__ import annotations

from tests.api.walk import EVERYBODY, RATERS, TEAM, Walk
from tests.profiles.walk import rated

RAE, SAM = {"rep": "Rae"}, {"rep": "Sam"}


def planned(site):
    """Rae has a plan, made anew."""
    from agent.coaching.plan_building import build_plan

    rated(site)
    build_plan(site.space, "Rae", ["asks_cost"], "manager", "v1")
    return RAE


CYCLE = {"cycle": "cycle_1", "start": "2026-10-01", "end": "2026-10-30"}

WALK = {
    "GET /coaching": Walk(EVERYBODY),
    "GET /coaching/movement": Walk(TEAM),
    "GET /coaching/{rep}": Walk(EVERYBODY, path=SAM, status_of={"rep": 404}),
    "POST /coaching/{rep}/sessions": Walk(RATERS, path=RAE, form={"note": "Ask first."}, status=303),
    "POST /coaching/{rep}/cycles": Walk(RATERS, path=RAE, form=CYCLE | {"criterion": "asks_cost"}, status=303),
    "GET /coaching/{rep}/brief": Walk(EVERYBODY, path=planned),
    "GET /coaching/{rep}/plan": Walk(RATERS, path=RAE),
    "POST /coaching/{rep}/plan": Walk(RATERS, path=RAE, form={}, status=400),
    "POST /coaching/{rep}/suggestions": Walk(RATERS, path=planned, form={}, status=303),
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
}
