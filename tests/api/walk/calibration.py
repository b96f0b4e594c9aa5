"""Calibration rounds. A call is rated in one round only, so each request that needs a round gets one of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.ratings.model import Provenance, Rated, Rating
from agent.rubrics.store import Rubrics
from tests.api.walk import OPS_LEAD, RATERS, TEAM, Walk
from tests.builders import call

AT = datetime(2026, 11, 1, tzinfo=UTC)
RATING = {"criterion": "asks_cost", "value": "1", "reason": "as heard"}


def opened(site, raters=("manager", "ops_lead"), given=None):
    """A new round of one new call of Sam's; `given` maps raters to the level that they have submitted."""
    store = site.space.store
    number = store[Rounds].next_number()
    ident, rubric = f"cal-{number}", store[Rubrics].get("v1").id
    store[Calls].add(call(ident, "Sam"))
    ratings = {
        rater: [
            Rating(
                call=ident,
                criterion="asks_cost",
                rater=rater,
                judgement=Rated(value=value),
                reason="heard",
                provenance=Provenance(rubric=rubric),
                at=AT,
            )
        ]
        for rater, value in (given or {}).items()
    }
    new = CalibrationRound(number=number, rubric=rubric, raters=raters, calls=(ident,), opened_at=AT)
    return store[Rounds].open(new, ratings)


def a_round(site):
    """Nobody has submitted."""
    return {"number": str(opened(site).number)}


def drafted(site):
    """Both have rated everything, and not submitted."""
    found = opened(site)
    for rater in found.raters:
        quote = Quote(span=Span(turn=0, start=0, end=4), speaker="Sam", text="What")
        draft = Draft(call=found.calls[0], criterion="asks_cost", judgement=Rated(value=1, quotes=(quote,)))
        site.space.store[Rounds].save(found, rater, [draft])
    return {"number": str(found.number)}


def revealed(site):
    """Both have submitted, and differ."""
    return {"number": str(opened(site, given={"manager": 1, "ops_lead": 0}).number)}


NEW = {"raters": ["manager", "ops_lead"], "pick": 1}
# The call of a round that was opened for this request is named after its number, which these entries cannot know:
# the answers below say that the call is none of the round's.
HERE = {"call": "call-1", "criterion": "asks_cost"}
SHARPER = {
    "criteria": [{"criterion": "asks_cost", "description": "The rep asks for the amount that the problem costs."}]
}

WALK = {
    "GET /calibration": Walk(TEAM),
    "GET /calibration/open": Walk(OPS_LEAD),
    "POST /calibration/open": Walk(OPS_LEAD, form={"rubric": "v1", "rater": "manager"}, status=400),
    "GET /calibration/{number}": Walk(TEAM, path=revealed),
    "GET /calibration/{number}/rate": Walk(RATERS, path=a_round),
    "POST /calibration/{number}/rate": Walk(RATERS, path=a_round, form=HERE | {"value": "1"}, status=400),
    "GET /calibration/{number}/submit": Walk(RATERS, path=a_round),
    "POST /calibration/{number}/submit": Walk(RATERS, path=drafted, form={}, status=303),
    "GET /calibration/{number}/correct": Walk(RATERS, path=revealed, query=HERE, status=400),
    "POST /calibration/{number}/correct": Walk(RATERS, path=revealed, form=HERE, status=400),
    "POST /calibration/{number}/adjudicate": Walk(RATERS, path=revealed, form=HERE | RATING, status=400),
    "POST /calibration/{number}/close": Walk(OPS_LEAD, path=revealed, form={}, status=303),
    "GET /calibration/{number}/next": Walk(OPS_LEAD, path=revealed, status=303),
    "GET /calibration/{number}/log": Walk(TEAM, path=revealed),
    "GET /calibration/{number}/record": Walk(TEAM, path=revealed),
    "GET /calibration/{number}/sharpen": Walk(OPS_LEAD, path=revealed),
    "POST /calibration/{number}/sharpen": Walk(OPS_LEAD, path=revealed, form={}, status=422),
    "POST /calibration/{number}/sharpen/draft": Walk(
        OPS_LEAD, path=revealed, form={"criterion": "asks_cost"}, status=409
    ),
    "POST /calibration/{number}/sharpen/changes": Walk(OPS_LEAD, path=revealed, form={"criterion": "asks_cost"}),
    "GET /calibration/{number}/reworded": Walk(TEAM, path=revealed),
    "GET /api/v1/rounds": Walk(TEAM),
    "POST /api/v1/rounds": Walk(OPS_LEAD, json=NEW | {"raters": ["manager"]}, status=400),
    "GET /api/v1/rounds/{number}": Walk(TEAM, path=a_round),
    "POST /api/v1/rounds/{number}/close": Walk(OPS_LEAD, path=revealed, json={}),
    "GET /api/v1/rounds/{number}/log": Walk(TEAM, path=a_round),
    "GET /api/v1/rounds/{number}/drafts": Walk(RATERS, path=drafted),
    "POST /api/v1/rounds/{number}/drafts": Walk(RATERS, path=a_round, json=RATING | {"call": "call-1"}, status=400),
    "POST /api/v1/rounds/{number}/submit": Walk(RATERS, path=drafted),
    "GET /api/v1/rounds/{number}/ratings": Walk(TEAM, path=a_round),
    "GET /api/v1/rounds/{number}/report": Walk(TEAM, path=revealed),
    "GET /api/v1/rounds/{number}/record": Walk(TEAM, path=revealed, query={"format": "md"}),
    "POST /api/v1/rounds/{number}/corrections": Walk(
        RATERS, path=revealed, json=RATING | {"call": "call-1"}, status=404
    ),
    "POST /api/v1/rounds/{number}/adjudications": Walk(
        RATERS, path=revealed, json=RATING | {"call": "call-1"}, status=400
    ),
    "POST /api/v1/rounds/{number}/sharpen/drafts": Walk(
        OPS_LEAD, path=revealed, json={"criteria": ["asks_cost"]}, status=409
    ),
    "POST /api/v1/rounds/{number}/sharpen/accept": Walk(OPS_LEAD, path=revealed, json=SHARPER, status=201),
}
