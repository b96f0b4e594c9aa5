"""How long is waited, and when no more: with a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import ModelRejected, ModelUnreachable
from agent.llm.limit_headers import retry_after_seconds
from agent.llm.model import Usage
from agent.llm.pace import LocalPace, Pacer
from agent.llm.pacing import Limits, Signal
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Completion, Transient
from tests.llm.replies import GOOD, request
from tests.llm.times import Time


def told(seconds: float) -> Transient:
    """A 429 with Retry-After."""
    return Transient("429", seconds, Signal(refused=True, pause=seconds))


ANSWER = Completion(GOOD, "stop", "", Usage(), "stub-1")


class Script:
    """Exchanges of which the n-th ends as the n-th outcome says; the last repeats."""

    def __init__(self, *outcomes: Exception | Completion) -> None:
        self._outcomes = list(outcomes)
        self.sent = 0

    async def send(self) -> Completion:
        self.sent += 1
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def attempt(wire: Script, patience: Patience) -> tuple[Completion, list[float]]:
    time = Time()
    answer = await Retries(patience, time.sleep, time.clock).send(request(), wire.send)
    return answer, time.slept


async def test_waits_grow_and_are_jittered() -> None:
    patience = Patience(attempts=6, first_wait=1.0, longest_wait=4.0)
    waits = []
    for _ in range(200):
        _, waited = await attempt(Script(*[Transient("500")] * 5, ANSWER), patience)
        waits.append(waited)
    columns = list(zip(*waits, strict=True))
    for column, ceiling in zip(columns, [1.0, 2.0, 4.0, 4.0, 4.0], strict=True):
        assert 0 <= min(column) < 0.2 * ceiling
        assert 0.8 * ceiling < max(column) <= ceiling


async def test_retry_after_is_the_least_wait() -> None:
    _, waits = await attempt(Script(told(7.0), ANSWER), Patience(first_wait=0.5))
    assert len(waits) == 1
    assert 7.0 <= waits[0] <= 7.5


async def test_a_pause_holds_back_other_requests() -> None:
    time = Time()
    retries = Retries(Patience(attempts=1, first_wait=0.5), time.sleep, time.clock)
    with pytest.raises(ModelUnreachable):
        await retries.send(request(), Script(told(9.0)).send)
    await retries.send(request(), Script(ANSWER).send)
    await retries.send(request(), Script(ANSWER).send)
    assert len(time.slept) == 1
    assert 9.0 <= time.slept[0] <= 9.5


async def test_a_pause_longer_than_patience_is_not_waited_for_and_nothing_is_sent_meanwhile() -> None:
    time = Time()
    retries = Retries(Patience(total_seconds=60.0), time.sleep, time.clock)
    with pytest.raises(ModelUnreachable, match="after 1 attempt; the last: 429"):
        await retries.send(request(), Script(told(600.0)).send)
    wire = Script(ANSWER)
    with pytest.raises(ModelUnreachable, match="after 0 attempts; the last: the provider asks to wait 600 s"):
        await retries.send(request(), wire.send)
    assert (wire.sent, time.slept) == (0, [])
    time.now += 600.0
    assert await retries.send(request(), wire.send) == ANSWER


async def test_time_waited_for_a_first_turn_is_no_failure() -> None:
    """Patience begins with the first exchange: whoever stood in a long queue is still tried again."""
    time = Time()
    pacer = Pacer(LocalPace(Limits(requests_per_minute=1), time.clock), sleep=time.sleep, clock=time.clock)
    retries = Retries(Patience(total_seconds=100.0, first_wait=0.01), time.sleep, time.clock, pacer)
    for _ in range(4):
        await retries.send(request(), Script(ANSWER).send)
    assert time.now > 1000 + 100
    wire = Script(Transient("500"), ANSWER)
    assert await retries.send(request(), wire.send) == ANSWER
    assert wire.sent == 2


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_attempts_are_bounded(attempts: int) -> None:
    wire = Script(Transient("503: busy"))
    with pytest.raises(ModelUnreachable, match=rf"after {attempts} attempts?; the last: 503: busy"):
        await attempt(wire, Patience(attempts=attempts))
    assert wire.sent == attempts


async def test_time_is_bounded() -> None:
    wire = Script(told(11.0))
    with pytest.raises(ModelUnreachable, match="after 1 attempt;"):
        await attempt(wire, Patience(total_seconds=10.0))


async def test_what_will_not_pass_is_not_tried_again() -> None:
    wire = Script(ModelRejected("401"))
    with pytest.raises(ModelRejected):
        await attempt(wire, Patience())
    assert wire.sent == 1


NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("²", None),
        ("Sun, 01 Mar 2026 12:00:30 +99999999999999999", None),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_header_breaks_the_gateway(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or seconds >= 0
