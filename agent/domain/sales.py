"""Calls, and later deals and coaching: the sales side of the words."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from agent.domain.base import Frozen
from agent.domain.transcript import Transcript


class Call(Frozen):
    """One sales call of one rep."""

    id: str = Field(min_length=1)
    transcript: Transcript
    date: date
    rep: str = Field(min_length=1)
    customer: str = ""
    account: str = ""
    stage: str = ""
    deal: str = ""
    details: dict[str, str] = Field(default_factory=dict)  # every other manifest column, as it came
