"""How much goes, as it is shown outside."""

from agent.app.view import View
from agent.retention.model import Removal


class ForgottenView(View):
    """The pseudonym that took a name's place, and in how many rows."""

    pseudonym: str
    rows: int


class RemovalView(View):
    """What goes: `calls` and `interviews` lose their words, `ratings`, `plans` and `disputes` their quotes and reasons.

    `replies` are model replies in the cache; `waiting` are calls that stay until their calibration round is over.
    """

    calls: int
    interviews: int
    ratings: int
    plans: int
    disputes: int
    replies: int
    waiting: int

    @classmethod
    def of(cls, removal: Removal) -> "RemovalView":
        return cls(
            calls=len(removal.calls),
            interviews=len(removal.interviews),
            ratings=removal.ratings,
            plans=removal.plans,
            disputes=removal.disputes,
            replies=len(removal.requests),
            waiting=len(removal.waiting),
        )
