"""What the routes, verbs and commands of scoring do."""

from datetime import UTC, datetime
from uuid import uuid4

from agent.calls.store import Calls
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.scoring import rules_verbs, verbs
from agent.scoring.rules import NewRule
from agent.scoring.running import Scoring
from tests.api.walk import OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import call, criterion, rubric

CALL = {"ident": "call-1"}


def bind(site):
    """A model for those who rate and draft."""
    config = site.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    model = "{model: openai/gpt-4.1-mini}"
    (config / "models.yaml").write_text(f"roles:\n  rater: {model}\n  drafter: {model}\n", encoding="utf-8")


def unscored(site):
    """A model for the rater, and a call that waits to be scored."""
    bind(site)
    ident = f"call-{uuid4().hex[:6]}"
    site.space.store[Calls].add(call(ident))
    return ident


def _scoring(site):
    unscored(site)
    return Scoring(site.space, site.space.store[Rubrics].newest(), site.space.prompt("rate_call"), 0)


def _tried(site):
    """A rubric that no call was read against, a model and a call."""
    unscored(site)
    return _unread(site)


def _unread(site):
    """A rubric that no call was read against."""
    made = rubric(criterion(description=f"The rep asks {uuid4().hex}."), label=uuid4().hex)
    return {"ref": site.space.store[Rubrics].add(made).id}


def _rule(site):
    """A rule's name."""
    return rules_verbs.add_rule(site.who("ops_lead"), NewRule(name=f"rule {uuid4().hex[:6]}")).name


def _new():
    return {"name": f"rule {uuid4().hex[:6]}"}


def _ruled(site):
    return {"name": _rule(site)}


WALK = {
    "GET /rules": Walk(TEAM),
    "POST /rules": Walk(OPS_LEAD, form={"name": "", "share": "0"}, status=422),
    "POST /rules/{name}/pause": Walk(OPS_LEAD, path=_ruled, form={}, status=303),
    "POST /rules/{name}/resume": Walk(OPS_LEAD, path=_ruled, form={}, status=303),
    "POST /rules/{name}/remove": Walk(OPS_LEAD, path=_ruled, form={}, status=303),
    "GET /api/v1/scoring-rules": Walk(TEAM),
    "POST /api/v1/scoring-rules": Walk(OPS_LEAD, json={"name": "", "share": 0}, status=422),
    "GET /api/v1/scoring-rules/{name}": Walk(TEAM, path=_ruled),
    "POST /api/v1/scoring-rules/{name}/pause": Walk(OPS_LEAD, path=_ruled),
    "POST /api/v1/scoring-rules/{name}/resume": Walk(OPS_LEAD, path=_ruled),
    "DELETE /api/v1/scoring-rules/{name}": Walk(OPS_LEAD, path=_ruled),
    "POST /calls/{ident}/score": Walk(OPS_LEAD, path=CALL, form={}, status=409),
    "POST /api/v1/calls/{ident}/score": Walk(OPS_LEAD, path=CALL, json={}, status=409),
    "GET /api/v1/rubrics/{ref}/trial": Walk(TEAM, path={"ref": "v1"}),
    "POST /api/v1/rubrics/{ref}/trial": Walk(OPS_LEAD, path={"ref": "v1"}, json={}, status=409),  # no model
    "POST /rubric/{ref}/trial": Walk(OPS_LEAD, path={"ref": "v1"}, form={}, status=409),
    "POST /api/v1/rubrics/{ref}/fit": Walk(OPS_LEAD, path=_unread, json={}, status=422),
    "POST /rubric/{ref}/fit": Walk(OPS_LEAD, path=_unread, form={}, status=422),
}


def _fitting(site):
    """A rubric that a model has read one call against, on which its criterion applied: nothing is to be reworded."""
    ident = unscored(site)
    made = site.space.store[Rubrics].add(rubric(criterion(description=f"The rep asks {ident}."), label=ident))
    source = Provenance(rubric=made.id, prompt="p@1#x", model="m", request=f"rq-{ident}")
    rated = Rating(
        call=ident,
        criterion="asks_cost",
        rater="model:m",
        judgement=Rated(value=0),
        provenance=source,
        at=datetime.now(UTC),
    )
    site.space.store[Ratings].add([rated])
    return made


