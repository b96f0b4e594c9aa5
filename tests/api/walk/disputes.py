"""Disputes."""

from agent.disputes.verbs import open_dispute
from tests.api.walk import EVERYBODY, OPS_LEAD, RATERS, TEAM, Walk
from tests.ratings.walk import CALL, by_id, rating_of

REP = frozenset({"rep"})


def dispute_of(site):
    return open_dispute(site.who("rep"), rating_of(site), "It is there.", "1").dispute.id


WALK = {
    "POST /calls/{ident}/dispute": Walk(REP, path=CALL, form={"rating": "ra-none", "comment": "no"}, status=404),
    "GET /disputes": Walk(EVERYBODY),
    "POST /disputes/cases": Walk(OPS_LEAD, form={"suite": "No Name"}, status=303),
    "GET /disputes/{ident}": Walk(EVERYBODY, path=by_id(dispute_of)),
    "POST /disputes/{ident}/answer": Walk(
        RATERS, path=by_id(dispute_of), form={"verdict": "declined", "reason": "It is not."}, status=303
    ),
    "GET /api/v1/disputes": Walk(EVERYBODY),
    "POST /api/v1/disputes": Walk(REP, json={"rating": "ra-none", "comment": "no"}, status=404),
    "GET /api/v1/dispute-counts": Walk(TEAM),
    "POST /api/v1/dispute-cases": Walk(OPS_LEAD, json={"suite": "No Name"}, status=422),
    "GET /api/v1/disputes/{ident}": Walk(EVERYBODY, path=by_id(dispute_of)),
    "POST /api/v1/disputes/{ident}/answer": Walk(
        RATERS, path=by_id(dispute_of), json={"verdict": "declined", "reason": "It is not."}, status=201
    ),
}
