"""How fast one endpoint may be asked: rules over a handful of numbers, without clocks, waiting or storage.

Requests and tokens a minute are token buckets that hold `BURST_SECONDS` of their rate and may go into debt: whoever
takes from an empty one waits until its own part has been refilled, so requests leave at the rate and in their order.

How many may be in flight is found out by additive increase and multiplicative decrease (D.-M. Chiu, R. Jain, "Analysis
of the increase and decrease algorithms for congestion avoidance", 1989): halved by a refusal, one more for each round
of replies. Refusals of requests that were sent before the last pause ended are the same congestion and halve nothing.
Below one, the limit stands for ever longer pauses: at 1/4 the next refusal pauses eight times as long as the first.
"""

from dataclasses import dataclass, replace

from pydantic import Field

from agent.core.base import Frozen

BURST_SECONDS = 10.0
FIRST_PAUSE = 0.5  # seconds after a refusal that names none
LONGEST_BACKOFF = 32.0
LONGEST_PAUSE = 3600.0  # also the most that a clock set back can make anybody wait
FORGOTTEN_AFTER = 600.0  # seconds without a request after which old refusals say nothing any more
_CLOCK_JUMP = 60.0  # more than clocks of two machines differ


class Limits(Frozen):
    """An endpoint's limits. None means that a limit is unknown; the provider's headers fill it in if they name it."""

    requests_per_minute: float | None = Field(default=None, gt=0, strict=False)
    tokens_per_minute: float | None = Field(default=None, gt=0, strict=False)
    in_flight: int = Field(default=512, ge=1)


@dataclass(frozen=True)
class Remaining:
    """What a provider says about one allowance: how much is left, how much it gives a minute, and in how many
    seconds it is full again."""

    left: float
    limit: float | None = None
    reset: float | None = None


@dataclass(frozen=True)
class Signal:
    """What one answer says about the pace. `refused`: status 429, or overloaded; `pause`: seconds that it asks to
    wait."""

    refused: bool = False
    pause: float | None = None
    requests: Remaining | None = None
    tokens: Remaining | None = None


CALM = Signal()


@dataclass(frozen=True)
class Grant:
    """`wait`: seconds until the claimed request may be sent. `paused`: the first of them, in which nobody may send.
    `in_flight`: how many requests may be in flight."""

    wait: float
    paused: float
    in_flight: int


@dataclass(frozen=True)
class Pace:
    """The state of one endpoint. Times are seconds of one clock; `in_flight_limit` holds for each worker."""

    paused_until: float
    requests_left: float
    tokens_left: float
    refilled_at: float
    in_flight_limit: float


def fresh(limits: Limits, now: float) -> Pace:
    """The pace of an endpoint that has not been asked yet."""
    return Pace(0.0, _holds(limits.requests_per_minute), _holds(limits.tokens_per_minute), now, limits.in_flight)


def _holds(per_minute: float | None) -> float:
    # Never less than one request, or a slow endpoint would start in debt.
    return 0.0 if per_minute is None else max(1.0, per_minute * BURST_SECONDS / 60)


def refilled(pace: Pace, limits: Limits, now: float) -> Pace:
    """`pace` at the time `now`, with the allowance that came in since. A clock that was set back neither refills
    twice nor stops the refilling."""
    passed = now - pace.refilled_at
    if passed < 0:
        return replace(pace, refilled_at=now) if passed < -_CLOCK_JUMP else pace
    return replace(
        pace,
        requests_left=_refilled(pace.requests_left, limits.requests_per_minute, passed),
        tokens_left=_refilled(pace.tokens_left, limits.tokens_per_minute, passed),
        refilled_at=now,
        in_flight_limit=min(limits.in_flight, pace.in_flight_limit) if passed < FORGOTTEN_AFTER else limits.in_flight,
    )


def _refilled(left: float, per_minute: float | None, passed: float) -> float:
    return left if per_minute is None else min(_holds(per_minute), left + passed * per_minute / 60)


def claimed(pace: Pace, limits: Limits, requests: float, tokens: float) -> Pace:
    """`pace` (already refilled) after that many requests and tokens were taken; the allowance may fall below 0."""
    return replace(
        pace,
        requests_left=pace.requests_left - requests if limits.requests_per_minute else pace.requests_left,
        tokens_left=pace.tokens_left - tokens if limits.tokens_per_minute else pace.tokens_left,
    )


