"""Plans, sessions, cycles and movement as the API sends and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from agent.coaching.model import PlannedCriterion
from agent.coaching.plan_building import lacks_suggestions
from agent.core.statistic import Estimate, Undefined
from agent.profiles.figures import MovedRow
from agent.profiles.model import CoachingPeriod
from agent.profiles.views import RATE, CriterionId, Name, RubricName
from agent.stats.diagnosis import Diagnosis
from agent.stats.profiles import State
from agent.stats.trends import Movement, MovementVerdict

if TYPE_CHECKING:
    from agent.coaching.model import CoachingPlan, Session
    from agent.coaching.plan_building import Candidate, Proposal
    from agent.coaching.store import PlanHead

Criteria = Annotated[list[CriterionId], Field(max_length=50)]


class CandidateOut(BaseModel):
    """A criterion that could be coached, with the reason where figures give one."""

    criterion: str
    name: str
    reason: str
    proposed: bool
    score: Estimate | Undefined | None
    state: State | None

    @classmethod
    def of(cls, found: Candidate) -> CandidateOut:
        """As it is sent."""
        return cls(
            criterion=found.criterion.id,
            name=found.criterion.name,
            reason=found.reason,
            proposed=found.proposed,
            score=found.score,
            state=found.state,
        )


class ProposalOut(BaseModel):
    """What to coach, the proposed criteria first. A person may choose others."""

    who: str
    rubric: RubricName
    population: str = Field(description="Which calls the figures are about, with their days.")
    candidates: list[CandidateOut]
    note: str

    @classmethod
    def of(cls, found: Proposal) -> ProposalOut:
        """As it is sent."""
        candidates = [CandidateOut.of(one) for one in found.candidates]
        return cls(
            who=found.who,
            rubric=RubricName.of(found.rubric),
            population=found.population,
            candidates=candidates,
            note=found.note,
        )


class NewPlan(BaseModel):
    """A plan to be made, of a rep or of "team". Without criteria those proposed are taken."""

    who: Name
    criteria: Annotated[list[CriterionId], Field(max_length=2)] = Field(default_factory=list)
    rubric: str = Field(default="", max_length=200)
    suggestions: bool = Field(
        default=True, description="Have the model bound as drafter suggest words, if there is one."
    )

    model_config = {"json_schema_extra": {"examples": [{"who": "Priya Raman", "criteria": ["objection_handling"]}]}}


class PlanOut(BaseModel):
    """A coaching plan: one or two criteria, each with real moments and the turns around them."""

    id: str
    who: str
    rubric: str
    criteria: list[PlannedCriterion]
    notes: list[str]
    at: datetime
    by: str = Field(description="Who made it and coaches by it; empty where nobody said.")
    lacks_suggestions: bool = Field(description="Whether a missed moment has no drafted suggestion.")
    drafting: bool = Field(description="Whether the model is drafting suggestions right now.")
    problem: str = Field(description="Why the last drafting came to nothing, else empty.")

    @classmethod
    def of(cls, plan: CoachingPlan, *, drafting: bool, problem: str = "") -> PlanOut:
        """As it is sent."""
        return cls(
            id=plan.id,
            who=plan.who,
            rubric=plan.rubric,
            criteria=list(plan.criteria),
            notes=list(plan.notes),
            at=plan.at,
            by=plan.by,
            lacks_suggestions=lacks_suggestions(plan),
            drafting=drafting,
            problem=problem,
        )


class PlanLine(BaseModel):
    """A rep in the list of plans. `plan` is null where none was made."""

    who: str
    plan: str | None
    at: datetime | None
    criteria: list[str]
    drafted: bool

    @classmethod
    def of(cls, who: str, head: PlanHead | None) -> PlanLine:
        """As it is sent."""
        if head is None:
            return cls(who=who, plan=None, at=None, criteria=[], drafted=False)
        names = [name for _, name in head.criteria]
        return cls(who=who, plan=head.id, at=head.at, criteria=names, drafted=head.drafted)

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "who": "Priya Raman",
                    "plan": "pl-0a1b2c3d4e5f",
                    "at": "2026-07-01T09:00:00Z",
                    "criteria": ["Handles objections"],
                    "drafted": True,
                }
            ]
        }
    }


class SessionOut(BaseModel):
    """A coaching conversation that took place."""

    rep: str
    date: date
    criteria: list[str]
    coach: str
    note: str
    plan: str
    at: datetime

    @classmethod
    def of(cls, found: Session) -> SessionOut:
        """As it is sent."""
        return cls(**found.model_dump())


class NewSession(BaseModel):
    """A session to be logged. Without criteria the plan's are taken, without a day today."""

    rep: Name
    note: str = Field(min_length=1, max_length=4000, description="What was agreed.")
    criteria: Criteria = Field(default_factory=list)
    day: date | None = None

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"rep": "Priya Raman", "note": "Asks what it costs before she names a price.", "day": "2026-07-02"}
            ]
        }
    }


