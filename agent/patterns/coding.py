"""Reads interviews: each analyst alone, first without any pattern in mind, then with the codebook."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.app.replies import Passage
from agent.core.transcript import TOLD, Quote
from agent.interviews.model import Interview
from agent.llm.asking import ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.model import Analyst, CodebookEntry, Coding, Observation
from agent.patterns.replies import ApplyCodebookReply, CodeInterviewReply, Decision
from agent.settings import Stages
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import Window, numbered, windows

# The analyst's number is the draw: two analysts are two readings, also where both are the same model.
DRAW: dict[Analyst, int] = {"analyst_a": 0, "analyst_b": 1}


_NOTES = (
    f"this is no dialogue but the interviewer's notes: turns under “{TOLD}” recount what the buyer said; here they are "
    "evidence too, copied as they stand, and count as the buyer's account"
)


def evidence_speakers(interview: Interview) -> frozenset[str]:
    """The speakers whose words are evidence: the buyers, and in notes also the interviewer, who retells them."""
    told = {TOLD} if interview.kind == "notes" else set()
    return interview.transcript.speakers_as("buyer") | told


@dataclass(frozen=True)
class Moments:
    """The moments that observations may name, as they are given to models; any other counts as `other`."""

    listed: tuple[dict[str, str], ...]

    @classmethod
    def of(cls, stages: Stages) -> "Moments":
        return cls(tuple({"id": m.id, "means": m.means} for m in stages.moments))

    def known(self, moment: str) -> str:
        """`moment` if it is listed, else `other`."""
        return moment if any(m["id"] == moment for m in self.listed) else "other"


@dataclass(frozen=True)
class Noted:
    """What one analyst noted in one interview; `unlocated` are quotes that were not found even after a re-ask."""

    observations: tuple[Observation, ...]
    unlocated: tuple[str, ...]


def _shared_inputs(interview: Interview, window: Window) -> dict[str, Any]:
    transcript = interview.transcript
    buyers = transcript.speakers_as("buyer")
    named = ", ".join(s for s in transcript.speakers if s in buyers)
    others = ", ".join(s for s in transcript.speakers if s not in buyers) or "not named"
    if interview.kind == "notes":
        named, others = f"{interview.buyer} ({_NOTES})", interview.details.get("interviewer", "not named")
    return {"transcript": numbered(window.turns), "buyer": named, "interviewer": others, "window": window.label}


def noting_requests(
    interview: Interview, analyst: Analyst, role: Role, prompt: Prompt, moments: Moments
) -> list[Request[CodeInterviewReply]]:
    """The first reading of one interview: one request, or one for each window of a long one."""
    return [
        role.request(
            prompt,
            CodeInterviewReply,
            {**_shared_inputs(interview, window), "moments": moments.listed},
            draw=DRAW[analyst],
            subject=interview.id,
        )
        for window in windows(interview.transcript, role.context_tokens)
    ]


async def note_behaviors(interview: Interview, analyst: Analyst, role: Role, prompt: Prompt, moments: Moments) -> Noted:
    """Every seller's behavior that `analyst` finds in the interview, with located quotes."""
    index = QuoteIndex(interview.transcript.turns)
    buyers = evidence_speakers(interview)
    observations: list[Observation] = []
    unlocated: list[str] = []

    def faults(reply: CodeInterviewReply) -> list[str]:
        located = [index.locate(n.quote, buyers, n.turn) for n in reply.notes]
        return [place.detail for place in located if isinstance(place, NotLocated)]

    for request in noting_requests(interview, analyst, role, prompt, moments):
        first, second = await ask_checked(role, request, faults, tolerant=True)
        reply = second or first
        # Windows overlap: the same words may be noted once in each. The first note stays.
        before = {(o.quote.span.turn, o.quote.span.start) for o in observations}
        for note in reply.value.notes:
            quote = index.locate(note.quote, buyers, note.turn)
            if isinstance(quote, NotLocated):
                unlocated.append(quote.detail)
            elif (quote.span.turn, quote.span.start) not in before:
                observations.append(
                    Observation(
                        interview=interview.id,
                        analyst=analyst,
                        behavior=note.behavior,
                        moment=moments.known(note.moment),
                        subject=note.subject,
                        quote=quote,
                        request=reply.request,
                    )
                )
    return Noted(tuple(observations), tuple(unlocated))


@dataclass(frozen=True)
class Cell:
    """A codebook entry on which the two analysts differ in one interview, with both codings."""

    entry: CodebookEntry
    codings: tuple[Coding, Coding]


@dataclass(frozen=True)
class _Reading:
    """The decisions of one reader, collected over the windows of one interview."""

    present: dict[str, bool] = field(default_factory=dict)
    quotes: dict[str, list[Quote]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)


