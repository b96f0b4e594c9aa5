"""Ratings as they are shown outside, alone and on their call, and as the API takes them."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from agent.app.view import Page, View, example
from agent.calls.model import Call
from agent.calls.views import CallView
from agent.core.marks import Kind
from agent.core.transcript import Quote, Turn
from agent.ratings.call_page import CallPage
from agent.ratings.model import Failed, NearestMiss, Rated, Rating
from agent.ratings.overriding import Given
from agent.text.suspicion import HINT, suspicion

Status = Literal["rated", "not_applicable", "failed"]


class QuoteView(View):
    """Words of the call: the half-open range [start, end) of a turn's text, in Unicode code points."""

    turn: int
    speaker: str
    start: int
    end: int
    text: str

    @classmethod
    def of(cls, quote: Quote) -> Self:
        return super().of(quote, **quote.span.model_dump())


class NearestView(NearestMiss, View):
    """The turn that comes closest to an absent behavior, and why it does not count."""


class RatingRowView(View):
    """A rating in a list, without its words. `value` is null unless the status is `rated`."""

    id: str
    call: str
    date: date
    rep: str
    criterion: str
    rater: str
    status: Status
    value: int | None
    rubric: str
    prompt: str
    model: str
    at: datetime
    supersedes: str


class RatingPageView(Page[RatingRowView]):
    """A page of ratings. `withheld` counts those on such calls and criteria that a blind calibration round keeps from
    you, whoever gave them and whatever they say."""

    withheld: int = 0


class RatingView(View):
    """A rating with what it rests on. A failed one has the kind and detail of the failure and no value."""

    id: str
    call: str
    criterion: str
    rater: str
    status: Status
    value: int | None
    quotes: list[QuoteView]
    context: list[QuoteView] = Field(
        [], description="Words of others that the criterion asks for beside them: no evidence."
    )
    nearest: NearestView | None
    failure: str
    reason: str
    rubric: str
    prompt: str
    model: str
    endpoint: Annotated[str, Field(description="The server that answered; empty for the provider's own.")]
    request: str
    draw: int
    at: datetime
    supersedes: Annotated[str, Field(description="Id of the rating that this one corrects.")]

    @classmethod
    def of(cls, rating: Rating) -> Self:
        judgement, made = rating.judgement, rating.provenance
        rated = judgement if isinstance(judgement, Rated) else None
        return super().of(
            rating,
            status=judgement.status,
            value=judgement.value,
            quotes=[QuoteView.of(quote) for quote in rated.quotes] if rated else [],
            context=[QuoteView.of(quote) for quote in rated.context] if rated else [],
            nearest=rated.nearest if rated else None,
            failure=f"{judgement.kind}: {judgement.detail}" if isinstance(judgement, Failed) else "",
            **made.model_dump(),
        )


class CallTurnView(View):
    """One speaker's uninterrupted words. `start` is in seconds, null where the source has no time."""

    turn: int
    speaker: str
    role: str
    start: float | None
    text: str
    suspicious: str = Field(
        "", description=f"What in it looks like words to a model ({HINT}); empty where nothing does."
    )

    @classmethod
    def of(cls, turn: Turn, call: Call) -> Self:
        role = call.transcript.roles.get(turn.speaker, "")
        given = turn.model_dump(include={"speaker", "start", "text"})
        return cls(**given, turn=turn.index, role=role, suspicious=suspicion(turn))


class CriterionOnCallView(View):
    """One criterion on a call. `confidence` is low where two readings by models differ.

    `stands` is the rating that counts, `beside` are other current ones, `earlier` those that were superseded.
    """

    criterion: str
    name: str
    confidence: Literal["low", "agreed", "one reading", "person"] | None
    result: Kind = Field(description="What counts: `differs` where the raters of a calibration round do, unsettled.")
    mark: str = Field(description="Empty where the criterion is calibrated, or the rubric is not deployed.")
    stands: RatingView | None
    beside: list[RatingView]
    earlier: list[RatingView]
    dispute: Annotated[str, Field(description="Id of the dispute about it; empty if there is none.")]


class CallPageView(CallView):
    """A call with its words and its ratings against one rubric.

    `withheld` counts ratings that a blind calibration round keeps from you, and `withheld_until` says how long.
    """

    details: Annotated[dict[str, str], Field(description="Every other column of the manifest, as it came.")]
    turns: list[CallTurnView]
    rubric: str
    rubrics: Annotated[list[str], Field(description="Ids of the rubrics with ratings on this call, newest first.")]
    line: Annotated[str, Field(description="What counts against the rubric, in one line.")]
    criteria: list[CriterionOnCallView]
    words_replaced: Annotated[
        datetime | None,
        Field(description="When its words were replaced last: earlier ratings are of the words before."),
    ]
    of_words_before: Annotated[list[str], Field(description="Ids of those ratings.")]
    withheld: int
    withheld_until: str

    @classmethod
    def whole(cls, page: CallPage) -> Self:
        call = page.call
        return cls(
            **vars(page.about),
            details=call.details if call else {},
            turns=[CallTurnView.of(turn, call) for turn in call.transcript.turns] if call else [],
            rubric=page.rubric.id if page.rubric else "",
            rubrics=[rubric.id for rubric in page.rubrics],
            line=page.line,
            criteria=[
                CriterionOnCallView(
                    criterion=card.criterion.id,
                    name=card.criterion.name,
                    confidence=card.confidence,
                    result=page.results[card.number - 1].result,
                    mark=card.mark,
                    stands=None if card.stands is None else RatingView.of(card.stands),
                    beside=[RatingView.of(rating) for rating in card.beside],
                    earlier=[RatingView.of(rating) for rating in card.earlier],
                    dispute=page.disputes.get(card.criterion.id, ""),
                )
                for card in page.cards
            ],
            words_replaced=page.reworded,
            of_words_before=sorted(page.of_words_before),
            withheld=page.hidden_count,
            withheld_until=page.hidden,
        )


class ReadingView(View):
    """One reading by a model."""

    rating: str
    model: str
    draw: int
    status: Status
    value: int | None


class ReviewView(View):
    """A place that a person should look at: two readings differ, or the rating failed."""

    why: Literal["readings differ", "failed"]
    call: str
    date: date
    rep: str
    stage: str
    criterion: str
    rubric: str
    readings: list[ReadingView]


class NewRating(BaseModel):
    """What a person judges. Quotes: `words` said in the call, or the number of a `turn`, or both."""

    value: Annotated[str, Field(min_length=1, max_length=10, description="A level of the scale, or n/a.")]
    reason: Annotated[str, Field(min_length=1, max_length=4000)]
    turn: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    words: Annotated[str, Field(max_length=8000)] = ""

    model_config = example(
        {"value": "1", "reason": "She does ask for the cost.", "turn": 4, "words": "what does it cost you"}
    )

    @property
    def given(self) -> Given:
        """What was typed, as `override` and `rate_by_hand` take it."""
        return Given(self.value, self.reason, "" if self.turn is None else str(self.turn), self.words)


class FirstRating(NewRating):
    """A first rating of a criterion."""

    criterion: Annotated[str, Field(min_length=1, max_length=100)]
    rubric: Annotated[str, Field(max_length=200, description="Id or label; default: the one in use.")] = ""

    model_config = example(
        {"criterion": "asks_cost", "value": "0", "reason": "Nobody asks about the cost.", "rubric": "v2"}
    )