class NewCycle(BaseModel):
    """A coaching cycle; both days belong to it. One of the same rep and name is replaced."""

    rep: Name
    cycle: Annotated[str, Field(min_length=1, max_length=100)]
    start: date
    end: date
    criteria: Annotated[list[CriterionId], Field(min_length=1, max_length=50)]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "rep": "Priya Raman",
                    "cycle": "cycle_4",
                    "start": "2026-07-01",
                    "end": "2026-07-30",
                    "criteria": ["objection_handling"],
                }
            ]
        }
    }


class CycleOut(BaseModel):
    """A coaching cycle; both days belong to it."""

    rep: str
    cycle: str
    start: date
    end: date
    criteria: list[str]

    @classmethod
    def of(cls, found: CoachingPeriod) -> CycleOut:
        """As it is sent."""
        return cls(**found.model_dump())


class MovementRow(BaseModel):
    """One rep, criterion and cycle against the baseline. `diagnosis` comes after cycles without movement."""

    rep: str
    criterion: str
    cycle: str
    baseline: Estimate | Undefined
    now: Estimate | Undefined
    difference: Estimate | Undefined
    verdict: MovementVerdict
    calls_needed: int | None = Field(
        description="With `cannot_tell`: calls in baseline and cycle each that would tell."
    )
    p_family: float = Field(description="One-sided, allowing for the rep's whole plan.")
    expected_rise: Estimate | Undefined = Field(description="What regression to the mean alone would bring.")
    uncoached: Estimate | Undefined = Field(description="Mean change of reps not coached on it.")
    coached: bool
    last: bool = Field(description="Whether this is the last cycle with rated calls.")
    diagnosis: Diagnosis | None

    @classmethod
    def of(cls, row: Movement, diagnosis: Diagnosis | None, *, last: bool) -> MovementRow:
        """As it is sent. The diagnosis is of the last cycle alone."""
        facts = {name: getattr(row, name) for name in cls.model_fields if name not in ("diagnosis", "last")}
        return cls(**facts, last=last, diagnosis=diagnosis if last else None)

    @classmethod
    def kept(cls, row: MovedRow) -> MovementRow:
        """From a figure."""
        return cls.of(row.movement, row.diagnosis, last=row.last)

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "rep": "Priya Raman",
                    "criterion": "objection_handling",
                    "cycle": "cycle_3",
                    "baseline": RATE,
                    "now": RATE,
                    "difference": {"value": 0.0, "n": 26, "low": -0.34, "high": 0.34, "confidence": 0.95},
                    "verdict": "cannot_tell",
                    "calls_needed": 60,
                    "p_family": 1.0,
                    "expected_rise": {"value": 0.04, "n": 13, "confidence": 0.95},
                    "uncoached": {"value": 0.02, "n": 9, "low": -0.05, "high": 0.09, "confidence": 0.95},
                    "coached": True,
                    "last": True,
                    "diagnosis": None,
                }
            ]
        }
    }


class MovementOut(BaseModel):
    """A page of movement. `state`: `ready`, `stale` (being computed anew, these are the ones before), `computing` (the
    first ones are on their way; ask again), `none` (`problem` says why there are none)."""

    state: str
    as_of: datetime | None
    problem: str
    notes: list[str]
    false_moved: float | None = Field(description="Reps that would be called moved by chance if nothing had changed.")
    items: list[MovementRow]
    next: str | None = None
