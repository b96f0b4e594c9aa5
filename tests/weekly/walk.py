"""What the week's routes and command do. They only look: there is no verb."""

from typing import Any

from tests.api.walk import TEAM, Walk
from tests.app.acts import Json

WALK = {"GET /api/v1/week": Walk(TEAM), "GET /week": Walk(TEAM)}
ACTS: list[Any] = []
JSON = {"week": Json("GET /api/v1/week")}
