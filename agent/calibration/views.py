"""Calibration rounds, what comes out of them and sharper wordings as they are shown outside, and what the API takes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from agent.app.view import View
from agent.calibration.model import Adjudication, CalibrationRound, Draft, LogEntry, RoundState
from agent.calibration.report import CriterionReport, ModelReliability, RoundReport, Split, Standing
from agent.calibration.store import Rounds
from agent.core.people import is_model
from agent.core.statistic import Estimate, Undefined, Verdict
from agent.db.blindness import Look
from agent.ratings.model import Judgement, Rating
from agent.ratings.overriding import Given
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.stats.reliability import Reliability
from agent.workspace import Workspace

CallId = Annotated[str, Field(min_length=1, max_length=200, examples=["call-104"])]
CriterionId = Annotated[str, Field(min_length=1, max_length=200, examples=["quantifies_cost"])]
Name = Annotated[str, Field(max_length=200)]
Value = Annotated[
    str, Field(min_length=1, max_length=10, description="A level of the scale, or `n/a` where it does not apply.")
]
Words = Annotated[str, Field(max_length=4000)]
QUOTE: dict[str, Any] = {"turn": 12, "words": "What does the late close cost you each month?"}


class RubricRef(View):
    """Which rubric."""

    id: str
    label: str

    @classmethod
    def of(cls, rubric: Rubric) -> RubricRef:
        return cls(id=rubric.id, label=rubric.label)


class RaterState(View):
    """How far a rater is. Numbers only: what they gave is nobody's business until it is revealed."""

    name: str
    model: bool
    submitted: bool
    rated: int


class RoundView(View):
    """A round. State `rating`: blind, somebody has not submitted; `rated`: all have; `closed`: over."""

    number: int
    id: str
    rubric: RubricRef
    state: RoundState
    raters: list[RaterState]
    waiting: list[str] = Field(description="Raters who have not submitted.")
    ratings_wanted: int
    calls: list[str]
    opened_at: datetime
    source: str = Field(description="The file of an imported round, else empty.")
    counts: bool = Field(description="Whether it gave a result.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": 2,
                    "id": "ro-41c7d02b9e3a",
                    "rubric": {"id": "ru-8d0f3b6c2a17", "label": "team-2"},
                    "state": "rating",
                    "raters": [
                        {"name": "Ana Ruiz", "model": False, "submitted": True, "rated": 56},
                        {"name": "Ben Cole", "model": False, "submitted": False, "rated": 12},
                    ],
                    "waiting": ["Ben Cole"],
                    "ratings_wanted": 56,
                    "calls": ["call-104", "call-117"],
                    "opened_at": "2026-11-20T08:00:00+00:00",
                    "source": "",
                    "counts": False,
                }
            ]
        }
    )

    @classmethod
    def of(cls, space: Workspace, found: CalibrationRound) -> RoundView:
        rubric, drafted = space.store[Rubrics].get(found.rubric), space.store[Rounds].drafted(found)
        wanted = len(found.calls) * len(rubric.criteria)
        raters = [
            RaterState(
                name=rater,
                model=is_model(rater),
                submitted=rater in found.submitted,
                rated=wanted if rater in found.submitted else drafted[rater],
            )
            for rater in found.raters
        ]
        return cls(
            number=found.number,
            id=found.id,
            rubric=RubricRef.of(rubric),
            state=found.state,
            raters=raters,
            waiting=list(found.waiting),
            ratings_wanted=wanted,
            calls=list(found.calls),
            opened_at=found.opened_at,
            source=found.source,
            counts=found.counts,
        )


class NewRound(BaseModel):
    """A round to be opened. Without `calls`, `pick` of those that were in no round are chosen."""

    rubric: Annotated[str, Field(max_length=200, description="Id or label; default: the newest.")] = ""
    raters: Annotated[list[Name], Field(max_length=50, description="Two people or more, and `model` if it rates too.")]
    calls: Annotated[list[CallId], Field(max_length=500)] = []
    pick: Annotated[int, Field(ge=1, le=500)] = 8
    seed: Annotated[int, Field(ge=0, le=2**31, description="Decides between equal calls.")] = 0

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rubric": "team-2", "raters": ["Ana Ruiz", "Ben Cole", "model"], "pick": 16}]}
    )


