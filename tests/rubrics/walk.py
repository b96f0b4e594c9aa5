"""What the routes, verbs and commands of rubrics do."""

from agent.app.queue.store import Jobs
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import verbs, verbs_drafting
from agent.rubrics.drafts_model import WorkingCopy
from agent.rubrics.in_use import in_use
from agent.rubrics.store import Rubrics
from tests.api.walk import EVERYBODY, OPS_LEAD, TEAM, Walk
from tests.app.acts import Act, Json
from tests.builders import criterion, rubric
from tests.patterns.made import extracted
from tests.scoring.walk import bind

V1 = {"ref": "v1"}


def _used(site):
    """The rubric that calls are scored against, which a rep may read."""
    return {"ref": in_use(site.space.store).rubric.id}


CRITERION = {"id": "asks_budget", "name": "Asks for the budget", "description": "The rep asks who holds the budget."}


def _stored(site):
    """A rubric that nobody edits yet."""
    number = len(site.space.store[Rubrics].all())
    words = f"The rep asks what the problem costs, wording {number}."
    return site.space.store[Rubrics].add(rubric(criterion(description=words), label=f"walk-{number}"))


def _base(site):
    return {"base": _stored(site).id}


def _ref(site):
    return {"ref": _stored(site).id}


def _changed(site):
    """A working copy of version 1 that can be published."""
    base = _stored(site)
    words = f"The rep asks what the problem costs in {base.label} a year."
    rubric_drafts.save(site.space, base, 0, WorkingCopy.of(rubric(criterion(description=words))))
    return {"base": base.id}


def _criterion(site):
    return {"base": _stored(site).id, "criterion": "asks_cost"}


MATCH = {"If-Match": '"0"'}
MATCH_1 = {"If-Match": '"1"'}
FILE = {"file": ("mine.yaml", b"criteria: [{id: asks_who, description: The rep asks who decides., scale: binary}]")}

WALK = {
    "GET /api/v1/rubrics": Walk(EVERYBODY),
    "POST /api/v1/rubrics": Walk(OPS_LEAD, json={"label": "api", "criteria": [CRITERION]}, status=201),
    "POST /api/v1/rubrics/import": Walk(OPS_LEAD, files=FILE, status=201),
    "POST /api/v1/rubrics/checks": Walk(OPS_LEAD, json={"criterion": CRITERION}),
    "GET /api/v1/rubrics/{ref}": Walk(EVERYBODY, path=V1),
    "GET /api/v1/rubrics/{ref}/gate": Walk(TEAM, path=V1),
    "POST /api/v1/rubrics/{ref}/deploy": Walk(OPS_LEAD, path=_ref, json={"override": True, "reason": "A pilot."}),
    "GET /api/v1/rubrics/{ref}/diff": Walk(TEAM, path=_ref, query={"against": "v1"}),
    "GET /api/v1/rubrics/{ref}/file": Walk(TEAM, path=V1),
    "GET /api/v1/rubric-drafts": Walk(TEAM),
    "GET /api/v1/rubrics/{base}/draft": Walk(TEAM, path=_base),
    "PUT /api/v1/rubrics/{base}/draft": Walk(OPS_LEAD, path=_base, json={"criteria": [CRITERION]}, headers=MATCH),
    "GET /api/v1/compliance-criteria": Walk(TEAM),
    "POST /api/v1/rubrics/{base}/draft/compliance": Walk(OPS_LEAD, path=_base, json={"criteria": ["recording_told"]}),
    "POST /rubric/{base}/compliance": Walk(OPS_LEAD, path=_base, form={"rule": "recording_told"}, status=303),
    "DELETE /api/v1/rubrics/{base}/draft": Walk(OPS_LEAD, path=_base, headers=MATCH, status=204),
    "POST /api/v1/rubrics/{base}/draft/publish": Walk(OPS_LEAD, path=_changed, json={}, headers=MATCH_1, status=201),
    "GET /rubric": Walk(EVERYBODY),
    "POST /rubric-import": Walk(OPS_LEAD, form={"label": ""}, files=FILE, status=303),
    "GET /rubric/{ref}": Walk(EVERYBODY, path=_used),
    "GET /rubric/{ref}/gate": Walk(TEAM, path=V1),
    "GET /rubric/{ref}/diff": Walk(TEAM, path=_ref, query={"against": "v1"}),
    "POST /rubric/{ref}/deploy": Walk(OPS_LEAD, path=_ref, form={"override": "true", "reason": "A pilot."}, status=303),
    "GET /rubric/{ref}/file/{form}": Walk(TEAM, path={**V1, "form": "yaml"}),
    "GET /rubric/{base}/edit": Walk(OPS_LEAD, path=_base),
    "POST /rubric/{base}/add": Walk(OPS_LEAD, path=_base, form={"version": "0", "name": "Asks who"}, status=303),
    "POST /rubric/{base}/order": Walk(
        OPS_LEAD, path=_base, form={"version": "0", "criterion": "asks_cost", "move": "up"}, status=303
    ),
    "POST /rubric/{base}/publish": Walk(OPS_LEAD, path=_changed, form={"version": "1"}, status=303),
    "POST /rubric/{base}/discard": Walk(OPS_LEAD, path=_changed, form={"version": "1"}, status=303),
    "GET /rubric/{base}/edit/{criterion}": Walk(OPS_LEAD, path=_criterion),
    "POST /rubric/{base}/edit/{criterion}": Walk(
        OPS_LEAD, path=_criterion, form={"version": "0", "name": "Asks", "then": "back"}, status=303
    ),
    "POST /rubric-checks": Walk(OPS_LEAD, form={"name": "Asks", "description": "The rep is clear."}),
    "POST /rubric-checks/model": Walk(OPS_LEAD, form={"name": "Asks", "description": "The rep is clear."}, status=409),
}


