"""What came out of a calibration round as the API sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from agent.calibration.views import AdjudicationOut, RoundRatingOut, RubricRef
from agent.core.statistic import Estimate, Undefined, Verdict

if TYPE_CHECKING:
    from agent.calibration.report import CriterionReport, ModelReliability, RoundReport, Split
    from agent.stats.reliability import Reliability


class ReliabilityOut(BaseModel):
    """A verdict with all that it rests on."""

    verdict: Verdict
    reasons: list[str]
    agreement: Estimate | Undefined
    lower_bound: float = Field(description="What true agreement surely exceeds, given this round's share of error.")
    chance_corrected: Estimate | Undefined
    applies: Estimate | Undefined
    raters: int
    rounds_tried: int
    calls_to_pass: int

    @classmethod
    def of(cls, found: Reliability) -> ReliabilityOut:
        """As it is sent."""
        return cls(rounds_tried=found.round, **found.model_dump(exclude={"round"}))


class SplitOut(BaseModel):
    """A call that split the raters."""

    call: str
    points_apart: float
    ratings: list[RoundRatingOut]
    adjudicated: AdjudicationOut | None

    @classmethod
    def of(cls, found: Split) -> SplitOut:
        """As it is sent."""
        return cls(
            call=found.call,
            points_apart=found.distance,
            ratings=[RoundRatingOut.of(rating) for rating in found.ratings],
            adjudicated=None if found.adjudication is None else AdjudicationOut.of(found.adjudication),
        )


class ModelOut(ReliabilityOut):
    """The model against what people agreed on. Calls that nobody settled are left out: they may be the hard ones."""

    undecided_calls: int
    failed_ratings: int

    @classmethod
    def of_model(cls, found: ModelReliability) -> ModelOut:
        """As it is sent."""
        own = ReliabilityOut.of(found.reliability).model_dump()
        return cls(undecided_calls=found.undecided, failed_ratings=found.failed, **own)


class CriterionOut(ReliabilityOut):
    """One criterion: how raters agree on it, what splits them, who is lenient (in points), how the model does."""

    criterion: str
    name: str
    splits: list[SplitOut]
    leniency: dict[str, Estimate | Undefined]
    model: ModelOut | None
    next_step: str

    @classmethod
    def of_report(cls, found: CriterionReport) -> CriterionOut:
        """As it is sent."""
        return cls(
            criterion=found.criterion.id,
            name=found.criterion.name,
            splits=[SplitOut.of(split) for split in found.splits],
            leniency=dict(found.leniency),
            model=None if found.model is None else ModelOut.of_model(found.model),
            next_step=found.next_step,
            **ReliabilityOut.of(found.reliability).model_dump(),
        )


class RaterOut(BaseModel):
    """One rater over all criteria, as shares of each scale's range: above the others, and the change of that."""

    rater: str
    leniency: Estimate | Undefined
    drift: Estimate | Undefined


class ReportOut(BaseModel):
    """What came out of a round, criteria with most disagreement first."""

    number: int
    rubric: RubricRef
    criteria: list[CriterionOut]
    raters: list[RaterOut]
    calls_to_pass_next: int

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "number": 1,
                    "rubric": {"id": "ru-8d0f3b6c2a17", "label": "team"},
                    "criteria": [],
                    "raters": [
                        {
                            "rater": "Ana Ruiz",
                            "leniency": {"value": 0.08, "n": 8, "low": 0.02, "high": 0.15, "seed": 0},
                            "drift": {"undefined": "no earlier round", "n": 0},
                        }
                    ],
                    "calls_to_pass_next": 15,
                }
            ]
        }
    }

    @classmethod
    def of(cls, report: RoundReport) -> ReportOut:
        """As it is sent."""
        return cls(
            number=report.round.number,
            rubric=RubricRef(id=report.rubric.id, label=report.rubric.label),
            criteria=[CriterionOut.of_report(found) for found in report.criteria],
            raters=[RaterOut(rater=r.rater, leniency=r.leniency, drift=r.drift) for r in report.raters],
            calls_to_pass_next=report.calls_next,
        )
