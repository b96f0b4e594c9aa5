"""A win-loss interview with a buyer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.core.transcript import Conversation

Outcome = Literal["won", "lost"]


class Interview(Conversation):
    """One win-loss interview with a buyer."""

    outcome: Outcome
    buyer: str = Field(min_length=1)
    account: str = ""
    stage: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came
