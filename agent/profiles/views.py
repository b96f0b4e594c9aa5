"""Profiles, baselines and gaps as the API sends and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from agent.core.scale import Scale
from agent.core.statistic import Estimate, Undefined
from agent.stats.gaps import RepGap, TeamGap
from agent.stats.profiles import State
from agent.stats.trends import Movement

if TYPE_CHECKING:
    from agent.profiles.heat_map import Cell, HeatMap, RepProfile
    from agent.profiles.model import Baseline
    from agent.rubrics.model import Criterion, Rubric
    from agent.stats.profiles import CriterionProfile

Name = Annotated[str, Field(min_length=1, max_length=200)]
CriterionId = Annotated[str, Field(min_length=1, max_length=100)]
RATE: dict[str, Any] = {
    "value": 0.62,
    "n": 13,
    "low": 0.36,
    "high": 0.82,
    "confidence": 0.95,
    "method": "share; Wilson score",
}


class RubricName(BaseModel):
    """Which rubric."""

    id: str
    label: str

    @classmethod
    def of(cls, rubric: Rubric) -> RubricName:
        """As it is sent."""
        return cls(id=rubric.id, label=rubric.label)


class CriterionOut(BaseModel):
    """A criterion, as far as figures go by it. Scores are rates (binary) or mean levels."""

    id: str
    name: str
    scale: Scale
    lowest: int
    highest: int
    weight: float
    mark: str = Field(description="Empty where it is calibrated, or the rubric is not deployed.")

    @classmethod
    def of(cls, criterion: Criterion, mark: str = "") -> CriterionOut:
        """As it is sent."""
        return cls(
            id=criterion.id,
            name=criterion.name,
            scale=criterion.scale,
            lowest=criterion.scale.lowest,
            highest=criterion.scale.highest,
            weight=criterion.weight,
            mark=mark,
        )


class CellOut(BaseModel):
    """One rep on one criterion. `corrected` allows for the errors of the model that rated."""

    criterion: str
    score: Estimate | Undefined
    corrected: Estimate | Undefined
    state: State

    @classmethod
    def of(cls, criterion: str, cell: Cell) -> CellOut:
        """As it is sent."""
        return cls(criterion=criterion, score=cell.score, corrected=cell.corrected, state=cell.state)


class ProfileRow(BaseModel):
    """One rep. `provisional`: fewer baseline calls than are wanted."""

    rep: str
    baseline: bool = Field(description="Whether a baseline is recorded.")
    provisional: bool
    total: Estimate | Undefined = Field(description="Weighted total from 0 to 1.")
    cells: list[CellOut]

    @classmethod
    def of(cls, found: HeatMap, rep: str) -> ProfileRow:
        """One row of the map."""
        pairs = zip(found.criteria, found.of(rep), strict=True)
        return cls(
            rep=rep,
            baseline=rep not in found.without_baseline,
            provisional=rep in found.provisional,
            total=found.totals.of(rep),
            cells=[CellOut.of(criterion.id, cell) for criterion, cell in pairs],
        )

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "rep": "Priya Raman",
                    "baseline": True,
                    "provisional": False,
                    "total": {**RATE, "method": "weighted total, 0 to 1; t over calls"},
                    "cells": [
                        {
                            "criterion": "consequence_question",
                            "score": RATE,
                            "corrected": {"undefined": "no error rates of the rater are known", "n": 0},
                            "state": "variable",
                        }
                    ],
                }
            ]
        }
    }


class TeamOut(BaseModel):
    """What holds for the whole map. `as_of` is when the newest rating was given, null without any."""

    rubric: RubricName
    criteria: list[CriterionOut]
    reps: int
    without_baseline: list[str]
    provisional: list[str]
    team_gaps: list[TeamGap]
    focus: list[str] = Field(description="Criteria to coach the team on now, at most two.")
    any_by_luck: float = Field(description="How likely a team without any gap shows one.")
    team_total: Estimate | Undefined
    weights: str = Field(description="Where the weights of the totals are from.")
    left_out: list[str] = Field(description="What was rated and does not count, and why: in sentences.")
    population: str = Field(description="Which calls all figures are about, with their days.")
    notes: list[str]
    as_of: datetime | None

    @classmethod
    def of(cls, found: HeatMap) -> TeamOut:
        """As it is sent."""
        return cls(
            rubric=RubricName.of(found.rubric),
            criteria=[CriterionOut.of(criterion, found.marks.get(criterion.id, "")) for criterion in found.criteria],
            reps=len(found.reps),
            without_baseline=list(found.without_baseline),
            provisional=list(found.provisional),
            team_gaps=list(found.gaps.team),
            focus=list(found.focus),
            any_by_luck=found.gaps.any_by_luck,
            team_total=found.totals.team,
            weights=found.totals.source,
            left_out=list(found.uncounted),
            population=found.title,
            notes=list(found.notes),
            as_of=moment(found.as_of),
        )


class ProfilesOut(BaseModel):
    """The heat map: what holds for the team, and one page of reps. `next` is the cursor of the following page."""

    team: TeamOut
    items: list[ProfileRow]
    next: str | None = None


class CriterionProfileOut(BaseModel):
    """One criterion of one rep."""

    criterion: str
    score: Estimate | Undefined
    shown: Estimate | Undefined = Field(description="Share of calls that show the behavior.")
    corrected: Estimate | Undefined
    state: State
    not_applicable: int
    failed: int
    mark: str = Field(description="Empty where it is calibrated, or the rubric is not deployed.")

    @classmethod
    def of(cls, row: CriterionProfile, mark: str = "") -> CriterionProfileOut:
        """As it is sent."""
        facts = {name: getattr(row, name) for name in cls.model_fields if name != "mark"}
        return cls(mark=mark, **facts)


class BaselineOut(BaseModel):
    """The calls a baseline rests on and how they came about. The window is half-open; a picked list has no seed."""

    rep: str
    rubric: str
    calls: list[str]
    start: date
    end: date
    available: int
    wanted: int
    missing: int
    provisional: bool
    seed: int | None
    manual: bool
    by: str
    at: datetime

    @classmethod
    def of(cls, found: Baseline) -> BaselineOut:
        """As it is sent."""
        return cls(missing=found.missing, provisional=found.provisional, **found.model_dump())

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "rep": "Priya Raman",
                    "rubric": "ru-2b4c6d8e0f1a",
                    "calls": ["hist-0001", "hist-0004"],
                    "start": "2026-03-01",
                    "end": "2026-03-31",
                    "available": 14,
                    "wanted": 10,
                    "missing": 8,
                    "provisional": True,
                    "seed": 0,
                    "manual": False,
                    "by": "Ann",
                    "at": "2026-04-01T08:00:00Z",
                }
            ]
        }
    }


class RepOut(BaseModel):
    """One rep: baseline, own gaps, each coaching cycle against the baseline."""

    rubric: RubricName
    rep: str
    calls: int = Field(description="Rated calls.")
    total: Estimate | Undefined
    weights: str
    baseline: BaselineOut | None
    profile: list[CriterionProfileOut]
    gaps: list[RepGap]
    movement: list[Movement]
    left_out: list[str] = Field(description="What was rated and does not count, and why: in sentences.")
    population: str = Field(description="Which calls all figures are about, with their days.")
    notes: list[str]
    as_of: datetime | None

    @classmethod
    def of(cls, found: RepProfile) -> RepOut:
        """As it is sent."""
        return cls(
            rubric=RubricName.of(found.rubric),
            rep=found.rep,
            calls=found.calls,
            total=found.totals.of(found.rep),
            weights=found.totals.source,
            baseline=None if found.baseline is None else BaselineOut.of(found.baseline),
            profile=[CriterionProfileOut.of(row, found.marks.get(row.criterion, "")) for row in found.profile],
            gaps=list(found.gaps),
            movement=list(found.movement),
            left_out=list(found.uncounted),
            population=found.title,
            notes=list(found.notes),
            as_of=moment(found.as_of),
        )


class GapsOut(BaseModel):
    """The team's gaps first, then those of single reps, each ranked by size times link with losses."""

    team: list[TeamGap]
    focus: list[str] = Field(description="Criteria to coach on now, at most two: the team, or the rep asked for.")
    own: list[RepGap]
    any_by_luck: float
    note: str
    population: str = Field(description="Which calls they are about, with their days.")


class NewBaselines(BaseModel):
    """Which baselines to draw: of one rep, or of all. A list of calls is taken only where `manual` says it is meant."""

    rep: str = Field(default="", max_length=200, description="Empty: every rep.")
    rubric: str = Field(default="", max_length=200, description="Id or label; empty: the one in use.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    until: date | None = Field(default=None, description="The first day that does not belong to the baseline.")
    only_missing: bool = Field(default=False, description="Leave alone those who have one.")
    calls: list[Name] = Field(default_factory=list, max_length=200)
    manual: bool = False

    model_config = {"json_schema_extra": {"examples": [{"rep": "", "seed": 0, "only_missing": True}]}}


def moment(text: str) -> datetime | None:
    """A stored moment; None for an empty one."""
    return datetime.fromisoformat(text) if text else None
