"""The link with the win rate, funnels and weights as the API sends and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from agent.core.statistic import Estimate, Undefined
from agent.profiles.figures import RepFunnel
from agent.profiles.views import CriterionId
from agent.stats.funnel import FirstStep, Funnel, StageLink
from agent.stats.outcomes import OutcomeLink

if TYPE_CHECKING:
    from agent.profiles.figures import Figure, FunnelFigure
    from agent.rubrics.model import Rubric
    from agent.stats.outcomes import OutcomeReport
    from agent.stats.weights import WeightProposal

T = TypeVar("T", bound=BaseModel)
State = Literal["ready", "stale", "computing", "none"]

HONEST = (
    "An association over reps. Reps who were coached differ from others in more than the coaching, and what made the "
    "win rate change is not known from this."
)


class FigureOut(BaseModel, Generic[T]):
    """A figure that is computed beside the server. `state`: `ready`; `stale`: something changed since, this is the one
    before and a new one is on its way; `computing`: the first one is on its way, ask again; `none`: `problem` says why."""

    state: State
    as_of: datetime | None = Field(description="When it was computed.")
    problem: str
    notes: list[str]
    value: T | None


def state_of(found: Figure[Any], trouble: str = "") -> State:
    """How a figure stands. `trouble` says why the new one cannot be worked out. What there was no figure for before is
    not `stale`."""
    value = found.kept.value if found.kept else None
    if found.current:
        return "none" if value is None else "ready"
    if value is None:
        return "none" if trouble else "computing"
    return "stale"


def shell_of(found: Figure[Any], trouble: str = "") -> dict[str, Any]:
    """All of `FigureOut` but the value."""
    state, kept = state_of(found, trouble), found.kept
    shown = kept if state != "computing" else None
    return {
        "state": state,
        "as_of": shown.at if shown else None,
        "problem": shown.problem if shown and found.current else trouble,
        "notes": shown.notes if shown else [],
    }


class OutcomesOut(BaseModel):
    """Movement on each criterion against the change of the win rate. `sentence` is to be shown wherever this is."""

    links: list[OutcomeLink]
    deals_before: int
    deals_after: int
    deals_across: int
    sentence: str = HONEST

    @classmethod
    def of(cls, found: OutcomeReport) -> OutcomesOut:
        """As it is sent."""
        return cls(
            links=list(found.links),
            deals_before=found.deals_before,
            deals_after=found.deals_after,
            deals_across=found.deals_across,
        )


class FunnelOut(BaseModel):
    """The team's funnel, where to coach first, criteria against their own stage, and the reps' funnels."""

    team: Funnel
    coach_first: FirstStep
    reps: list[RepFunnel]
    stage_links: list[StageLink]
    deals_without_stage: int

    @classmethod
    def of(cls, found: FunnelFigure, rep: str = "") -> FunnelOut:
        """As it is sent; with the funnel of one rep alone, if named."""
        return cls(
            team=found.team,
            coach_first=found.first,
            reps=[one for one in found.reps if rep in ("", one.funnel.who)],
            stage_links=list(found.links),
            deals_without_stage=found.unstaged,
        )


class WeightOut(BaseModel):
    """One criterion: its weight now, the one proposed, and why."""

    criterion: str
    now: float | None
    weight: float
    log_odds: Estimate | Undefined
    beyond_chance: bool
    reason: str


class WeightsOut(BaseModel):
    """A proposal, never a change by itself. Where `proposed` is false, `reason` says why none are."""

    rubric: str
    proposed: bool
    reason: str
    deals: int
    won: int
    gain: Estimate | Undefined = Field(
        description="How much better unseen deals are foretold than by the win rate alone."
    )
    weights: list[WeightOut]

    @classmethod
    def of(cls, rubric: Rubric, found: WeightProposal) -> WeightsOut:
        """As it is sent."""
        return cls(
            rubric=rubric.id,
            proposed=found.proposed,
            reason=found.reason,
            deals=found.deals,
            won=found.won,
            gain=found.gain,
            weights=[
                WeightOut(now=now.weight if (now := rubric.criterion(w.criterion)) else None, **w.model_dump())
                for w in found.weights
            ],
        )


class NewWeights(BaseModel):
    """A weight for every criterion of `rubric`; a new version results. A negative one is for a behavior to avoid."""

    rubric: str = Field(min_length=1, max_length=200, description="Id of the rubric whose proposal you looked at.")
    weights: dict[CriterionId, Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]] = Field(
        min_length=1, max_length=200
    )
    label: str = Field(default="", max_length=100, description="Of the new version; default: the old one's, -weighted.")

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"rubric": "ru-2b4c6d8e0f1a", "weights": {"consequence_question": 1.6, "objection_handling": 0.4}}
            ]
        }
    }


class NewVersion(BaseModel):
    """The rubric that resulted."""

    id: str
    label: str
    before: str
