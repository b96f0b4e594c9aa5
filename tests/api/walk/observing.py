"""Figures for Prometheus."""

from tests.api.walk import PUBLIC, Walk

# Open to programs on the same machine only: the tests ask from elsewhere, without a token.
WALK = {"GET /metrics": Walk(PUBLIC, status=401)}
