"""Ratings that a person gives outside of calibration rounds."""

from agent.app.verb import Who, verb
from agent.ratings import overriding
from agent.ratings.model import Rating
from agent.ratings.overriding import Given


@verb(
    "ops_lead",
    "manager",
    audit="rating_overridden",
    subject=lambda made: made.call,
    facts=lambda made: {"criterion": made.criterion, "rating": made.id, "supersedes": made.supersedes},
)
def override_rating(who: Who, rating: str, given: Given) -> Rating:
    """Give another rating with a reason. It supersedes the old one, which stays readable."""
    return overriding.override(who.space, who.name, rating, given)


@verb("ops_lead", "manager", audit="call_rated", facts=lambda made: {"criterion": made.criterion, "rating": made.id})
def rate_call(who: Who, call: str, rubric: str, criterion: str, given: Given) -> Rating:
    """Rate a criterion of a call that nobody has rated yet."""
    return overriding.rate_by_hand(who.space, who.name, call, rubric, criterion, given)
