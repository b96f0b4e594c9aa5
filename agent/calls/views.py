"""Calls as they are shown outside."""

from datetime import date

from pydantic import Field

from agent.app.view import View
from agent.interviews.views import ALIAS


class CallView(View):
    """A call without its words. `ratings` counts those that are not superseded and that you may see."""

    id: str
    date: date
    rep: str
    customer: str
    account: str
    stage: str
    deal: str
    has_transcript: bool
    ratings: int
    alias: str = Field("", description=ALIAS)

    @property
    def title(self) -> str:
        """The account and the customer; the id where neither is known."""
        return " · ".join(filter(None, (self.account, self.customer))) or self.id