class RatingQuoteIn(BaseModel):
    """Words of the transcript. They are looked for exactly, in that turn if it is named; no words: the whole turn."""

    turn: Annotated[int, Field(ge=0, le=10**6)] | None = None
    words: Words = ""

    model_config = ConfigDict(json_schema_extra={"examples": [QUOTE]})

    @property
    def named(self) -> tuple[str, str]:
        return ("" if self.turn is None else str(self.turn), self.words)


class DraftIn(BaseModel):
    """One rating, which you may change until you submit."""

    call: CallId
    criterion: CriterionId
    value: Value
    quotes: Annotated[list[RatingQuoteIn], Field(max_length=20)] = []
    reason: Words = ""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "call": "call-104",
                    "criterion": "quantifies_cost",
                    "value": "4",
                    "quotes": [QUOTE],
                    "reason": "Asks for the amount, and stays with it.",
                }
            ]
        }
    )


class DraftView(View):
    """One of your own ratings that is not submitted."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str

    @classmethod
    def of(cls, draft: Draft) -> DraftView:
        return cls.model_validate(draft)


class CellView(View):
    """A call and a criterion."""

    call: str
    criterion: str


class DraftsView(View):
    """Your sheet: what you gave so far, and what is missing."""

    items: list[DraftView]
    wanted: int
    missing: list[CellView]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "call": "call-104",
                            "criterion": "quantifies_cost",
                            "judgement": {"status": "rated", "value": 4, "quotes": [], "nearest": None},
                            "reason": "Asks for the amount.",
                        }
                    ],
                    "wanted": 2,
                    "missing": [{"call": "call-104", "criterion": "names_next_step"}],
                }
            ]
        }
    )


class ChangeIn(BaseModel):
    """Another value for a rating, with the reason for it."""

    call: CallId
    criterion: CriterionId
    value: Value
    quote: RatingQuoteIn | None = None
    reason: Annotated[str, Field(min_length=1, max_length=4000)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "call": "call-104",
                    "criterion": "quantifies_cost",
                    "value": "3",
                    "quote": QUOTE,
                    "reason": "The amount came from the customer without being asked for.",
                }
            ]
        }
    )

    @property
    def given(self) -> Given:
        turn, words = self.quote.named if self.quote else ("", "")
        return Given(self.value, self.reason, turn, words)


class RoundRatingView(View):
    """A submitted rating."""

    id: str
    call: str
    criterion: str
    rater: str
    judgement: Judgement
    reason: str
    at: datetime
    supersedes: str

    @classmethod
    def of(cls, rating: Rating) -> RoundRatingView:
        return cls(id=rating.id, **rating.model_dump(exclude={"provenance"}))


class AdjudicationView(View):
    """What was agreed on where raters had differed."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, found: Adjudication) -> AdjudicationView:
        return cls(**found.model_dump(exclude={"round"}))


class RevealView(View):
    """The submitted ratings that you may see. `withheld` are kept from you until you have submitted yourself."""

    items: list[RoundRatingView]
    withheld: int
    waiting: list[str]

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [], "withheld": 56, "waiting": ["Ben Cole"]}]})

    @classmethod
    def of(cls, found: CalibrationRound, look: Look) -> RevealView:
        items = [RoundRatingView.of(rating) for rating in look.ratings]
        return cls(items=items, withheld=sum(kept.ratings for kept in look.withheld), waiting=list(found.waiting))


class SubmittedView(View):
    """How many of your ratings are final now, and whom the round still waits for."""

    ratings: int
    waiting: list[str]

    model_config = ConfigDict(json_schema_extra={"examples": [{"ratings": 56, "waiting": ["Ben Cole"]}]})


class Ending(BaseModel):
    """How a round ends. `give_up`: although somebody has not submitted, which takes a reason."""

    give_up: bool = False
    reason: Words = ""

    model_config = ConfigDict(json_schema_extra={"examples": [{"give_up": True, "reason": "Ben left the team."}]})


