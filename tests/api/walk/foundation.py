"""Health and the first page."""

from tests.api.walk import EVERYBODY, PUBLIC, Walk

WALK = {
    "GET /healthz": Walk(PUBLIC),
    "GET /readyz": Walk(PUBLIC),
    "GET /": Walk(EVERYBODY),
}
