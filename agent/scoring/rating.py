"""Rating one call on all criteria of a rubric in one request, with quotes that code locates."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from agent.app.replies import Passage
from agent.calls.model import Call
from agent.core.errors import ModelError
from agent.core.transcript import Quote, Transcript
from agent.llm.asking import ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Failed, Judgement, NearestMiss, NotApplicable, Provenance, Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.replies import CriterionRating, Nearest, RateCallInContextReply, RateCallReply, RatingInContext
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import numbered

T = TypeVar("T", bound=BaseModel)


def rated_in(rubric: Rubric) -> tuple[Criterion, ...]:
    """The criteria that are rated directly. Counted criteria are asked for in a request of their own."""
    return tuple(c for c in rubric.criteria if c.counts is None)


def rating_request(
    call: Call, rubric: Rubric, role: Role, prompt: Prompt, draw: int = 0, criteria: Sequence[Criterion] = ()
) -> Request[Any]:
    """The request that rates `call` on `criteria` (all if empty). The transcript comes first and unchanged, so that
    providers can cache it."""
    inputs = {
        "transcript": numbered(call.transcript.turns),
        "speakers": speakers_line(call.transcript),
        "criteria": [
            {
                "id": c.id,
                "scale": c.scale.range_in_words,
                "speaker": c.speaker,
                "description": c.description,
                "not_applicable_when": c.not_applicable_when,
                "anchors": sorted(c.anchors.items()),
                "examples": shown_examples(c, call.id),
            }
            for c in criteria or rated_in(rubric)
        ],
    }
    if prompt.meta.reply == RateCallInContextReply.__name__:
        return role.request(prompt, RateCallInContextReply, inputs, draw=draw, subject=call.id)
    return role.request(prompt, RateCallReply, inputs, draw=draw, subject=call.id)


def speakers_line(transcript: Transcript) -> str:
    """One line that says which part each speaker plays."""
    parts = {"rep": "the rep", "customer": "the customer's side"}
    return "; ".join(
        f"{name} is {parts.get(transcript.roles.get(name, 'other'), 'another participant')}"
        for name in transcript.speakers
    )


def shown_examples(criterion: Criterion, call: str) -> list[dict[str, str]]:
    """The examples shown to a rater of `call`, without those taken from that very call: they would give the answer
    away."""
    return [{"kind": e.kind, "text": e.text, "why": e.why} for e in criterion.examples if e.source != call]


@dataclass(frozen=True)
class Reader:
    """Turns a model's rating of one criterion into a judgement, or says what is wrong with it."""

    transcript: Transcript
    index: QuoteIndex

    @classmethod
    def of(cls, call: Call) -> Self:
        return cls(call.transcript, QuoteIndex(call.transcript.turns))

    def speakers(self, criterion: Criterion) -> Collection[str] | None:
        """The speakers whose words count as evidence; None if anybody's do."""
        match criterion.speaker:
            case "any":
                return None
            case "rep" | "customer":
                return self.transcript.speakers_as(criterion.speaker)

    def judge(
        self, criterion: Criterion, given: CriterionRating | RatingInContext | None
    ) -> tuple[Judgement, list[str]]:
        """The judgement, and the faults that a re-ask should name."""
        if given is None:
            fault = f"{criterion.id}: there is no rating"
            return Failed(kind="reply", detail=fault), [fault]
        if given.level is None:
            return self.not_applicable(criterion)
        if given.level not in criterion.levels:
            fault = f"{criterion.id}: {given.level} is not a level of its scale ({criterion.scale.range_in_words})"
            return Failed(kind="reply", detail=fault, claimed=given.level), [fault]
        located = [self.index.locate(p.quote, self.speakers(criterion), p.turn) for p in given.evidence]
        lost = [place.detail for place in located if isinstance(place, NotLocated)]
        quotes = tuple(place for place in located if isinstance(place, Quote))
        if criterion.shown(given.level) and not given.evidence:
            lost = ["a level above the lowest needs evidence, and none was given"]
        if lost and criterion.shown(given.level):
            faults = [f"{criterion.id}: {detail}" for detail in lost]
            return Failed(kind="evidence", detail="; ".join(lost), claimed=given.level), faults
        # At the lowest level nothing rests on the quotes: one that is not found is left out, never shown.
        beside = self.context(criterion, given.context) if isinstance(given, RatingInContext) else ()
        return Rated(value=given.level, quotes=quotes, nearest=self.nearest(given.nearest), context=beside), []

    def context(self, criterion: Criterion, given: Sequence[Passage]) -> tuple[Quote, ...]:
        """Quotes of other speakers, to show beside the rating. No rating depends on them, so those that are not
        found are left out."""
        rated = self.speakers(criterion)
        if rated is None:
            return ()
        others = set(self.transcript.speakers) - set(rated)
        found = (self.index.locate(passage.quote, others, passage.turn) for passage in given)
        return tuple(place for place in found if isinstance(place, Quote))

    def not_applicable(self, criterion: Criterion) -> tuple[Judgement, list[str]]:
        """The judgement "does not apply"; a fault if the criterion names no such case."""
        if criterion.not_applicable_when:
            return NotApplicable(), []
        fault = f"{criterion.id}: the criterion names no case in which it does not apply; give a level"
        return Failed(kind="reply", detail=fault), [fault]

    def nearest(self, near: Nearest | None) -> NearestMiss | None:
        """The turn that a reply names as the closest one; None if there is no such turn."""
        if near is None or not 0 <= near.turn < len(self.transcript.turns) or not near.why.strip():
            return None
        turn = self.transcript.turns[near.turn]
        return NearestMiss(turn=turn.index, speaker=turn.speaker, text=turn.text, why=near.why)