class RoundLogView(View):
    """One line of a round's log. It never holds a judgement."""

    round: int = Field(description="Number of the round.")
    at: datetime
    by: str
    kind: str
    facts: dict[str, Any]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "round": 2,
                    "at": "2026-11-24T09:30:00+00:00",
                    "by": "Ana Ruiz",
                    "kind": "submitted",
                    "facts": {"ratings": 56},
                }
            ]
        }
    )

    @classmethod
    def of(cls, entry: LogEntry, number: int) -> RoundLogView:
        facts = entry.event.model_dump(mode="json", exclude={"kind"})
        return cls(round=number, at=entry.at, by=entry.by, kind=entry.event.kind, facts=facts)


class ReliabilityView(View):
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
    def of(cls, found: Reliability) -> ReliabilityView:
        return cls(rounds_tried=found.round, **found.model_dump(exclude={"round"}))


class SplitView(View):
    """A call that split the raters."""

    call: str
    points_apart: float
    ratings: list[RoundRatingView]
    adjudicated: AdjudicationView | None

    @classmethod
    def of(cls, found: Split) -> SplitView:
        return cls(
            call=found.call,
            points_apart=found.distance,
            ratings=[RoundRatingView.of(rating) for rating in found.ratings],
            adjudicated=None if found.adjudication is None else AdjudicationView.of(found.adjudication),
        )


class ModelReportView(ReliabilityView):
    """The model against what people agreed on. Calls that nobody settled are left out: they may be the hard ones."""

    undecided_calls: int
    failed_ratings: int

    @classmethod
    def of_model(cls, found: ModelReliability) -> ModelReportView:
        own = ReliabilityView.of(found.reliability).model_dump()
        return cls(undecided_calls=found.undecided, failed_ratings=found.failed, **own)


class CriterionReportView(ReliabilityView):
    """One criterion: how raters agree on it, what splits them, who is lenient (in points), how the model does."""

    criterion: str
    name: str
    splits: list[SplitView]
    leniency: dict[str, Estimate | Undefined]
    model: ModelReportView | None
    next_step: str

    @classmethod
    def of_report(cls, found: CriterionReport) -> CriterionReportView:
        return cls(
            criterion=found.criterion.id,
            name=found.criterion.name,
            splits=[SplitView.of(split) for split in found.splits],
            leniency=dict(found.leniency),
            model=None if found.model is None else ModelReportView.of_model(found.model),
            next_step=found.next_step,
            **ReliabilityView.of(found.reliability).model_dump(),
        )


class RaterReportView(View):
    """One rater over all criteria, as shares of each scale's range: above the others, and the change of that."""

    rater: str
    leniency: Estimate | Undefined
    drift: Estimate | Undefined


class RoundReportView(View):
    """What came out of a round, criteria with most disagreement first."""

    number: int
    rubric: RubricRef
    calls: int
    criteria: list[CriterionReportView]
    raters: list[RaterReportView]
    calls_to_pass_next: int

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": 1,
                    "rubric": {"id": "ru-8d0f3b6c2a17", "label": "team"},
                    "calls": 8,
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
    )

    @classmethod
    def of(cls, report: RoundReport) -> RoundReportView:
        return cls(
            number=report.round.number,
            rubric=RubricRef.of(report.rubric),
            calls=len(report.round.calls),
            criteria=[CriterionReportView.of_report(found) for found in report.criteria],
            raters=[RaterReportView(rater=r.rater, leniency=r.leniency, drift=r.drift) for r in report.raters],
            calls_to_pass_next=report.calls_next,
        )


def standing_data(standing: Standing) -> dict[str, Any]:
    """One criterion's standing after all rounds, as JSON data."""
    found = standing.reliability
    return {
        "criterion": standing.criterion.id,
        "verdict": "no information" if found is None else found.verdict,
        "round": standing.round,
        "rounds_tried": standing.rounds,
        "short": standing.short,
        "reliability": None if found is None else ReliabilityView.of(found).data(),
    }
