"""Interviews, to read."""

from tests.api.walk import TEAM, Walk
from tests.app.acts import Json

WALK = {
    "GET /api/v1/interviews": Walk(TEAM),
    "GET /api/v1/interviews/{ident}": Walk(TEAM, path={"ident": "int-1"}),
    "GET /interviews": Walk(TEAM),
    "GET /interviews/{ident}": Walk(TEAM, path={"ident": "int-1"}),
}

JSON = {
    "interviews list": Json("GET /api/v1/interviews"),
    "interviews show": Json("GET /api/v1/interviews/{ident}", lambda site: ["int-1"]),
}
NO_API = {
    "interviews speakers": "proposals for files that only the person at the terminal has",
}
