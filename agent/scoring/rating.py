"""Rating one call on all criteria of a rubric in one request, with quotes that code locates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent.calls.model import Call
from agent.core.errors import ModelError
from agent.core.transcript import Quote, Transcript
from agent.llm.asking import ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Failed, Judgement, NearestMiss, NotApplicable, Provenance, Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.replies import CriterionRating, RateCallReply
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import numbered


def rating_request(call: Call, rubric: Rubric, role: Role, prompt: Prompt, draw: int = 0) -> Request[RateCallReply]:
    """The request that rates `call`: the transcript first and unchanged, the criteria after it."""
    inputs = {
        "transcript": numbered(call.transcript.turns),
        "speakers": speakers_line(call.transcript),
        "criteria": [_shown(c, call.id) for c in rubric.criteria],
    }
    return role.request(prompt, RateCallReply, inputs, draw=draw, subject=call.id)


def speakers_line(transcript: Transcript) -> str:
    """Who plays which part, in one line."""
    parts = {"rep": "the rep", "customer": "the customer's side"}
    return "; ".join(
        f"{name} is {parts.get(transcript.roles.get(name, 'other'), 'another participant')}"
        for name in transcript.speakers
    )


def _shown(criterion: Criterion, call: str) -> dict[str, Any]:
    """What a rater of `call` is shown. Examples quoted from that very call are left out: they would give the answer."""
    return {
        "id": criterion.id,
        "scale": criterion.scale.range_in_words,
        "speaker": criterion.speaker,
        "description": criterion.description,
        "not_applicable_when": criterion.not_applicable_when,
        "anchors": sorted(criterion.anchors.items()),
        "examples": [{"kind": e.kind, "text": e.text, "why": e.why} for e in criterion.examples if e.source != call],
    }


@dataclass(frozen=True)
class _Reader:
    """Turns a model's rating of one criterion into a judgement, or says what is wrong with it."""

    transcript: Transcript
    index: QuoteIndex

    def speakers(self, criterion: Criterion) -> Collection[str] | None:
        match criterion.speaker:
            case "any":
                return None
            case "rep" | "customer":
                return self.transcript.speakers_as(criterion.speaker)

    def judge(self, criterion: Criterion, given: CriterionRating | None) -> tuple[Judgement, list[str]]:
        """The judgement, with the faults that a re-ask should name."""
        if given is None:
            fault = f"{criterion.id}: there is no rating"
            return Failed(kind="reply", detail=fault), [fault]
        if given.level is None:
            return self._not_applicable(criterion)
        if given.level not in criterion.levels:
            fault = f"{criterion.id}: {given.level} is not a level of its scale ({criterion.scale.range_in_words})"
            return Failed(kind="reply", detail=fault, claimed=given.level), [fault]
        located = [self.index.locate(p.quote, self.speakers(criterion), p.turn) for p in given.evidence]
        lost = [found.detail for found in located if isinstance(found, NotLocated)]
        quotes = tuple(found for found in located if isinstance(found, Quote))
        if criterion.shown(given.level) and not given.evidence:
            lost = ["a level above the lowest needs evidence, and none was given"]
        if lost and criterion.shown(given.level):
            faults = [f"{criterion.id}: {detail}" for detail in lost]
            return Failed(kind="evidence", detail="; ".join(lost), claimed=given.level), faults
        # At the lowest level nothing rests on the quotes: one that is not found is left out, never shown.
        return Rated(value=given.level, quotes=quotes, nearest=self._nearest(given)), []

    def _not_applicable(self, criterion: Criterion) -> tuple[Judgement, list[str]]:
        if criterion.not_applicable_when:
            return NotApplicable(), []
        fault = f"{criterion.id}: the criterion names no case in which it does not apply; give a level"
        return Failed(kind="reply", detail=fault), [fault]

    def _nearest(self, given: CriterionRating) -> NearestMiss | None:
        near = given.nearest
        if near is None or not 0 <= near.turn < len(self.transcript.turns) or not near.why.strip():
            return None
        turn = self.transcript.turns[near.turn]
        return NearestMiss(turn=turn.index, speaker=turn.speaker, text=turn.text, why=near.why)


