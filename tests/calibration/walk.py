"""Calibration rounds. A call is rated in one round only, so each request that needs a round gets one of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

from agent.calibration import verbs
from agent.calibration.choosing import chosen_calls
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.sharpening import Rewording
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.rubrics.model import Rubric, RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.api.walk import OPS_LEAD, RATERS, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import call, criterion

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


def deployed(site):
    """Version 1 is in use."""
    state = RubricState(rubric=site.space.store[Rubrics].get("v1").id, state="deployed", at=AT)
    site.space.store[RubricStates].set(state)
    return {}


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
    "GET /calibration/ongoing": Walk(TEAM),
    "POST /calibration/ongoing": Walk(OPS_LEAD, path=deployed, form={}, status=400),
    "GET /api/v1/calibration/ongoing": Walk(TEAM, path=deployed),
    "GET /calibration/{number}": Walk(TEAM, path=revealed),
    "GET /calibration/{number}/rate": Walk(RATERS, path=a_round),
    "POST /calibration/{number}/rate": Walk(RATERS, path=a_round, form=HERE | {"value": "1"}, status=400),
    "GET /calibration/{number}/submit": Walk(RATERS, path=a_round),
    "POST /calibration/{number}/submit": Walk(RATERS, path=drafted, form={}, status=303),
    "GET /calibration/{number}/correct": Walk(RATERS, path=revealed, query=HERE, status=400),
    "POST /calibration/{number}/correct": Walk(RATERS, path=revealed, form=HERE, status=422),
    "POST /calibration/{number}/adjudicate": Walk(RATERS, path=revealed, form=HERE | RATING, status=400),
    "POST /calibration/{number}/plan": Walk(OPS_LEAD, path=revealed, form={"reference": "settled"}, status=303),
    "POST /api/v1/rounds/{number}/plan": Walk(OPS_LEAD, path=revealed, json={"reference": "manager"}),
    "POST /calibration/{number}/close": Walk(OPS_LEAD, path=revealed, form={}, status=303),
    "GET /calibration/{number}/next": Walk(OPS_LEAD, path=revealed, status=303),
    "GET /calibration/{number}/log": Walk(TEAM, path=revealed),
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


TWO = ["manager", "ops_lead"]
DESCRIPTION = "The rep asks for the amount that the problem costs each month."


def number(site):
    return revealed(site)["number"]


def own_call(site):
    """A call that is in no round."""
    ident = f"own-{site.space.store[Calls].count()}"
    site.space.store[Calls].add(call(ident, "Sam"))
    return ident


def not_picked(site):
    """Nothing, once the call that is picked next is none of the three that other requests rate."""
    while {"call-1", "call-2", "call-3"} & set(chosen_calls(site.space, (), pick=1, seed=0)):
        own_call(site)
    return {}


def finished(site):
    """A file with a finished round of another tool."""
    file, ident = site.space.settings.workspace / "finished.csv", own_call(site)
    rows = [f"1,{ident},{rater},asks_cost,0" for rater in TWO]
    file.write_text("\n".join(["round,call_id,rater,criterion,value", *rows, ""]), encoding="utf-8")
    return file


def reworded(site) -> Rubric:
    """The rubric as a person edited it: no two times the same."""
    count = len(site.space.store[Rubrics].all())
    return Rubric(criteria=(criterion(description=f"{DESCRIPTION} Edition {count}."),), label=f"edited-{count}")


def edited(site):
    """The same as a file."""
    from agent.rubrics.file import write_rubric

    file = site.space.settings.workspace / "edited.yaml"
    file.write_text(write_rubric(reworded(site), "yaml"), encoding="utf-8")
    return str(file)


def sent(**fields):
    """The body of a request about a round's call, which is named after the round's number."""
    return lambda values: {"call": f"cal-{values['number']}", "criterion": "asks_cost", **fields}


def about(site):
    """Number, call, criterion and what is given, for a verb."""
    ident = number(site)
    return [ident, f"cal-{ident}", "asks_cost", Given("n/a", "It is a renewal.")]


def typed(site):
    """The same for a command."""
    ident, name, what, given = about(site)
    return [ident, "--as", "ops_lead", "--call", name, "--criterion", what, "--value", given.value, "--reason", "So."]


ANSWER = {"value": "n/a", "reason": "It is a renewal."}
ACTS = [
    Act(
        verbs.open_round,
        lambda site: ["v1", TWO, [own_call(site)]],
        walks={
            # A call of its own: one that other requests rate could not be rated any more.
            "POST /calibration/open": Walk(
                OPS_LEAD,
                path=lambda site: {"call": own_call(site)},
                form=lambda values: {"rubric": "v1", "rater": TWO, "call": values["call"]},
            ),
            "POST /api/v1/rounds": Walk(
                OPS_LEAD,
                path=lambda site: {"call": own_call(site)},
                json=lambda values: {"raters": TWO, "calls": [values["call"]]},
            ),
            "POST /calibration/ongoing": Walk(
                OPS_LEAD, path=lambda site: deployed(site) | not_picked(site), form={"rater": TWO, "pick": "1"}
            ),
        },
        command=lambda site: ["calibrate", "open", "--raters", ",".join(TWO), "--calls", own_call(site)],
    ),
    Act(
        verbs.import_rounds,
        lambda site: [finished(site), site.space.store[Rubrics].get("v1"), {}],
        command=lambda site: ["calibrate", "import", str(finished(site)), "--rubric", "v1"],
    ),
    Act(
        verbs.submit_ratings,
        lambda site: [drafted(site)["number"]],
        routes=["POST /calibration/{number}/submit", "POST /api/v1/rounds/{number}/submit"],
        command=lambda site: ["calibrate", "submit", drafted(site)["number"], "--as", "ops_lead"],
    ),
    Act(
        verbs.correct_rating,
        about,
        walks={
            "POST /calibration/{number}/correct": Walk(RATERS, path=revealed, form=sent(**ANSWER)),
            "POST /api/v1/rounds/{number}/corrections": Walk(RATERS, path=revealed, json=sent(**ANSWER)),
        },
        command=lambda site: ["calibrate", "correct", *typed(site)],
    ),
    Act(
        verbs.settle_difference,
        about,
        walks={
            "POST /calibration/{number}/adjudicate": Walk(RATERS, path=revealed, form=sent(**ANSWER)),
            "POST /api/v1/rounds/{number}/adjudications": Walk(RATERS, path=revealed, json=sent(**ANSWER)),
        },
        command=lambda site: ["calibrate", "adjudicate", *typed(site)],
    ),
    Act(
        verbs.plan_round,
        lambda site: [number(site), date(2100, 1, 4), "settled"],
        routes=["POST /calibration/{number}/plan", "POST /api/v1/rounds/{number}/plan"],
        command=lambda site: ["calibrate", "plan", number(site), "--deadline", "2100-01-04", "--reference", "manager"],
    ),
    Act(
        verbs.close_round,
        lambda site: [number(site)],
        routes=["POST /calibration/{number}/close", "POST /api/v1/rounds/{number}/close"],
        command=lambda site: ["calibrate", "close", number(site)],
    ),
    Act(
        verbs.accept_wordings,
        lambda site: [number(site), [Rewording("asks_cost", reworded(site).criteria[0].description)]],
        walks={
            "POST /calibration/{number}/sharpen": Walk(
                OPS_LEAD, path=revealed, form=lambda values: {"description:asks_cost": f"{DESCRIPTION} {values}"}
            )
        },
        routes=["POST /api/v1/rounds/{number}/sharpen/accept"],
    ),
    Act(
        verbs.accept_rubric,
        lambda site: [number(site), reworded(site)],
        command=lambda site: ["calibrate", "sharpen", number(site), "--file", edited(site)],
    ),
    Act(
        verbs.deploy_rubric,
        lambda site: ["v1"],
        {"override": True, "reason": "A pilot."},
        command=lambda site: ["rubric", "deploy", "v1", "--override", "--reason", "A pilot."],
    ),
]
NOT_ACTED = {"calibration.verbs.draft_wordings": "asks a model; test_web_sharpening.py holds its entry in the log"}
NO_VERB = {
    "POST /calibration/{number}/rate": "drafts are the rater's own; the round's log says when somebody saved",
    "POST /api/v1/rounds/{number}/drafts": "drafts are the rater's own; the round's log says when somebody saved",
    "POST /calibration/{number}/sharpen/draft": "asks a model; test_web_sharpening.py holds its entry in the log",
    "POST /api/v1/rounds/{number}/sharpen/drafts": "asks a model; test_web_sharpening.py holds its entry in the log",
    "POST /calibration/{number}/sharpen/changes": "shows what is typed beside the old wording; stores nothing",
}

JSON = {
    "calibrate ongoing": Json("GET /api/v1/calibration/ongoing", lambda site: [*deployed(site)]),
    "calibrate open": Json("POST /api/v1/rounds", lambda site: ["--raters", ",".join(TWO), "--calls", own_call(site)]),
    "calibrate plan": Json("POST /api/v1/rounds/{number}/plan", lambda site: [number(site), "--reference", "settled"]),
    "calibrate import": Json("GET /api/v1/rounds", lambda site: [str(finished(site)), "--rubric", "v1"]),
    "calibrate status": Json("GET /api/v1/rounds/{number}", lambda site: [number(site)]),
    "calibrate audit": Json("GET /api/v1/rounds/{number}/log", lambda site: [number(site)]),
    "calibrate reveal": Json("GET /api/v1/rounds/{number}/ratings", lambda site: [number(site)]),
    "calibrate report": Json("GET /api/v1/rounds/{number}/report", lambda site: [number(site)]),
    "calibrate sharpen": Json(
        "POST /api/v1/rounds/{number}/sharpen/accept", lambda site: [number(site), "--file", edited(site)]
    ),
}
NO_API = {"agreement": "statistics of any table in a file; the API knows the workspace's ratings only"}
