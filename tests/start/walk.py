"""What the first page's routes and commands do."""

from typing import Any

from tests.api.walk import EVERYBODY, OPS_LEAD, TEAM, Walk
from tests.app.acts import Json

WALK = {
    "GET /api/v1/readiness": Walk(TEAM),
    "GET /api/v1/next": Walk(EVERYBODY),
    "GET /api/v1/search": Walk(EVERYBODY, query={"q": "rae"}),
    "GET /help": Walk(EVERYBODY),
    "GET /search": Walk(EVERYBODY, query={"q": "rae"}),
}
WALK |= {
    "GET /begin": Walk(OPS_LEAD),
    "POST /begin/sample": Walk(OPS_LEAD, form={}, status=409),  # something is here already
    "POST /api/v1/sample": Walk(OPS_LEAD, json={}, status=409),
}
ACTS: list[Any] = []
NO_VERB = {
    "POST /begin/sample": "the verb is refused where something is here already; tests/start/test_begin.py",
    "POST /api/v1/sample": "as on the page",
}
NOT_ACTED = {"start.verbs.use_sample": "tests/start/test_begin.py"}
JSON = {"next": Json("GET /api/v1/next"), "check": Json("GET /api/v1/readiness")}
NO_API = {"demo": "it makes a workspace of its own", "init": "it makes the workspace that an API serves"}
