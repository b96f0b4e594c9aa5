"""Interviews, to read."""

from tests.api.walk import TEAM, Walk

WALK = {
    "GET /api/v1/interviews": Walk(TEAM),
    "GET /api/v1/interviews/{ident}": Walk(TEAM, path={"ident": "int-1"}),
    "GET /interviews/{ident}": Walk(TEAM, path={"ident": "int-1"}),
}
