"""What the routes, verbs and commands of outcomes do."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from agent.calls.model import Deal
from agent.outcomes import verbs
from agent.outcomes.store import Deals
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.profiles.walk import rated

_numbers = count(1)
DAY = date(2026, 9, 1)


def decided(site):
    """Rae's rated calls name twelve deals, of which every third was won, and she is coached from the middle of them."""
    rated(site)
    site.space.store[Deals].add(
        [
            Deal(
                id=f"deal-Rae-{at}",
                rep="Rae",
                opened=DAY + timedelta(days=at),
                closed=DAY + timedelta(days=at + 9),
                stage="lead" if at % 3 else "won",
                outcome="lost" if at % 3 else "won",
            )
            for at in range(12)
        ]
    )
    cycle = CoachingPeriod(
        rep="Rae", cycle="cycle_1", start=date(2026, 9, 7), end=date(2026, 9, 30), criteria=("asks_cost",)
    )
    site.space.store[CoachingPeriods].add([cycle])
    return ["--rubric", "v1"]


def weights():
    """Other weights each time: those of now are refused."""
    return {"asks_cost": next(_numbers) / 1000}


def accepting(site):
    return [*decided(site), "--link", "time", "--weight", f"asks_cost={weights()['asks_cost']}", "--label", label()]


def label():
    return f"weighted-{next(_numbers)}"


WALK = {
    "GET /outcomes": Walk(TEAM),
    "GET /outcomes/weights": Walk(TEAM),
    "POST /outcomes/weights": Walk(OPS_LEAD, form={"rubric": "v1", "weight:asks_cost": "much"}, status=422),
    "GET /api/v1/outcomes": Walk(TEAM),
    "GET /api/v1/funnel": Walk(TEAM),
    "GET /api/v1/weights": Walk(TEAM),
    "POST /api/v1/weights": Walk(OPS_LEAD, json={"rubric": "v1", "weights": {"other": 1.0}}, status=400),
    "GET /api/v1/telling": Walk(TEAM),
}

ACTS = [
    Act(
        verbs.accept_weights,
        lambda site: ["v1", weights(), label()],
        walks={
            "POST /outcomes/weights": Walk(
                OPS_LEAD,
                form=lambda values: {"rubric": "v1", "weight:asks_cost": weights()["asks_cost"], "label": label()},
                status=303,
            ),
            "POST /api/v1/weights": Walk(
                OPS_LEAD, json=lambda values: {"rubric": "v1", "weights": weights(), "label": label()}, status=201
            ),
        },
        command=lambda site: ["weights", "accept", *accepting(site)],
    )
]

JSON = {
    "outcomes": Json("GET /api/v1/outcomes", decided),
    "telling": Json("GET /api/v1/telling", decided),
    "funnel": Json("GET /api/v1/funnel", decided),
    "weights propose": Json("GET /api/v1/weights", decided),
    "weights accept": Json("POST /api/v1/weights", accepting),
}
NO_API: dict[str, str] = {}
