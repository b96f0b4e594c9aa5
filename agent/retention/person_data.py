"""What is kept of a person as JSON lines: calls and interviews with their words, and ratings."""

from typing import Any

from agent.calls.model import Call
from agent.core.transcript import Transcript
from agent.interviews.model import Interview
from agent.ratings.model import Rating


def rating_data(rating: Rating) -> dict[str, Any]:
    """A rating as the CLI contract has it."""
    judgement = rating.judgement
    quotes = judgement.quotes
    nearest = getattr(judgement, "nearest", None)
    return {
        "call": rating.call,
        "criterion": rating.criterion,
        "status": judgement.status,
        "value": judgement.value,
        "quotes": [
            {"turn": q.span.turn, "speaker": q.speaker, "start": q.span.start, "end": q.span.end, "text": q.text}
            for q in quotes
        ],
        "context": [
            {"turn": q.span.turn, "speaker": q.speaker, "text": q.text} for q in getattr(judgement, "context", ())
        ],
        "nearest": None if nearest is None else nearest.model_dump(mode="json"),
        "failure": getattr(judgement, "detail", None),
        "rater": rating.rater,
        "rubric": rating.provenance.rubric,
        "prompt": rating.provenance.prompt,
        "model": rating.provenance.model,
        "endpoint": rating.provenance.endpoint,
        "request": rating.provenance.request,
        "draw": rating.provenance.draw,
        "at": rating.at.isoformat(),
        "reason": rating.reason,
    }


def transcript_data(transcript: Transcript) -> dict[str, Any]:
    """A transcript as JSON data."""
    return {
        "id": transcript.id,
        "roles": transcript.roles,
        "turns": [{"turn": t.index, "speaker": t.speaker, "start": t.start, "text": t.text} for t in transcript.turns],
    }


def interview_data(interview: Interview) -> dict[str, Any]:
    """What is known of an interview, without its transcript."""
    return {
        "id": interview.id,
        "outcome": interview.outcome,
        "date": interview.date.isoformat(),
        "buyer": interview.buyer,
        "account": interview.account,
        "rep": interview.rep,
        "stage": interview.stage,
    }


def call_data(call: Call) -> dict[str, Any]:
    """What is known of a call, without its transcript."""
    return {
        "id": call.id,
        "date": call.date.isoformat(),
        "rep": call.rep,
        "customer": call.customer,
        "account": call.account,
        "stage": call.stage,
        "deal": call.deal,
    }