async def rate_call(
    call: Call,
    rubric: Rubric,
    role: Role,
    prompt: Prompt,
    draw: int = 0,
    at: datetime | None = None,
    criteria: Sequence[Criterion] = (),
) -> list[Rating]:
    """One rating for each of `criteria` (all rated ones if empty), in their order.

    After one re-ask that names every fault, a rating that still claims words nobody said is `Failed(evidence)`, and
    one that is missing or off its scale `Failed(reply)`. Ratings without a fault keep the first reply's judgement.
    """
    asked = tuple(criteria) or rated_in(rubric)
    reader = Reader.of(call)

    def read(reply: RateCallReply | RateCallInContextReply) -> Read:
        # The last rating of a criterion wins over an earlier one in the same reply: models correct themselves forwards.
        given = {one.criterion: one for one in reply.ratings}
        reasons = {ident: one.reason for ident, one in given.items()}
        return Read({c.id: reader.judge(c, given.get(c.id)) for c in asked}, reasons)

    request = rating_request(call, rubric, role, prompt, draw, asked)
    return await ratings_of(request, read, call, asked, Made(rubric, prompt, draw, at), role)


@dataclass(frozen=True)
class Read:
    """A reply that was read: for each criterion the judgement, its faults in words, and the model's reason."""

    found: dict[str, tuple[Judgement, list[str]]]
    reasons: dict[str, str]

    @property
    def faults(self) -> list[str]:
        """The faults of all criteria, for the re-ask."""
        return [fault for _, faults in self.found.values() for fault in faults]


@dataclass(frozen=True)
class Made:
    """What ratings are made with, and when (None means now)."""

    rubric: Rubric
    prompt: Prompt
    draw: int = 0
    at: datetime | None = None

    def by(self, model: str, request: str, endpoint: str) -> Provenance:
        """The provenance of ratings given by this model."""
        return Provenance(
            rubric=self.rubric.id,
            prompt=self.prompt.id,
            model=model,
            request=request,
            draw=self.draw,
            endpoint=endpoint,
        )


async def ratings_of(
    request: Request[T], read: Callable[[T], Read], call: Call, criteria: Sequence[Criterion], made: Made, role: Role
) -> list[Rating]:
    """Ask, once more if our code finds faults, and make a rating for each of `criteria`."""
    seen: list[tuple[T, Read]] = []

    def read_once(reply: T) -> Read:
        for other, readings in seen:
            if other is reply:
                return readings
        seen.append((reply, read(reply)))
        return seen[-1][1]

    first, second = await ask_checked(role, request, lambda reply: read_once(reply).faults)
    replies = [first] if second is None else [first, second]
    readings = [read_once(reply.value) for reply in replies]
    sources = [made.by(reply.asked.model, reply.request, reply.asked.endpoint) for reply in replies]
    when = made.at or datetime.now(UTC)
    ratings = []
    for criterion in criteria:
        taken = -1 if readings[0].found[criterion.id][1] else 0
        ratings.append(
            Rating(
                call=call.id,
                criterion=criterion.id,
                rater=f"model:{sources[taken].model}",
                judgement=readings[taken].found[criterion.id][0],
                reason=readings[taken].reasons.get(criterion.id, ""),
                provenance=sources[taken],
                at=when,
            )
        )
    return ratings


def failed_with(
    error: ModelError, request: str, call: Call, criteria: Sequence[Criterion], made: Made, role: Role
) -> list[Rating]:
    """A failed rating for each of `criteria`."""
    model, endpoint = (error.model, error.endpoint) if error.model else (role.model, role.endpoint)
    source = made.by(model, request, endpoint)
    when = datetime.now(UTC)
    return [
        Rating(
            call=call.id,
            criterion=criterion.id,
            rater=f"model:{model}",
            judgement=Failed(kind="model", detail=f"{error.code}: {error.explained}"),
            provenance=source,
            at=when,
        )
        for criterion in criteria
    ]
