"""Disputes: a rep says that a rating of an own call is wrong, and a manager answers once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen

DisputeVerdict = Literal["upheld", "partly", "declined"]
DisputeState = Literal["open", "upheld", "partly", "declined"]

DisputePosition = tuple[int, str, str]
"""Where a page of disputes ended: whether its last one is answered (0, 1), its moment and its id."""


class Dispute(Frozen):
    """What a rep says against one rating. `own` is the level the rep would give, as typed: a level, "n/a" or empty."""

    id: str
    rating: str
    call: str
    criterion: str
    rep: str = Field(min_length=1)
    by: str
    comment: str = Field(min_length=1, max_length=4000)
    own: str = Field(default="", max_length=10)
    at: datetime


class DisputeAnswer(Frozen):
    """A manager's answer: the rep is right, is right in part (another level than the one asked for), or is not.
    `rating` is the new rating that it led to; empty where it was declined."""

    dispute: str
    verdict: DisputeVerdict
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1, max_length=4000)
    rating: str = ""
    at: datetime


@dataclass(frozen=True)
class DisputeRow:
    """A dispute, the answer if there is one, the rubric of the disputed rating, and who is to answer."""

    dispute: Dispute
    answer: DisputeAnswer | None
    rubric: str
    assigned: str = ""

    @property
    def state(self) -> DisputeState:
        """Open, or how it was answered."""
        return "open" if self.answer is None else self.answer.verdict

    def hours(self, now: datetime) -> float:
        """From opening to the answer, or until now."""
        return ((self.answer.at if self.answer else now) - self.dispute.at).total_seconds() / 3600

    @property
    def position(self) -> DisputePosition:
        """From where the following page goes on."""
        return int(self.answer is not None), self.dispute.at.isoformat(timespec="microseconds"), self.dispute.id


@dataclass(frozen=True)
class DisputeFilters:
    """Which disputes. What is empty does not limit."""

    state: Literal["", "open", "answered"] = ""
    rep: str = ""
    criterion: str = ""
    call: str = ""
    assigned: str = ""
