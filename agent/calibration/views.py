"""Calibration rounds, what comes out of them and sharper wordings as they are shown outside, and what the API takes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.calibration.model import CalibrationRound, Draft, LogEntry, RoundState
from agent.calibration.store import Rounds
from agent.core.people import is_model
from agent.db.blindness import Look as RatingsLook
from agent.ratings.model import Judgement, Rating
from agent.ratings.overriding import Given
from agent.rubrics.store import Rubrics
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
    ongoing: bool = Field(description="Whether it is part of ongoing calibration.")
    counts: bool = Field(description="Whether it gave a result.")
    deadline: date | None = Field(description="The last day for ratings, if one was said.")
    reference: str = Field(
        description="Whose ratings the others are measured against: a rater, `settled`, or empty for nobody's."
    )

    @classmethod
    def of(cls, space: Workspace, found: CalibrationRound) -> Self:
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
        return super().of(found, rubric=rubric, raters=raters, ratings_wanted=wanted)


class NewRound(BaseModel):
    """A round to be opened. Without `calls`, `pick` of those that were in no round are
    chosen; 0: as many as the plan asks.

    `ongoing`: a few calls (3) against the deployed rubric.
    """

    rubric: Annotated[
        str, Field(max_length=200, description="Id or label; default: the newest, which may be a draft.")
    ] = ""
    raters: Annotated[list[Name], Field(max_length=50, description="Two people or more, and `model` if it rates too.")]
    calls: Annotated[list[CallId], Field(max_length=500)] = []
    pick: Annotated[int, Field(ge=0, le=500)] = 0
    seed: Annotated[int, Field(ge=0, le=2**31, description="Decides between equal calls.")] = 0
    ongoing: bool = False
    deadline: date | None = Field(None, description="The last day for ratings.")
    reference: Name = ""

    model_config = example({"rubric": "team-2", "raters": ["Ana Ruiz", "Ben Cole", "model"], "pick": 16})


class RoundPlanIn(BaseModel):
    """The last day for ratings, and whose ratings the others are measured against: a rater, `settled`, or empty."""

    deadline: date | None = None
    reference: Name = ""

    model_config = example({"deadline": "2026-12-04", "reference": "settled"})


class RatingQuoteIn(BaseModel):
    """Words of the transcript. They are looked for exactly, in that turn if it is named; no words: the whole turn."""

    turn: Annotated[int, Field(ge=0, le=10**6)] | None = None
    words: Words = ""

    model_config = example(QUOTE)

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

    model_config = example(
        {
            "call": "call-104",
            "criterion": "quantifies_cost",
            "value": "4",
            "quotes": [QUOTE],
            "reason": "Asks for the amount, and stays with it.",
        }
    )


class DraftView(Draft, View):
    """One of your own ratings that is not submitted."""


class CellView(View):
    """A call and a criterion."""

    call: str
    criterion: str


class DraftsView(View):
    """Your sheet: what you gave so far, and what is missing."""

    items: list[DraftView]
    wanted: int
    missing: list[CellView]


class ChangeIn(BaseModel):
    """Another value for a rating, with the reason for it."""

    call: CallId
    criterion: CriterionId
    value: Value
    quote: RatingQuoteIn | None = None
    reason: Annotated[str, Field(min_length=1, max_length=4000)]

    model_config = example(
        {
            "call": "call-104",
            "criterion": "quantifies_cost",
            "value": "3",
            "quote": QUOTE,
            "reason": "The amount came from the customer without being asked for.",
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
    def of(cls, rating: Rating, rater: str = "") -> Self:
        return super().of(rating, rater=rater or rating.rater)


class AdjudicationView(View):
    """What was agreed on where raters had differed."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str
    by: str
    at: datetime


class RevealView(View):
    """The submitted ratings that you may see. `withheld` are kept from you until you have submitted yourself."""

    items: list[RoundRatingView]
    withheld: int
    waiting: list[str]

    @classmethod
    def of(cls, found: CalibrationRound, look: RatingsLook[Rating], names: Mapping[str, str] | None = None) -> Self:
        """`names`: how raters are called for somebody to whom their names are not told."""
        items = [RoundRatingView.of(rating, (names or {}).get(rating.rater, rating.rater)) for rating in look.ratings]
        return cls(items=items, withheld=sum(kept.ratings for kept in look.withheld), waiting=list(found.waiting))


class SubmittedView(View):
    """How many of your ratings are final now, and whom the round still waits for."""

    ratings: int
    waiting: list[str]


class Ending(BaseModel):
    """How a round ends. `give_up`: although somebody has not submitted, which takes a reason."""

    give_up: bool = False
    reason: Words = ""

    model_config = example({"give_up": True, "reason": "Ben left the team."})


class RoundLogView(View):
    """One line of a round's log. It never holds a judgement."""

    round: int = Field(description="Number of the round.")
    at: datetime
    by: str
    kind: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, entry: LogEntry, number: int) -> Self:
        facts = entry.event.model_dump(mode="json", exclude={"kind"})
        return cls(round=number, at=entry.at, by=entry.by, kind=entry.event.kind, facts=facts)
