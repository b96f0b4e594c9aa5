"""A win-loss interview with a buyer."""

from __future__ import annotations

from pydantic import Field

from agent.core.transcript import Conversation
from agent.text.outcomes import Ending, Outcome


class Interview(Conversation):
    """One win-loss interview with a buyer. Where the deal has an `ending` of its own, settings say how it counts."""

    outcome: Outcome
    ending: Ending = ""
    buyer: str = Field(min_length=1)
    account: str = ""
    stage: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came