async def rate_call(
    call: Call, rubric: Rubric, role: Role, prompt: Prompt, draw: int = 0, at: datetime | None = None
) -> list[Rating]:
    """One rating a criterion, in the rubric's order.

    After one re-ask that names every fault, a rating that still claims words nobody said is `Failed(evidence)`, and
    one that is missing or off its scale `Failed(reply)`. Ratings without a fault keep the first reply's judgement.
    """
    reader = _Reader(call.transcript, QuoteIndex(call.transcript.turns))
    request = rating_request(call, rubric, role, prompt, draw)
    seen: list[tuple[RateCallReply, _Judged]] = []

    def judge(reply: RateCallReply) -> _Judged:
        for other, judged in seen:
            if other is reply:
                return judged
        seen.append((reply, _Judged.of(reply, rubric, reader)))
        return seen[-1][1]

    first, second = await ask_checked(role, request, lambda reply: judge(reply).faults)
    replies = [first] if second is None else [first, second]
    judged = [judge(reply.value) for reply in replies]
    made = [
        _provenance(rubric, prompt, reply.asked.model, reply.request, draw, reply.asked.endpoint) for reply in replies
    ]
    when = at or datetime.now(UTC)
    ratings = []
    for criterion in rubric.criteria:
        taken = -1 if criterion.id in judged[0].faulty else 0
        given, judgement = judged[taken].found[criterion.id]
        ratings.append(
            Rating(
                call=call.id,
                criterion=criterion.id,
                rater=f"model:{made[taken].model}",
                judgement=judgement,
                reason=given.reason if given else "",
                provenance=made[taken],
                at=when,
            )
        )
    return ratings


@dataclass(frozen=True)
class _Judged:
    """A reply read: by criterion what the model gave and what that amounts to; which have faults, and those in words."""

    found: dict[str, tuple[CriterionRating | None, Judgement]]
    faulty: frozenset[str]
    faults: list[str]

    @classmethod
    def of(cls, reply: RateCallReply, rubric: Rubric, reader: _Reader) -> _Judged:
        # The last rating of a criterion wins over an earlier one in the same reply: models correct themselves forwards.
        given = {one.criterion: one for one in reply.ratings}
        read = {c.id: (given.get(c.id), *reader.judge(c, given.get(c.id))) for c in rubric.criteria}
        return cls(
            {ident: (one, judgement) for ident, (one, judgement, _) in read.items()},
            frozenset(ident for ident, (_, _, faults) in read.items() if faults),
            [fault for _, _, faults in read.values() for fault in faults],
        )


def failed_ratings(
    call: Call, rubric: Rubric, role: Role, prompt: Prompt, draw: int, error: ModelError
) -> list[Rating]:
    """Ratings of a call whose request came to nothing: each says so, none is dropped in silence."""
    request = error.request or rating_request(call, rubric, role, prompt, draw).id
    model = error.model or role.model
    endpoint = role.endpoint if model == role.model else ""  # another model took over, on a server of its own
    made, when = _provenance(rubric, prompt, model, request, draw, endpoint), datetime.now(UTC)
    return [
        Rating(
            call=call.id,
            criterion=criterion.id,
            rater=f"model:{model}",
            judgement=Failed(kind="model", detail=f"{error.code}: {error.explained}"),
            provenance=made,
            at=when,
        )
        for criterion in rubric.criteria
    ]


def _provenance(rubric: Rubric, prompt: Prompt, model: str, request: str, draw: int, endpoint: str) -> Provenance:
    return Provenance(rubric=rubric.id, prompt=prompt.id, model=model, request=request, draw=draw, endpoint=endpoint)


def failures(ratings: Sequence[Rating]) -> list[Rating]:
    """Those that failed."""
    return [r for r in ratings if isinstance(r.judgement, Failed)]
