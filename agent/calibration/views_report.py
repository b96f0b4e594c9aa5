"""The report of a calibration round and of ongoing calibration, as the API sends them."""

from typing import Literal, Self

from pydantic import Field

from agent.app.view import View
from agent.calibration.report import (
    CriterionReport,
    CriterionState,
    CriterionVerdict,
    ModelAgreement,
    RoundReport,
    Split,
)
from agent.calibration.rounds import current_states
from agent.calibration.store import Rounds
from agent.calibration.views import AdjudicationView, RoundRatingView, RubricRef
from agent.core.language import N_
from agent.core.statistic import Estimate, Undefined
from agent.rubrics.model import Rubric
from agent.rubrics.store import RubricStates
from agent.stats.calibration import CalibrationVerdict
from agent.stats.ongoing import DriftVerdict
from agent.workspace import Workspace


class LookView(View):
    """The end of one round: all calls of this wording so far, on how many raters agree (within the tolerance),
    and how many it takes to pass."""

    calls: int
    agreeing: float
    needed: float | None = Field(description="None: so few calls cannot pass, even if all agree.")
    fails_at: float | None


class DriftView(View):
    """Ongoing calibration of a criterion that passed: `sum` grows with each disagreement and shrinks with agreement; at
    `limit` the criterion falls."""

    verdict: DriftVerdict
    calls: int
    sum: float
    limit: float


class SplitView(View):
    """A call that split the raters."""

    call: str
    points_apart: float
    ratings: list[RoundRatingView]
    adjudicated: AdjudicationView | None

    @classmethod
    def of(cls, split: Split) -> Self:
        ratings = list(map(RoundRatingView.of, split.ratings))
        return super().of(split, points_apart=split.distance, ratings=ratings, adjudicated=split.adjudication)


class ModelReportView(View):
    """The model against what people agreed on. Calls that nobody settled are left out: they may be the hard ones."""

    verdict: CalibrationVerdict
    reasons: list[str]
    agreement: Estimate | Undefined
    chance_corrected: Estimate | Undefined
    undecided_calls: int
    failed_ratings: int

    @classmethod
    def of(cls, model_agreement: ModelAgreement) -> Self:
        judged = model_agreement.calibration
        return super().of(judged, undecided_calls=model_agreement.undecided, failed_ratings=model_agreement.failed)


class CriterionReportView(View):
    """One criterion: how raters agree on it (all rounds on this wording, and this round), what splits them, who is
    lenient (in points), how the model does."""

    verdict: CriterionVerdict
    reasons: list[str]
    calls: int = Field(description="Calls of this wording that two people or more judged.")
    agreeing: int = Field(description="Calls of those on which no two raters are more than `tolerance` levels apart.")
    same: int = Field(description="Calls of those on which all raters gave the same level.")
    tolerance: int = Field(description="How many levels apart two ratings still agree.")
    counted: str = Field(description="The same in words.")
    more_calls: int = Field(
        description="The fewest calls more with which it can pass; 0: passed, or it is to be reworded."
    )
    agreement: Estimate | Undefined
    chance_corrected: Estimate | Undefined
    applies: Estimate | Undefined
    raters: int
    rounds: int
    wordings: int
    error_over_wordings: float = Field(
        description="How likely raters who agree on 75 % only pass on one of the wordings."
    )
    looks: list[LookView]
    look_at: list[str] = Field(description="Calls on which raters disagree.")
    criterion: str
    name: str
    group: Literal["passed", "agree", "differ"]
    judged_in_round: int
    agreeing_in_round: int
    same_in_round: int
    counted_in_round: str
    splits: list[SplitView]
    leniency: dict[str, Estimate | Undefined]
    model: ModelReportView | None
    drift: DriftView | None
    next_step: str

    @classmethod
    def of(cls, report: CriterionReport) -> Self:
        state, calibration = report.state, report.state.calibration
        none = Undefined(undefined=N_("no round has rated this wording"), n=0)
        return super().of(
            state,
            criterion=report.criterion.id,
            name=report.criterion.name,
            group=report.group,
            judged_in_round=report.judged,
            agreeing_in_round=report.agreeing,
            same_in_round=report.same,
            counted_in_round=report.counted,
            splits=[SplitView.of(split) for split in report.splits],
            leniency=report.leniency,
            model=None if report.model is None else ModelReportView.of(report.model),
            raters=calibration.raters if calibration else 0,
            looks=calibration.looks if calibration else (),
            error_over_wordings=state.error,
            **{name: getattr(calibration, name, none) for name in ("agreement", "chance_corrected", "applies")},
        )


class RaterReportView(View):
    """One rater over all criteria, as shares of each scale's range: above the others, and the change of that. `met` of
    `compared` ratings are the reference's; 0 of 0 where there is none, and for the reference itself."""

    rater: str
    leniency: Estimate | Undefined
    drift: Estimate | Undefined
    met: int
    compared: int


class RoundReportView(View):
    """What came out of a round, criteria with most disagreement first."""

    sentence: str
    number: int
    rubric: RubricRef
    calls: int
    reference: str = Field(description="Whose ratings raters are measured against: a rater, `settled`, or empty.")
    criteria: list[CriterionReportView]
    raters: list[RaterReportView]
    calls_next: int = Field(description="How many calls the next round should have; 0: everything has passed.")

    @classmethod
    def of(cls, report: RoundReport) -> Self:
        return super().of(
            report,
            number=report.round.number,
            calls=len(report.round.calls),
            criteria=[CriterionReportView.of(one) for one in report.criteria],
        )


class OngoingRowView(View):
    """One criterion of the deployed rubric: how it is marked, the verdict on it, and how it does since it passed."""

    criterion: str
    name: str
    mark: str = Field(description="Empty where it is calibrated.")
    verdict: CriterionVerdict
    calls: int
    agreeing: int = Field(description="Calls of those on which no two raters are more than `tolerance` levels apart.")
    same: int = Field(description="Calls of those on which all raters gave the same level.")
    tolerance: int
    counted: str = Field(description="The same in words.")
    look_at: list[str] = Field(description="Calls on which people disagree.")
    drift: DriftView | None

    @classmethod
    def of(cls, state: CriterionState, mark: str) -> Self:
        named = {"criterion": state.criterion.id, "name": state.criterion.name, "look_at": list(state.look_at)}
        return super().of(state, **named, mark=mark)


class OngoingView(View):
    """Ongoing calibration of the deployed rubric: a few double-rated calls a week."""

    rubric: RubricRef
    criteria: list[OngoingRowView]
    rounds: list[int] = Field(description="Numbers of its rounds of ongoing calibration.")

    @classmethod
    def of(cls, space: Workspace, rubric: Rubric) -> Self:
        marks = space.store[RubricStates].marks(rubric.id)
        rows = [OngoingRowView.of(one, marks.get(one.criterion.id, "")) for one in current_states(space, rubric)]
        rounds = [one.number for one in space.store[Rounds].all() if one.ongoing]
        return cls.model_validate({"rubric": rubric, "criteria": rows, "rounds": rounds})
