"""Rates a call by counting: a model lists every occurrence of a behavior; our code locates and counts them, and the
count gives the level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.calls.model import Call
from agent.core.transcript import Quote
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Failed, Judgement, Rated, Rating
from agent.rubrics.model import Counts, Criterion, Rubric
from agent.scoring.rating import Made, Read, Reader, ratings_of, shown_examples, speakers_line
from agent.scoring.replies import CountedBehavior, CountOccurrencesReply
from agent.text.quotes import NotLocated
from agent.text.rendering import numbered

_WHOSE = {"rep": "the rep's", "customer": "the customer's side's", "any": "anybody's"}


def counted_in(rubric: Rubric) -> tuple[Criterion, ...]:
    """The criteria of a rubric whose level is given by a count."""
    return tuple(c for c in rubric.criteria if c.counts is not None)


def counting_request(
    call: Call, role: Role, prompt: Prompt, draw: int, criteria: Sequence[Criterion]
) -> Request[CountOccurrencesReply]:
    """The request for every occurrence of `criteria`. It does not say how many are wanted: that would influence the
    reader, and a changed threshold would make recorded replies useless."""
    inputs = {
        "transcript": numbered(call.transcript.turns),
        "speakers": speakers_line(call.transcript),
        "behaviors": [
            {
                "id": c.id,
                "speaker": _WHOSE[c.speaker],
                "each": c.counts.each,
                "not_applicable_when": c.not_applicable_when,
                "examples": shown_examples(c, call.id),
            }
            for c in criteria
            if c.counts is not None
        ],
    }
    return role.request(prompt, CountOccurrencesReply, inputs, draw=draw, subject=call.id)


def distinct(quotes: Iterable[Quote], of: str) -> tuple[Quote, ...]:
    """Different places in the order of the call. Of quotes that overlap only the first counts; if `of` is turns,
    also only the first in each turn."""
    kept: list[Quote] = []
    for quote in sorted(quotes, key=lambda q: (q.span.turn, q.span.start, -q.span.end)):
        if kept and kept[-1].span.turn == quote.span.turn and (of == "turns" or quote.span.start < kept[-1].span.end):
            continue
        kept.append(quote)
    return tuple(kept)


@dataclass(frozen=True)
class _Counter(Reader):
    """Turns the places that a model lists for one behavior into a judgement."""

    def count(self, criterion: Criterion, counts: Counts, given: CountedBehavior | None) -> tuple[Judgement, list[str]]:
        """The judgement, and the faults that a re-ask should name.

        Places that are not found fail the rating only where they would decide: if the level is the same with and
        without them, it rests on those that were found.
        """
        if given is None:
            fault = f"{criterion.id}: there is no entry for it"
            return Failed(kind="reply", detail=fault), [fault]
        if not given.applies and not given.occurrences:
            return self.not_applicable(criterion)
        places = [self.index.locate(p.quote, self.speakers(criterion), p.turn) for p in given.occurrences]
        lost = [place.detail for place in places if isinstance(place, NotLocated)]
        quotes = distinct((place for place in places if isinstance(place, Quote)), counts.of)
        faults = [f"{criterion.id}: {detail}" for detail in lost]
        level, claimed = (counts.level(criterion.scale, n) for n in (len(quotes), len(quotes) + len(lost)))
        if level != claimed:
            return Failed(kind="evidence", detail="; ".join(lost), claimed=claimed), faults
        return Rated(value=level, quotes=quotes, nearest=None if quotes else self.nearest(given.nearest)), faults


async def count_call(
    call: Call,
    rubric: Rubric,
    role: Role,
    prompt: Prompt,
    draw: int = 0,
    at: datetime | None = None,
    criteria: Sequence[Criterion] = (),
) -> list[Rating]:
    """One rating for each of `criteria` (all counted ones if empty), in their order, after at most one re-ask."""
    asked = tuple(criteria) or counted_in(rubric)
    counter = _Counter.of(call)

    def read(reply: CountOccurrencesReply) -> Read:
        given = {one.behavior: one for one in reply.behaviors}
        judged = {c.id: counter.count(c, c.counts, given.get(c.id)) for c in asked if c.counts is not None}
        return Read(judged, {c.id: _reason(c, judged[c.id][0]) for c in asked})

    request = counting_request(call, role, prompt, draw, asked)
    return await ratings_of(request, read, call, asked, Made(rubric, prompt, draw, at), role)


def _reason(criterion: Criterion, judgement: Judgement) -> str:
    if criterion.counts is None or not isinstance(judgement, Rated):
        return ""
    n = len(judgement.quotes)
    unit = criterion.counts.of if n != 1 else criterion.counts.of.removesuffix("s")
    return f"{n} {unit} found; level {criterion.counts.rule}."
