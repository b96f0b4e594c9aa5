"""What coaching's routes, verbs and commands do."""

from __future__ import annotations

from datetime import date

from agent.coaching import verbs
from tests.api.walk import EVERYBODY, RATERS, TEAM, Walk
from tests.app.acts import Act, Json, written
from tests.profiles.walk import rated

RAE, SAM = {"rep": "Rae"}, {"rep": "Sam"}
CYCLE = {"cycle": "cycle_1", "start": "2026-09-01", "end": "2026-09-25"}
DAYS = date(2026, 10, 1), date(2026, 10, 30)  # of the cycle that is there: two of a rep share no day


def planned(site):
    """Rae has a plan, made anew."""
    rated(site)
    verbs.make_plan(site.who("manager"), "Rae", ["asks_cost"], "v1")
    return RAE


def with_cycle(site):
    """Rae has a cycle."""
    made = verbs.set_cycle(site.who("manager"), "Rae", "cycle_9", *DAYS, ["asks_cost"])
    return {"rep": made.rep, "cycle": made.cycle}


def tracked(site):
    """Rae has rated calls and a cycle."""
    rated(site)
    return with_cycle(site)


WALK = {
    "GET /coaching": Walk(EVERYBODY),
    "GET /coaching/movement": Walk(TEAM),
    "GET /coaching/{rep}": Walk(EVERYBODY, path=SAM, status_of={"rep": 404}),
    "POST /coaching/{rep}/sessions": Walk(RATERS, path=RAE, form={"note": "Ask first."}, status=303),
    "POST /coaching/{rep}/cycles": Walk(RATERS, path=RAE, form=CYCLE | {"criterion": "asks_cost"}, status=303),
    "POST /coaching/{rep}/cycles/remove": Walk(RATERS, path=with_cycle, form={"cycle": "cycle_9"}, status=303),
    "GET /coaching/{rep}/brief": Walk(EVERYBODY, path=planned),
    "GET /coaching/{rep}/plan": Walk(RATERS, path=RAE),
    "POST /coaching/{rep}/plan": Walk(RATERS, path=RAE, form={}, status=400),
    "POST /coaching/{rep}/suggestions": Walk(RATERS, path=planned, form={}, status=303),
    "GET /api/v1/plans": Walk(EVERYBODY),
    "POST /api/v1/plans": Walk(
        RATERS, path=rated, json={"who": "Rae", "criteria": ["asks_cost"], "rubric": "v1"}, status=201
    ),
    "GET /api/v1/plans/{rep}": Walk(EVERYBODY, path=planned),
    "GET /api/v1/plans/{rep}/proposal": Walk(RATERS, path=tracked, query={"rubric": "v1"}),
    "POST /api/v1/plans/{rep}/suggestions": Walk(RATERS, path=planned, status=409),
    "GET /api/v1/plans/{rep}/brief": Walk(EVERYBODY, path=planned, query={"format": "md"}),
    "GET /api/v1/sessions": Walk(EVERYBODY),
    "POST /api/v1/sessions": Walk(RATERS, json={"rep": "Rae", "note": "Ask first."}, status=201),
    "GET /api/v1/cycles": Walk(EVERYBODY),
    "POST /api/v1/cycles": Walk(RATERS, json={"rep": "Rae", "criteria": ["asks_cost"], **CYCLE}, status=201),
    "DELETE /api/v1/cycles/{rep}/{cycle}": Walk(RATERS, path=with_cycle),
    "GET /api/v1/movement": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
}

ACTS = [
    Act(
        verbs.make_plan,
        lambda site: [rated(site)["rep"], ["asks_cost"], "v1"],
        routes=["POST /api/v1/plans"],
        walks={"POST /coaching/{rep}/plan": Walk(RATERS, path=rated, form={"criterion": "asks_cost"})},
        command=lambda site: ["coach", "plan", rated(site)["rep"], "--criteria", "asks_cost", "--rubric", "v1"],
    ),
    Act(
        verbs.export_brief,
        lambda site: [planned(site)["rep"]],
        routes=["GET /coaching/{rep}/brief", "GET /api/v1/plans/{rep}/brief"],
        command=lambda site: ["export", "brief", "--rep", planned(site)["rep"], "--out", written(site, "brief.md")],
    ),
    Act(
        verbs.log_session,
        lambda site: ["Rae", "Ask first."],
        routes=["POST /coaching/{rep}/sessions", "POST /api/v1/sessions"],
        command=lambda site: ["coach", "log", "Rae", "--note", "Ask first."],
    ),
    Act(
        verbs.set_cycle,
        lambda site: ["Rae", "cycle_1", date(2026, 9, 1), date(2026, 9, 25), ["asks_cost"]],
        routes=["POST /coaching/{rep}/cycles", "POST /api/v1/cycles"],
        command=lambda site: [
            "coach",
            "cycle",
            "Rae",
            "cycle_1",
            "--start",
            "2026-09-01",
            "--end",
            "2026-09-25",
            "--criteria",
            "asks_cost",
        ],
    ),
    Act(
        verbs.remove_cycle,
        lambda site: list(with_cycle(site).values()),
        routes=["POST /coaching/{rep}/cycles/remove", "DELETE /api/v1/cycles/{rep}/{cycle}"],
        command=lambda site: ["coach", "cycle", *with_cycle(site).values(), "--remove"],
    ),
]
NOT_ACTED = {"coaching.verbs.draft_suggestions": "asks a model; tests/api/test_season.py holds its entry in the log"}
NO_VERB = {
    "POST /coaching/{rep}/suggestions": "starts verbs.draft_suggestions beside the server",
    "POST /api/v1/plans/{rep}/suggestions": "starts verbs.draft_suggestions beside the server",
}

JSON = {
    "coach plan": Json(
        "GET /api/v1/plans/{rep}", lambda site: [planned(site)["rep"], "--criteria", "asks_cost", "--rubric", "v1"]
    ),
    "coach log": Json("GET /api/v1/sessions", lambda site: ["Rae", "--note", "Ask first."]),
    "coach track": Json("GET /api/v1/movement", lambda site: tracked(site) and ["--rubric", "v1"]),
    "coach cycle": Json(
        "POST /api/v1/cycles",
        lambda site: ["Rae", "cycle_2", "--start", "2026-11-01", "--end", "2026-11-30", "--criteria", "asks_cost"],
    ),
}
NO_API: dict[str, str] = {}
