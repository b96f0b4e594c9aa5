"""What the routes and commands of calls do."""

from tests.api.walk import EVERYBODY, Walk
from tests.app.acts import Json

WALK = {
    "GET /calls": Walk(EVERYBODY),
    "GET /api/v1/calls": Walk(EVERYBODY),
}

JSON = {"calls list": Json("GET /api/v1/calls")}
NO_API = {"calls speakers": "it reads files at the terminal; the upload page asks who speaks"}
