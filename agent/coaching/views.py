"""Plans, sessions, cycles and movement: what the API sends, `--json` prints and the pages
show; and what the API takes."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.coaching.model import CoachingPlan, PlannedCriterion, Session
from agent.coaching.plan_building import Candidate, Proposal, changed_since, lacks_suggestions
from agent.coaching.store import PlanHead
from agent.coaching.tracking import MovedRow, MovementFigure
from agent.core.statistic import Estimate, Undefined
from agent.profiles.model import CoachingPeriod
from agent.profiles.views import CriterionId, Name
from agent.rubrics.model import Rubric
from agent.rubrics.store import RubricStates
from agent.rubrics.views import RubricName
from agent.stats.criterion_movement import CriterionMovement
from agent.stats.diagnosis import Diagnosis
from agent.stats.profiles import State
from agent.stats.trends import Movement
from agent.workspace import Workspace

Criteria = Annotated[list[CriterionId], Field(max_length=50)]


class CandidateView(View):
    """A criterion that could be coached, with the reason where figures give one."""

    criterion: str
    name: str
    reason: str
    proposed: bool
    score: Estimate | Undefined | None
    state: State | None

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        return super().of(candidate, criterion=candidate.criterion.id, name=candidate.criterion.name)


class ProposalView(View):
    """What to coach, the proposed criteria first. A person may choose others."""

    who: str
    rubric: RubricName
    population: str = Field(description="Which calls the figures are about, with their days.")
    candidates: list[CandidateView]
    note: str

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        return super().of(proposal, candidates=list(map(CandidateView.of, proposal.candidates)))


class NewPlan(BaseModel):
    """A plan to be made, of a rep or of "team". Without criteria those proposed are taken."""

    who: Name
    criteria: Annotated[list[CriterionId], Field(max_length=2)] = Field(default_factory=list)
    rubric: str = Field(default="", max_length=200)
    suggestions: bool = Field(
        default=True, description="Have the model bound as drafter suggest words, if there is one."
    )

    model_config = example({"who": "Priya Raman", "criteria": ["objection_handling"]})


class PlannedView(PlannedCriterion, View):
    """One criterion of a plan, why it was chosen, and its moments. `avoid`: it is a behavior to avoid, so a moment of
    the kind `missed` shows it, and one of the kind `done` does without."""

    avoid: bool
    mark: str = Field(description="Empty where it is calibrated, or the rubric is not deployed.")


class PlanView(View):
    """A coaching plan: one or two criteria, each with real moments and the turns around them."""

    id: str
    who: str
    rubric: str
    criteria: list[PlannedView]
    notes: list[str]
    at: datetime
    by: str = Field(description="Who made it and coaches by it; empty where nobody said.")
    lacks_suggestions: bool = Field(description="Whether a missed moment has no drafted suggestion.")
    drafting: bool = Field(description="Whether the model is drafting suggestions right now.")
    problem: str = Field(description="Why the last drafting came to nothing, else empty.")
    since: str = Field(description="What has changed about the calls it rests on since; empty where nothing has.")

    @classmethod
    def of(
        cls,
        space: Workspace,
        plan: CoachingPlan,
        avoided: Collection[str],
        *,
        drafting: bool = False,
        problem: str = "",
    ) -> Self:
        """`avoided` are the ids of the rubric's criteria that are to be avoided."""
        marks = space.store[RubricStates].marks(plan.rubric)
        planned = [
            PlannedView.of(one, avoid=one.criterion in avoided, mark=marks.get(one.criterion, ""))
            for one in plan.criteria
        ]
        return super().of(
            plan,
            criteria=planned,
            lacks_suggestions=lacks_suggestions(plan),
            drafting=drafting,
            problem=problem,
            since=changed_since(space, plan),
        )


class PlanLine(View):
    """A rep in the list of plans. `plan` is null where none was made."""

    who: str
    plan: str | None
    at: datetime | None
    rubric: str = Field(description="Id of the rubric that it was made with; empty where there is no plan.")
    criteria: list[str]
    drafted: bool

    @classmethod
    def of(cls, who: str, head: PlanHead | None) -> Self:
        if head is None:
            return cls(who=who, plan=None, at=None, rubric="", criteria=[], drafted=False)
        names = [name for _, name in head.criteria]
        return cls(who=who, plan=head.id, at=head.at, rubric=head.rubric, criteria=names, drafted=head.drafted)


class SessionView(Session, View):
    """A coaching conversation that took place."""


class NewSession(BaseModel):
    """A session to be logged. Without criteria the plan's are taken, without a day today."""

    rep: Name
    note: str = Field(min_length=1, max_length=4000, description="What was agreed.")
    criteria: Criteria = Field(default_factory=list)
    day: date | None = None

    model_config = example(
        {"rep": "Priya Raman", "note": "Asks what it costs before she names a price.", "day": "2026-07-02"}
    )


class NewCycle(BaseModel):
    """A coaching cycle; both days belong to it. One of the same rep and name is replaced."""

    rep: Name
    cycle: Annotated[str, Field(min_length=1, max_length=100)]
    start: date
    end: date
    criteria: Annotated[list[CriterionId], Field(min_length=1, max_length=50)]

    model_config = example(
        {
            "rep": "Priya Raman",
            "cycle": "cycle_4",
            "start": "2026-07-01",
            "end": "2026-07-30",
            "criteria": ["objection_handling"],
        }
    )


class CycleView(CoachingPeriod, View):
    """A coaching cycle; both days belong to it."""


class MovementRow(Movement, View):
    """One rep, criterion and cycle against the baseline. `diagnosis` comes after cycles in
    which a rise was ruled out."""

    last: bool = Field(description="Whether this is the last cycle with rated calls.")
    diagnosis: Diagnosis | None

    @classmethod
    def of(cls, row: Movement, diagnosis: Diagnosis | None, *, last: bool) -> Self:
        """The diagnosis is of the last cycle alone."""
        return super().of(row, last=last, diagnosis=diagnosis if last else None)

    @classmethod
    def kept(cls, row: MovedRow) -> Self:
        """The rows of a stored figure."""
        return cls.of(row.movement, row.diagnosis, last=row.last)


class MovementOut(View):
    """Whether coaching on each criterion works, over all reps coached on it, then a page of the reps' own movement.
    `state`: `ready`, `stale` (being computed anew, these are the ones before), `computing` (the first ones are on their
    way; ask again), `none` (`problem` says why there are none)."""

    rubric: RubricName
    state: str
    as_of: datetime | None
    problem: str
    notes: list[str]
    criteria: list[CriterionMovement] = Field(
        description="Against the reps not coached on it, so a rise of the whole team is taken out. Empty for a rep."
    )
    false_moved: float | None = Field(description="Reps that would be called moved by chance if nothing had changed.")
    items: list[MovementRow]
    next: str | None = None

    @classmethod
    def now(cls, rubric: Rubric, movement: MovementFigure, notes: Sequence[str], rep: str = "") -> Self:
        """The rows just computed: all, or those of one rep."""
        return cls(
            rubric=RubricName.of(rubric),
            state="ready",
            as_of=datetime.now(UTC),
            problem="",
            notes=list(notes),
            criteria=list(movement.criteria),
            false_moved=movement.false_moved,
            items=[MovementRow.kept(row) for row in movement.rows if rep in ("", row.movement.rep)],
        )
