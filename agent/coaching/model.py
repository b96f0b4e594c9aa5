"""After the scores: baselines as they were drawn, coaching cycles, plans and sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.core.transcript import Turn


class Passage(Frozen):
    """Turns around one turn of a call, in order."""

    call: str
    turn: int = Field(ge=0)
    turns: tuple[Turn, ...] = Field(min_length=1)


class CoachMoment(Frozen):
    """One moment of a plan: where the behavior was missed, or done. `rep` is a peer's name where the rep has none.

    `passage` is None where nothing tells the turn: the call has no transcript, or the rating names no turn. `said` and
    `practice` are the drafted suggestion and task; `missing` says why there is none.
    """

    kind: Literal["missed", "done"]
    rep: str
    call: str
    date: date
    passage: Passage | None
    why: str
    said: str = ""
    practice: str = ""
    missing: str = ""
    request: str = ""


class PlannedCriterion(Frozen):
    """One criterion of a plan, why it was chosen, and its moments."""

    criterion: str
    name: str
    description: str
    reason: str
    moments: tuple[CoachMoment, ...]
    notes: tuple[str, ...] = ()


class CoachingPlan(Frozen):
    """What to coach next: one or two criteria, never the whole scorecard. `who` is a rep, or "team"; `by` is who made it
    and so coaches by it, empty where nobody said."""

    who: str
    rubric: str
    criteria: tuple[PlannedCriterion, ...] = Field(max_length=2)
    notes: tuple[str, ...] = ()
    at: datetime
    by: str = ""
    named: str = ""  # its id from before quotes were removed from it; empty for all others

    @property
    def id(self) -> str:
        """Named by what it says; making the same plan again gives the same id, whoever makes it."""
        return self.named or content_id("pl", self.model_dump(mode="json", exclude={"at", "by", "named"}))


class Session(Frozen):
    """One coaching conversation that took place."""

    rep: str = Field(min_length=1)
    date: date
    criteria: tuple[str, ...] = ()
    coach: str = ""
    note: str = ""
    plan: str = ""
    at: datetime
