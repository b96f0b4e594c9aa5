"""Calls, and later deals and coaching: the sales side of the words."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from agent.core.base import Frozen
from agent.core.transcript import Conversation
from agent.text.outcomes import Ending


class Call(Conversation):
    """One sales call of one rep."""

    customer: str = ""
    account: str = ""
    stage: str = ""
    deal: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came


DealOutcome = Literal["won", "lost", "open"]


class Deal(Frozen):
    """One deal. `stage` is the furthest one it reached, in the funnel's words; empty where the export does not say.
    Where it has an `ending` of its own, settings say how it counts."""

    id: str = Field(min_length=1)
    rep: str = Field(min_length=1)
    opened: date
    closed: date | None = None
    stage: str = ""
    outcome: DealOutcome
    amount_usd: float | None = None
    ending: Ending = ""

    @model_validator(mode="after")
    def _closed_once_decided(self) -> Self:
        if self.outcome != "open" and self.closed is None:
            raise ValueError(f"a deal that is {self.outcome} has a closing date")
        if self.closed is not None and self.closed < self.opened:
            raise ValueError("the deal is closed before it was opened")
        return self
