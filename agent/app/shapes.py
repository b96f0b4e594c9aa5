"""Domain objects as JSON data, the same for `--json` and for the web API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.core.statistic import Statistic
    from agent.core.transcript import Quote, Transcript
    from agent.interviews.model import Interview, Pattern, PatternSet, Prevalence
    from agent.ratings.model import Rating


def statistic_data(found: Statistic) -> dict[str, Any]:
    """`{"value", "low", "high", "n", "method"}`, or `{"undefined": reason}`."""
    return found.model_dump(mode="json", exclude_none=True, exclude={"confidence"})


def _prevalence(found: Prevalence) -> dict[str, Any]:
    rate = statistic_data(found.rate)
    return {
        "count": found.count,
        "of": found.of,
        "rate": rate.get("value"),
        "low": rate.get("low"),
        "high": rate.get("high"),
    }


def pattern_data(patterns: PatternSet) -> list[dict[str, Any]]:
    """The patterns as the CLI contract has them."""
    return [_pattern(p, patterns.confirm.get(p.id)) for p in patterns.patterns]


def _pattern(pattern: Pattern, confirm: int | None) -> dict[str, Any]:
    difference = statistic_data(pattern.contrast.difference)
    return {
        "id": pattern.id,
        "name": pattern.name,
        "behavior": pattern.behavior,
        "side": pattern.side,
        "verdict": pattern.verdict,
        "moments": list(pattern.moments),
        "prevalence": {"won": _prevalence(pattern.won), "lost": _prevalence(pattern.lost)},
        "contrast": {
            "difference": difference.get("value"),
            "low": difference.get("low"),
            "high": difference.get("high"),
            "probability_won": pattern.contrast.probability_won,
            "p": pattern.contrast.p,
            "p_holm": pattern.contrast.p_holm,
        },
        "agreement": {
            "exact": statistic_data(pattern.agreement),
            "kappa": statistic_data(pattern.kappa),
            "adjudicated": pattern.adjudicated,
        },
        "interviews_to_confirm": confirm,
        "flaws": list(pattern.flaws),
        "evidence": [{"interview": e.interview, **_place(e.quote)} for e in pattern.evidence],
    }


def _place(quote: Quote) -> dict[str, Any]:
    return {"turn": quote.span.turn, "speaker": quote.speaker, "quote": quote.text}


def rating_data(rating: Rating) -> dict[str, Any]:
    """A rating as the CLI contract has it."""
    judgement = rating.judgement
    quotes = getattr(judgement, "quotes", ())
    nearest = getattr(judgement, "nearest", None)
    return {
        "call": rating.call,
        "criterion": rating.criterion,
        "status": judgement.status,
        "value": getattr(judgement, "value", None),
        "quotes": [
            {"turn": q.span.turn, "speaker": q.speaker, "start": q.span.start, "end": q.span.end, "text": q.text}
            for q in quotes
        ],
        "nearest": None if nearest is None else nearest.model_dump(mode="json"),
        "failure": getattr(judgement, "detail", None),
        "rater": rating.rater,
        "rubric": rating.provenance.rubric,
        "prompt": rating.provenance.prompt,
        "model": rating.provenance.model,
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
