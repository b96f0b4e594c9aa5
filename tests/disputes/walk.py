"""What disputes' routes, verbs and commands do."""

from __future__ import annotations

from agent.disputes import verbs
from agent.ratings.overriding import Given
from tests.api.walk import EVERYBODY, RATERS, TEAM, Walk
from tests.app.acts import Act, Json
from tests.ratings.walk import CALL, by_id, rating_of

REP = frozenset({"rep"})


def dispute_of(site):
    """An open dispute of a rating that nobody has touched."""
    return verbs.open_dispute(site.who("rep"), rating_of(site), "It is there.", "1").dispute.id


WALK = {
    "POST /calls/{ident}/dispute": Walk(REP, path=CALL, form={"rating": "ra-none", "comment": "no"}, status=404),
    "GET /disputes": Walk(EVERYBODY),
    "GET /disputes/{ident}": Walk(EVERYBODY, path=by_id(dispute_of)),
    "POST /disputes/{ident}/answer": Walk(
        RATERS, path=by_id(dispute_of), form={"verdict": "declined", "reason": "It is not."}, status=303
    ),
    "POST /disputes/{ident}/assignment": Walk(RATERS, path=by_id(dispute_of), form={"person": "manager"}, status=303),
    "POST /api/v1/disputes/{ident}/assignment": Walk(RATERS, path=by_id(dispute_of), json={"person": "manager"}),
    "GET /api/v1/disputes": Walk(EVERYBODY),
    "POST /api/v1/disputes": Walk(REP, json={"rating": "ra-none", "comment": "no"}, status=404),
    "GET /api/v1/dispute-counts": Walk(TEAM),
    "GET /api/v1/disputes/{ident}": Walk(EVERYBODY, path=by_id(dispute_of)),
    "POST /api/v1/disputes/{ident}/answer": Walk(
        RATERS, path=by_id(dispute_of), json={"verdict": "declined", "reason": "It is not."}, status=201
    ),
}

ACTS = [
    Act(
        verbs.open_dispute,
        lambda site: [rating_of(site), "It is there.", "1"],
        walks={
            "POST /api/v1/disputes": Walk(
                REP, path=by_id(rating_of), json=lambda values: {"rating": values["ident"], "comment": "It is there."}
            ),
            "POST /calls/{ident}/dispute": Walk(
                REP,
                path=lambda site: {"ident": "call-1", "rating": rating_of(site)},
                form=lambda values: {"rating": values["rating"], "comment": "It is there.", "criterion": "asks_cost"},
            ),
        },
    ),
    Act(
        verbs.answer_dispute,
        lambda site: [dispute_of(site), "declined", Given("", "It is not.")],
        routes=["POST /disputes/{ident}/answer", "POST /api/v1/disputes/{ident}/answer"],
        command=lambda site: (
            ["disputes", "answer", dispute_of(site), "declined", "--reason", "It is not.", "--as", "manager"]
        ),
    ),
    Act(
        verbs.assign_dispute,
        lambda site: [dispute_of(site), "manager"],
        routes=["POST /disputes/{ident}/assignment", "POST /api/v1/disputes/{ident}/assignment"],
        command=lambda site: ["disputes", "assign", dispute_of(site), "manager", "--as", "ops_lead"],
    ),
]


def _there(site):
    """No arguments, once there is a dispute to show."""
    dispute_of(site)
    return []


JSON = {
    "disputes list": Json("GET /api/v1/disputes", lambda site: _there(site)),
    "disputes show": Json("GET /api/v1/disputes/{ident}", lambda site: [dispute_of(site)]),
    "disputes counts": Json("GET /api/v1/dispute-counts", lambda site: [*_there(site), "--rubric", "v1"]),
    "disputes answer": Json(
        "POST /api/v1/disputes/{ident}/answer",
        lambda site: [dispute_of(site), "declined", "--reason", "It is not.", "--as", "manager"],
    ),
    "disputes assign": Json(
        "POST /api/v1/disputes/{ident}/assignment", lambda site: [dispute_of(site), "manager", "--as", "ops_lead"]
    ),
}
NO_API: dict[str, str] = {}
