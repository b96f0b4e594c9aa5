"""What removing and giving out do."""

from itertools import count

from agent.calls.store import Calls
from agent.retention import verbs
from agent.retention.model import Chosen
from tests.api.walk import OPS_LEAD, Walk
from tests.app.acts import Act, Json
from tests.builders import call

_numbers = count()


def somebody(site):
    """A rep with one call whose words nobody needs afterwards."""
    number = next(_numbers)
    site.space.store[Calls].add(call(f"retention-{number}", f"Gone {number}"))
    return f"Gone {number}"


def of_rep(name):
    """Before the request: a call of a rep of its own, so that the words that other slices' tests need stay."""

    def made(site):
        site.space.store[Calls].add(call(name.replace(" ", "-").lower(), name))
        return {}

    return made


WALK = {
    "POST /api/v1/retention/people": Walk(OPS_LEAD, json={"name": "nobody", "confirm": ""}, status=422),
    "POST /admin/retention/people": Walk(OPS_LEAD, form={"name": "nobody", "confirm": ""}, status=422),
    "GET /api/v1/retention": Walk(OPS_LEAD, query={"older_than": "730"}),
    "POST /api/v1/retention": Walk(OPS_LEAD, json={"rep": "Rae", "confirm": ""}, status=422),
    "GET /api/v1/retention/export": Walk(OPS_LEAD, query={"name": "Rae"}),
    "GET /admin/retention": Walk(OPS_LEAD),
    "POST /admin/retention": Walk(OPS_LEAD, form={"rep": "Rae", "confirm": ""}, status=422),
    "GET /admin/retention/export": Walk(OPS_LEAD, query={"name": "Rae"}),
}

ACTS = [
    Act(
        verbs.remove,
        lambda site: [Chosen(rep=somebody(site))],
        walks={
            "POST /api/v1/retention": Walk(
                OPS_LEAD, path=of_rep("Gone by API"), json={"rep": "Gone by API", "confirm": "remove"}
            ),
            "POST /admin/retention": Walk(
                OPS_LEAD, path=of_rep("Gone by page"), form={"rep": "Gone by page", "confirm": "remove"}
            ),
        },
        command=lambda site: ["retention", "--rep", somebody(site), "--yes"],
    ),
    Act(
        verbs.remove_person,
        lambda site: [somebody(site)],
        walks={
            "POST /api/v1/retention/people": Walk(
                OPS_LEAD, path=of_rep("Leaves by API"), json={"name": "Leaves by API", "confirm": "remove"}
            ),
            "POST /admin/retention/people": Walk(
                OPS_LEAD, path=of_rep("Leaves by page"), form={"name": "Leaves by page", "confirm": "remove"}
            ),
        },
        command=lambda site: ["forget", somebody(site), "--yes"],
    ),
    Act(
        verbs.export_person,
        lambda site: [somebody(site)],
        command=lambda site: [
            "about",
            somebody(site),
            "--out",
            str(site.space.settings.workspace.parent / "about.zip"),
        ],
        routes=["GET /api/v1/retention/export", "GET /admin/retention/export"],
    ),
]

JSON = {
    "forget": Json("POST /api/v1/retention/people", lambda site: [somebody(site), "--yes"]),
    "retention": Json("GET /api/v1/retention", lambda site: ["--rep", somebody(site), "--dry-run"]),
}
