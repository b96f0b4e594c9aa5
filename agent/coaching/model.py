"""Coaching plans, and the sessions that took place."""

from datetime import date, datetime

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.profiles.model import CoachMoment


class PlannedCriterion(Frozen):
    """One criterion of a plan, why it was chosen, and its moments."""

    criterion: str
    name: str
    description: str
    reason: str
    moments: tuple[CoachMoment, ...]
    notes: tuple[str, ...] = ()


class CoachingPlan(Frozen):
    """What to coach next: one or two criteria, never the whole scorecard. `who` is a rep, or "team"; `by` is who made
    it and so coaches by it, empty where nobody said."""

    who: str
    rubric: str
    criteria: tuple[PlannedCriterion, ...] = Field(max_length=2)
    notes: tuple[str, ...] = ()
    at: datetime
    by: str = ""
    named: str = ""  # its id from before quotes were removed from it; empty for all others

    @property
    def id(self) -> str:
        """Made from what the plan says; making the same plan again gives the same id, whoever makes it."""
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