def applying_requests(
    interview: Interview, entries: Sequence[CodebookEntry], analyst: Analyst, role: Role, prompt: Prompt
) -> list[Request[ApplyCodebookReply]]:
    """The second reading of one interview, with the codebook."""
    listed = [{"key": f"P{i}", "name": e.name, "behavior": e.behavior} for i, e in enumerate(entries, 1)]
    return [
        role.request(
            prompt,
            ApplyCodebookReply,
            {**_shared_inputs(interview, window), "entries": listed},
            draw=DRAW[analyst],
            subject=interview.id,
        )
        for window in windows(interview.transcript, role.context_tokens)
    ]


async def apply_codebook(
    interview: Interview, codebook: str, entries: Sequence[CodebookEntry], analyst: Analyst, role: Role, prompt: Prompt
) -> tuple[Coding, ...]:
    """One coding for every entry of the codebook, in its order."""
    requests = applying_requests(interview, entries, analyst, role, prompt)
    reading = await _read(interview, role, requests, [f"P{i}" for i in range(1, len(entries) + 1)])
    return _codings(reading, interview, codebook, entries, analyst)


async def adjudicate(
    interview: Interview, codebook: str, cells: Sequence[Cell], role: Role, prompt: Prompt
) -> tuple[Coding, ...]:
    """A third reading of the entries on which the analysts differ. It is shown both codings and their quotes."""
    listed = [
        {
            "key": f"P{i}",
            "name": cell.entry.name,
            "behavior": cell.entry.behavior,
            "readings": [
                {
                    "verdict": "present" if coding.present else "absent",
                    "reason": coding.reason + (f" ({coding.problem})" if coding.problem else ""),
                    "quotes": [{"turn": q.span.turn, "text": q.text} for q in coding.quotes],
                }
                for coding in cell.codings
            ],
        }
        for i, cell in enumerate(cells, 1)
    ]
    requests = [
        role.request(
            prompt, ApplyCodebookReply, {**_shared_inputs(interview, window), "entries": listed}, subject=interview.id
        )
        for window in windows(interview.transcript, role.context_tokens)
    ]
    reading = await _read(interview, role, requests, [f"P{i}" for i in range(1, len(cells) + 1)])
    return _codings(reading, interview, codebook, [cell.entry for cell in cells], "adjudicator")


async def _read(
    interview: Interview, role: Role, requests: Sequence[Request[ApplyCodebookReply]], keys: Sequence[str]
) -> _Reading:
    index = QuoteIndex(interview.transcript.turns)
    buyers = evidence_speakers(interview)

    def locate(passage: Passage) -> Quote | NotLocated:
        return index.locate(passage.quote, buyers, passage.turn)

    def faults(reply: ApplyCodebookReply) -> list[str]:
        by_key = {d.key: d for d in reply.decisions}
        missing = [f"there is no decision for {key}" for key in keys if key not in by_key]
        return missing + [f"{d.key}: {p}" for d in reply.decisions if (p := _problem(d, [locate(q) for q in d.quotes]))]

    reading = _Reading()
    for request in requests:
        first, second = await ask_checked(role, request, faults, tolerant=True)
        reply = second or first
        by_key = {d.key: d for d in reply.value.decisions}
        for key in keys:
            _gather(reading, key, by_key.get(key), locate, reply.request)
    return reading


def _problem(decision: Decision, located: Sequence[Quote | NotLocated]) -> str:
    if not decision.present:
        return ""
    if not located:
        return "present, but without a quote"
    return "; ".join(place.detail for place in located if isinstance(place, NotLocated))


def _gather(reading: _Reading, key: str, decision: Decision | None, locate: Any, request: str) -> None:
    """Add a decision to the reading: present in one window means present; absent in another window does not
    contradict it."""
    if decision is None:
        reading.problems.setdefault(key, "the reader gave no decision")
        reading.requests.setdefault(key, request)
        return
    located = [locate(passage) for passage in decision.quotes]
    problem = _problem(decision, located)
    if decision.present and not problem:
        reading.present[key] = True
        reading.quotes.setdefault(key, []).extend(q for q in located if isinstance(q, Quote))
        reading.reasons[key], reading.requests[key] = decision.reason, request
        reading.problems.pop(key, None)
    elif not reading.present.get(key):
        reading.reasons.setdefault(key, decision.reason)
        reading.requests.setdefault(key, request)
        if problem:
            reading.problems[key] = problem


def _codings(
    reading: _Reading, interview: Interview, codebook: str, entries: Sequence[CodebookEntry], reader: Any
) -> tuple[Coding, ...]:
    return tuple(
        Coding(
            codebook=codebook,
            entry=entry.id,
            interview=interview.id,
            reader=reader,
            present=reading.present.get(key, False),
            quotes=tuple(reading.quotes.get(key, ())),
            reason=reading.reasons.get(key, ""),
            problem=reading.problems.get(key, ""),
            request=reading.requests.get(key, ""),
        )
        for key, entry in ((f"P{i}", e) for i, e in enumerate(entries, 1))
    )
