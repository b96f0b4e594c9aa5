"""What the first page's routes and commands do. They only look: there is no verb."""

from typing import Any

from tests.api.walk import EVERYBODY, TEAM, Walk
from tests.app.acts import Json

WALK = {
    "GET /api/v1/readiness": Walk(TEAM),
    "GET /api/v1/next": Walk(EVERYBODY),
    "GET /api/v1/search": Walk(EVERYBODY, query={"q": "rae"}),
    "GET /help": Walk(EVERYBODY),
    "GET /search": Walk(EVERYBODY, query={"q": "rae"}),
}
ACTS: list[Any] = []
JSON = {"next": Json("GET /api/v1/next"), "check": Json("GET /api/v1/readiness")}
NO_API = {"demo": "it makes a workspace of its own", "init": "it makes the workspace that an API serves"}