def _switching(verb, word):
    return Act(
        verb,
        lambda site: [_rule(site)],
        routes=[f"POST /rules/{{name}}/{word}", f"POST /api/v1/scoring-rules/{{name}}/{word}"],
        command=lambda site: ["rule", word, _rule(site)],
    )


ACTS = [
    Act(
        rules_verbs.add_rule,
        lambda site: [NewRule(**_new())],
        walks={
            "POST /rules": Walk(OPS_LEAD, form={"name": f"rule {uuid4().hex[:6]}"}, status=303),
            "POST /api/v1/scoring-rules": Walk(OPS_LEAD, json={"name": f"rule {uuid4().hex[:6]}"}, status=201),
        },
        command=lambda site: ["rule", "add", _new()["name"]],
    ),
    _switching(rules_verbs.pause_rule, "pause"),
    _switching(rules_verbs.resume_rule, "resume"),
    Act(
        rules_verbs.remove_rule,
        lambda site: [_rule(site)],
        routes=["POST /rules/{name}/remove", "DELETE /api/v1/scoring-rules/{name}"],
        command=lambda site: ["rule", "remove", _rule(site)],
    ),
    Act(
        verbs.fit_rubric,
        lambda site: [_fitting(site), 1, None],
        walks={
            "POST /rubric/{ref}/fit": Walk(OPS_LEAD, path=lambda site: {"ref": _fitting(site).id}, form={}, status=303),
            "POST /api/v1/rubrics/{ref}/fit": Walk(OPS_LEAD, path=lambda site: {"ref": _fitting(site).id}, json={}),
        },
        command=lambda site: ["rubric", "fit", _fitting(site).id],
    ),
    Act(verbs.score_now, lambda site: [_scoring(site), [], 1, None, lambda call: None]),
    Act(
        verbs.start_scoring,
        lambda site: unscored(site) and [],
        command=lambda site: unscored(site) and ["score", "run", "--background"],
    ),
    Act(
        verbs.start_trial,
        lambda site: [site.space.store[Rubrics].get(_tried(site)["ref"]), 4],
        walks={
            "POST /rubric/{ref}/trial": Walk(OPS_LEAD, path=_tried, form={"calls": "4"}, status=303),
            "POST /api/v1/rubrics/{ref}/trial": Walk(OPS_LEAD, path=_tried, json={"calls": 4}, status=202),
        },
    ),
    Act(
        verbs.start_reading,
        lambda site: [unscored(site)],
        walks={
            "POST /calls/{ident}/score": Walk(
                OPS_LEAD, path=lambda site: {"ident": unscored(site)}, form={}, status=303
            ),
            "POST /api/v1/calls/{ident}/score": Walk(
                OPS_LEAD, path=lambda site: {"ident": unscored(site)}, json={}, status=202
            ),
        },
    ),
]

NO_API = {
    "rubric trial": "asks a model, then prints what GET /api/v1/rubrics/{ref}/trial sends (tests/scoring/test_trial.py)",
    "score run": "what a run at the terminal came to, or its plan; in the background it prints the job",
    "score show": "each is as GET /api/v1/ratings/{ident} sends it",
}
JSON = {
    "rule list": Json("GET /api/v1/scoring-rules", lambda site: _rule(site) and []),
    "rule add": Json("POST /api/v1/scoring-rules", lambda site: [_new()["name"]]),
    "rule pause": Json("POST /api/v1/scoring-rules/{name}/pause", lambda site: [_rule(site)]),
    "rule resume": Json("POST /api/v1/scoring-rules/{name}/resume", lambda site: [_rule(site)]),
    "rule remove": Json("DELETE /api/v1/scoring-rules/{name}", lambda site: [_rule(site)]),
    "rubric fit": Json("POST /api/v1/rubrics/{ref}/fit", lambda site: [_fitting(site).id]),
}