def granted(pace: Pace, limits: Limits, now: float) -> Grant:
    """The grant for the last claim: it has to wait until the pause is over and until the allowance it owes is
    refilled."""
    debts = (
        _repaid(pace.requests_left, limits.requests_per_minute),
        _repaid(pace.tokens_left, limits.tokens_per_minute),
    )
    return waiting(pace, now, max(debts))


def waiting(pace: Pace, now: float, debt: float) -> Grant:
    """The grant for a request that has to wait `debt` seconds until its part of the allowance is refilled."""
    paused = min(LONGEST_PAUSE, max(0.0, pace.paused_until - now))
    return Grant(max(paused, debt), paused, max(1, int(pace.in_flight_limit)))


def _repaid(left: float, per_minute: float | None) -> float:
    return 0.0 if per_minute is None or left >= 0 else -left * 60 / per_minute


def answered(pace: Pace, limits: Limits, replies: int) -> Pace:
    """`pace` after that many good replies: the limit in flight grows by one for each `in_flight_limit` replies."""
    limit = pace.in_flight_limit
    if not replies or limit >= limits.in_flight:
        return pace
    return replace(pace, in_flight_limit=min(float(limits.in_flight), limit + replies / max(1.0, limit)))


def refused(pace: Pace, signal: Signal, now: float, sent_ago: float, in_flight: int) -> Pace:
    """`pace` after a refusal of a request that was sent `sent_ago` seconds before, when `in_flight` requests were
    out."""
    limit = pace.in_flight_limit
    if now - sent_ago >= pace.paused_until:
        limit = max(FIRST_PAUSE / LONGEST_BACKOFF, min(limit, float(max(1, in_flight))) / 2)
    backoff = min(LONGEST_BACKOFF, FIRST_PAUSE / min(1.0, limit))
    pause = min(LONGEST_PAUSE, backoff if signal.pause is None else max(signal.pause, FIRST_PAUSE))
    return replace(pace, in_flight_limit=limit, paused_until=max(pace.paused_until, now + pause))


def learned(configured: Limits, known: Limits, signal: Signal) -> Limits:
    """The limits after `signal`: those that the provider names, but never above the configured ones."""
    requests = _per_minute(configured.requests_per_minute, known.requests_per_minute, signal.requests)
    tokens = _per_minute(configured.tokens_per_minute, known.tokens_per_minute, signal.tokens)
    if (requests, tokens) == (known.requests_per_minute, known.tokens_per_minute):
        return known
    return known.model_copy(update={"requests_per_minute": requests, "tokens_per_minute": tokens})


def _per_minute(configured: float | None, known: float | None, said: Remaining | None) -> float | None:
    if said is None or not said.limit:
        return known
    return said.limit if configured is None else min(configured, said.limit)


def corrected(pace: Pace, known: Limits, now_known: Limits, signal: Signal, now: float) -> Pace:
    """`pace` with no more allowance left than the provider says. `known` are the limits before this answer, `now_known`
    those after it.

    If nothing is left and nobody knows the rate at which it is refilled, everybody waits until it is full again.
    """
    kinds = ((signal.requests, now_known.requests_per_minute), (signal.tokens, now_known.tokens_per_minute))
    pause = max(_empty_for(said, rate) for said, rate in kinds)
    return replace(
        pace,
        requests_left=_bounded(
            pace.requests_left, known.requests_per_minute, now_known.requests_per_minute, signal.requests
        ),
        tokens_left=_bounded(pace.tokens_left, known.tokens_per_minute, now_known.tokens_per_minute, signal.tokens),
        paused_until=max(pace.paused_until, now + pause) if pause else pace.paused_until,
    )


def _empty_for(said: Remaining | None, per_minute: float | None) -> float:
    if said is None or said.left > 0 or said.reset is None or per_minute is not None:
        return 0.0
    return min(LONGEST_BACKOFF, said.reset)


def _bounded(left: float, before: float | None, per_minute: float | None, said: Remaining | None) -> float:
    if per_minute is None:
        return left
    mine = left if before is not None else _holds(per_minute)
    # The provider's count is never newer than the claims made here, so the smaller of the two holds.
    return mine if said is None else min(mine, said.left)