def _named(word):
    """A rubric file with one criterion of that name."""
    return (
        f"criteria: [{{id: asks_{word}, description: The rep asks who decides about {word}., scale: binary}}]".encode()
    )


def _file(site):
    path = site.space.settings.workspace / f"mine-{len(site.space.store[Rubrics].all())}.yaml"
    path.write_bytes(_named(f"n{len(site.space.store[Rubrics].all())}"))
    return str(path)


def _ready(site):
    """Patterns, a model that drafts, and no such job under way."""
    bind(site)
    extracted(site.space)
    for job in site.space.store[Jobs].open("draft"):
        site.space.store[Jobs].cancel(job.id, "ops_lead")
    return {}


ACTS = [
    Act(
        verbs.export_rubric,
        lambda site: ["v1"],
        routes=["GET /rubric/{ref}/file/{form}", "GET /api/v1/rubrics/{ref}/file"],
        command=lambda site: ["rubric", "export", "v1"],
    ),
    Act(
        verbs_drafting.start_drafting,
        lambda site: [*_ready(site)],
        walks={
            "POST /patterns/draft": Walk(OPS_LEAD, path=_ready, form={}, status=303),
            "POST /api/v1/patterns/draft": Walk(OPS_LEAD, path=_ready, json={}, status=202),
        },
    ),
    Act(
        verbs.import_rubric,
        lambda site: ["theirs.yaml", _named("theirs")],
        routes=["POST /rubric-import", "POST /api/v1/rubrics/import"],
        command=lambda site: ["rubric", "import", _file(site)],
    ),
    Act(
        verbs.add_rubric,
        lambda site: [WorkingCopy.of(rubric(criterion(description="The rep asks what a new one costs.")))],
        routes=["POST /api/v1/rubrics"],
    ),
    Act(
        verbs.save_draft,
        lambda site: [_stored(site).id, 0, WorkingCopy.of(rubric())],
        routes=[
            "POST /rubric/{base}/add",
            "POST /rubric/{base}/order",
            "POST /rubric/{base}/edit/{criterion}",
            "PUT /api/v1/rubrics/{base}/draft",
        ],
    ),
    Act(
        verbs.add_compliance,
        lambda site: [_stored(site).id, ["recording_told"]],
        routes=["POST /rubric/{base}/compliance", "POST /api/v1/rubrics/{base}/draft/compliance"],
        command=lambda site: ["rubric", "compliance", _stored(site).id, "--add", "recording_told"],
    ),
    Act(
        verbs.discard_draft,
        lambda site: [_changed(site)["base"], 1],
        routes=["POST /rubric/{base}/discard"],
        walks={
            "DELETE /api/v1/rubrics/{base}/draft": Walk(
                OPS_LEAD, path=_changed, headers={"If-Match": '"1"'}, status=204
            )
        },
    ),
    Act(
        verbs.publish_draft,
        lambda site: [_changed(site)["base"], 1],
        routes=["POST /rubric/{base}/publish", "POST /api/v1/rubrics/{base}/draft/publish"],
    ),
]

NO_VERB = {
    "POST /rubric/{ref}/deploy": "calls calibration's verb deploy_rubric",
    "POST /api/v1/rubrics/{ref}/deploy": "calls calibration's verb deploy_rubric",
    "POST /api/v1/rubrics/checks": "asks, and changes nothing",
    "POST /rubric-checks": "asks, and changes nothing",
    "POST /rubric-checks/model": "asks, and changes nothing",
}

JSON = {
    "rubric list": Json("GET /api/v1/rubrics"),
    "rubric compliance": Json("GET /api/v1/compliance-criteria"),
    "rubric show": Json("GET /api/v1/rubrics/{ref}", lambda site: ["v1"]),
    "rubric import": Json("POST /api/v1/rubrics/import", lambda site: [_file(site)]),
    "rubric deploy": Json(
        "POST /api/v1/rubrics/{ref}/deploy", lambda site: [_stored(site).id, "--override", "--reason", "A pilot."]
    ),
}
NO_API = {
    "rubric lint": "the API checks one criterion at a time while it is written",
    "criteria draft": "the API starts a job; the rubric it stores is as GET /api/v1/rubrics/{ref} sends it",
}
