"""Calibration rounds as the API sends and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from agent.calibration.model import Adjudication, Draft, LogEntry, RoundState
from agent.core.people import is_model
from agent.ratings.model import Judgement, Rating
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.model import CalibrationRound
    from agent.workspace import Workspace

CallId = Annotated[str, Field(min_length=1, max_length=200, examples=["call-104"])]
CriterionId = Annotated[str, Field(min_length=1, max_length=200, examples=["quantifies_cost"])]
Name = Annotated[str, Field(max_length=200)]
Value = Annotated[
    str, Field(min_length=1, max_length=10, description="A level of the scale, or `n/a` where it does not apply.")
]
Words = Annotated[str, Field(max_length=4000)]
QUOTE: dict[str, Any] = {"turn": 12, "words": "What does the late close cost you each month?"}


class RubricRef(BaseModel):
    """Which rubric."""

    id: str
    label: str


class RaterState(BaseModel):
    """How far a rater is. Numbers only: what they gave is nobody's business until it is revealed."""

    name: str
    model: bool
    submitted: bool
    rated: int


class RoundOut(BaseModel):
    """A round. State `rating`: blind, somebody has not submitted; `rated`: all have; `closed`: over."""

    number: int
    id: str
    rubric: RubricRef
    state: RoundState
    raters: list[RaterState]
    ratings_wanted: int
    calls: list[str]
    opened_at: datetime
    source: str = Field(description="The file of an imported round, else empty.")
    counts: bool = Field(description="Whether it gave a result.")

    model_config = {
        "json_schema_extra": {
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
                    "ratings_wanted": 56,
                    "calls": ["call-104", "call-117"],
                    "opened_at": "2026-11-20T08:00:00+00:00",
                    "source": "",
                    "counts": False,
                }
            ]
        }
    }

    @classmethod
    def of(cls, space: Workspace, found: CalibrationRound) -> RoundOut:
        """As it is sent."""
        from agent.calibration.round_rating import progress

        rubric, made = space.store[Rubrics].get(found.rubric), progress(space, found)
        raters = [
            RaterState(name=r["rater"], model=is_model(r["rater"]), submitted=r["submitted"], rated=r["rated"])
            for r in made["progress"]
        ]
        return cls(
            number=found.number,
            id=found.id,
            rubric=RubricRef(id=rubric.id, label=rubric.label),
            state=found.state,
            raters=raters,
            ratings_wanted=made["ratings_wanted"],
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

    model_config = {
        "json_schema_extra": {
            "examples": [{"rubric": "team-2", "raters": ["Ana Ruiz", "Ben Cole", "model"], "pick": 16}]
        }
    }


class QuoteIn(BaseModel):
    """Words of the transcript. They are looked for exactly, in that turn if it is named; no words: the whole turn."""

    turn: Annotated[int, Field(ge=0, le=10**6)] | None = None
    words: Words = ""

    model_config = {"json_schema_extra": {"examples": [QUOTE]}}

    @property
    def named(self) -> tuple[str, str]:
        """As the services take it."""
        return ("" if self.turn is None else str(self.turn), self.words)


class DraftIn(BaseModel):
    """One rating, which you may change until you submit."""

    call: CallId
    criterion: CriterionId
    value: Value
    quotes: Annotated[list[QuoteIn], Field(max_length=20)] = []
    reason: Words = ""

    model_config = {
        "json_schema_extra": {
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
    }


class DraftOut(BaseModel):
    """One of your own ratings that is not submitted."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str

    @classmethod
    def of(cls, draft: Draft) -> DraftOut:
        """As it is sent."""
        return cls(call=draft.call, criterion=draft.criterion, judgement=draft.judgement, reason=draft.reason)


class CellOut(BaseModel):
    """A call and a criterion."""

    call: str
    criterion: str


class DraftsOut(BaseModel):
    """Your sheet: what you gave so far, and what is missing."""

    items: list[DraftOut]
    wanted: int
    missing: list[CellOut]

    model_config = {
        "json_schema_extra": {
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
    }


class ChangeIn(BaseModel):
    """Another value for a rating, with the reason for it."""

    call: CallId
    criterion: CriterionId
    value: Value
    quote: QuoteIn | None = None
    reason: Annotated[str, Field(min_length=1, max_length=4000)]

    model_config = {
        "json_schema_extra": {
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
    }

    @property
    def named(self) -> tuple[str, str]:
        """Turn and words, both empty where there is no quote."""
        return self.quote.named if self.quote else ("", "")


class RoundRatingOut(BaseModel):
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
    def of(cls, rating: Rating) -> RoundRatingOut:
        """As it is sent."""
        return cls(id=rating.id, **rating.model_dump(exclude={"provenance"}))


class AdjudicationOut(BaseModel):
    """What was agreed on where raters had differed."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, found: Adjudication) -> AdjudicationOut:
        """As it is sent."""
        return cls(**found.model_dump(exclude={"round"}))


class RevealOut(BaseModel):
    """The submitted ratings that you may see. `withheld` are kept from you until you have submitted yourself."""

    items: list[RoundRatingOut]
    withheld: int
    waiting: list[str]

    model_config = {"json_schema_extra": {"examples": [{"items": [], "withheld": 56, "waiting": ["Ben Cole"]}]}}


class SubmittedOut(BaseModel):
    """How many of your ratings are final now, and whom the round still waits for."""

    ratings: int
    waiting: list[str]

    model_config = {"json_schema_extra": {"examples": [{"ratings": 56, "waiting": ["Ben Cole"]}]}}


class Ending(BaseModel):
    """How a round ends. `give_up`: although somebody has not submitted, which takes a reason."""

    give_up: bool = False
    reason: Words = ""

    model_config = {"json_schema_extra": {"examples": [{"give_up": True, "reason": "Ben left the team."}]}}


class LogOut(BaseModel):
    """One line of a round's log. It never holds a judgement."""

    at: datetime
    by: str
    kind: str
    facts: dict[str, Any]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "at": "2026-11-24T09:30:00+00:00",
                    "by": "Ana Ruiz",
                    "kind": "submitted",
                    "facts": {"ratings": 56},
                }
            ]
        }
    }

    @classmethod
    def of(cls, entry: LogEntry) -> LogOut:
        """As it is sent."""
        facts = entry.event.model_dump(mode="json", exclude={"kind"})
        return cls(at=entry.at, by=entry.by, kind=entry.event.kind, facts=facts)
