"""Calls as they are shown outside."""

from datetime import date
from typing import Any

from pydantic import Field

from agent.app.view import View, example
from agent.calls.store import CallRow
from agent.interviews.views import ALIAS

CALL: dict[str, Any] = {
    "id": "call-0412",
    "date": "2026-11-12",
    "rep": "Rae Kim",
    "customer": "Lee",
    "account": "Acme",
    "stage": "demo",
    "deal": "D-88",
    "has_transcript": True,
    "ratings": 7,
}


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

    model_config = example(CALL)

    @property
    def title(self) -> str:
        """The account and the customer; the id where neither is known."""
        return " · ".join(filter(None, (self.account, self.customer))) or self.id

    @classmethod
    def of(cls, row: CallRow) -> "CallView":
        return cls(**vars(row))
