"""A win-loss interview with a buyer."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen
from agent.core.transcript import Transcript

Outcome = Literal["won", "lost"]


class Interview(Frozen):
    """One win-loss interview with a buyer."""

    id: str = Field(min_length=1)
    transcript: Transcript
    outcome: Outcome
    date: date
    buyer: str = Field(min_length=1)
    rep: str = Field(min_length=1)
    account: str = ""
    stage: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came
