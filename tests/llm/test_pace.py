"""The pace of one endpoint: never above its limits, one pause for all, fewer in flight after a refusal, more again later."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from agent.db.database import open_database
from agent.db.paces import SqlPace
from agent.llm.limit_headers import seconds_of, signal_of
from agent.llm.pace import LocalPace, Pacer, SharedPace
from agent.llm.pacing import (
    BURST_SECONDS,
    FORGOTTEN_AFTER,
    LONGEST_BACKOFF,
    LONGEST_PAUSE,
    Limits,
    Remaining,
    Signal,
    answered,
    claimed,
    fresh,
    granted,
    learned,
    refilled,
    refused,
)
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Transient
from tests.llm.replies import request
from tests.llm.test_retries import ANSWER, Script
from tests.llm.times import Time

REFUSED = Signal(refused=True)


@given(
    per_minute=st.floats(1, 6000),
    claims=st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 50)), min_size=1, max_size=40),
)
def test_no_more_is_let_through_than_the_rate_and_one_burst(
    per_minute: float, claims: list[tuple[float, float]]
) -> None:
    """In any time, at most a burst and the rate; and what is claimed later never goes earlier."""
    limits = Limits(tokens_per_minute=per_minute)
    now, pace = 0.0, fresh(limits, 0.0)
    holds = max(1.0, per_minute * BURST_SECONDS / 60)
    total, last = 0.0, 0.0
    for passed, tokens in claims:
        now += passed
        pace = claimed(refilled(pace, limits, now), limits, 1, tokens)
        goes = now + granted(pace, limits, now).wait
        total += tokens
        assert goes >= last - 1e-6
        assert total <= holds + per_minute / 60 * goes + 1e-6 * total
        last = goes


def test_a_refusal_halves_what_was_in_flight_once_and_pauses() -> None:
    limits = Limits(in_flight=512)
    pace = refused(fresh(limits, 0.0), REFUSED, 10.0, 1.0, in_flight=64)
    assert pace.in_flight_limit == 32
    assert granted(pace, limits, 10.0).paused > 0
    same = refused(pace, REFUSED, 10.2, 1.2, in_flight=63)
    assert same.in_flight_limit == 32
    later = refused(pace, REFUSED, 20.0, 1.0, in_flight=32)
    assert later.in_flight_limit == 16


def test_pauses_grow_only_when_one_request_at_a_time_is_too_much() -> None:
    limits, now, pauses = Limits(), 0.0, []
    pace = fresh(limits, now)
    for _ in range(12):
        pace = refused(pace, REFUSED, now, 0.0, in_flight=granted(pace, limits, now).in_flight if now else 8)
        pauses.append(granted(pace, limits, now).paused)
        now += pauses[-1] + 1
    assert pauses[:3] == [0.5, 0.5, 0.5]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_BACKOFF


def test_replies_bring_back_one_a_round_and_an_idle_endpoint_is_forgiven() -> None:
    limits = Limits(in_flight=64)
    pace = refused(fresh(limits, 0.0), REFUSED, 0.0, 0.0, in_flight=16)
    assert answered(pace, limits, 8).in_flight_limit == pytest.approx(9.0)
    assert answered(pace, limits, 10_000).in_flight_limit == 64
    assert refilled(pace, limits, FORGOTTEN_AFTER - 1).in_flight_limit == 8
    assert refilled(pace, limits, FORGOTTEN_AFTER + 1).in_flight_limit == 64


@pytest.mark.parametrize("jump", [-1e6, -3600.0, -5.0, 0.0, 5.0, 1e6])
def test_a_clock_that_jumps_neither_stops_nor_floods(jump: float) -> None:
    limits = Limits(requests_per_minute=60)
    now = 2e6
    pace = refused(claimed(fresh(limits, now), limits, 10, 0), Signal(True, pause=5.0), now, 0.0, 4)
    then = now + jump
    pace = claimed(refilled(pace, limits, then), limits, 1, 0)
    assert 0 <= granted(pace, limits, then).wait <= LONGEST_PAUSE
    assert pace.requests_left <= BURST_SECONDS
    later = then + 60
    assert refilled(refilled(pace, limits, then + 1), limits, later).requests_left >= min(9.0, pace.requests_left + 50)


def test_the_providers_own_limits_are_learned_and_never_above_the_configured() -> None:
    said = Signal(requests=Remaining(99, 100, 0.6), tokens=Remaining(5_000, 6_000, 1.0))
    assert learned(Limits(), Limits(), said) == Limits(requests_per_minute=100, tokens_per_minute=6000)
    own = Limits(requests_per_minute=50, tokens_per_minute=9000)
    assert learned(own, own, said) == Limits(requests_per_minute=50, tokens_per_minute=6000)


async def test_remaining_is_believed_when_it_is_less() -> None:
    time = Time()
    pace = LocalPace(Limits(), time.clock)
    await pace.report(Signal(requests=Remaining(2, 60, 58.0)), 1.0, 1)
    waits = [(await pace.claim(1, 0)).wait for _ in range(4)]
    assert waits == [0, 0, pytest.approx(1.0), pytest.approx(2.0)]


async def test_nothing_left_of_an_unknown_rate_is_waited_out() -> None:
    time = Time()
    pace = LocalPace(Limits(), time.clock)
    grant = await pace.report(Signal(tokens=Remaining(0, None, 7.0)), 1.0, 1)
    assert grant.paused == pytest.approx(7.0)


class Held:
    """A wire that answers when it is told to."""

    def __init__(self) -> None:
        self.flying = self.most = self.sent = 0
        self.open = asyncio.Event()

    async def send(self) -> Any:
        self.sent += 1
        self.flying += 1
        self.most = max(self.most, self.flying)
        await self.open.wait()
        self.flying -= 1
        return ANSWER


async def test_no_more_are_in_flight_than_the_limit() -> None:
    wire, time = Held(), Time()
    pacer = Pacer(LocalPace(Limits(in_flight=3), time.clock), sleep=time.sleep, clock=time.clock)
    retries = Retries(Patience(), time.sleep, time.clock, pacer)
    asking = [asyncio.create_task(retries.send(request(), wire.send)) for _ in range(10)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert wire.sent == 3
    asking[0].cancel()  # in flight: gives its place to the next
    asking[5].cancel()  # waiting: takes none
    await asyncio.sleep(0.01)
    assert wire.sent == 4
    wire.open.set()
    await asyncio.gather(*asking, return_exceptions=True)
    assert (wire.sent, pacer.in_flight) == (9, 0)
    assert wire.most <= 4  # the cancelled one is not counted down by the wire


async def test_what_is_sent_again_goes_before_what_was_not_sent_yet() -> None:
    time = Time()
    pacer = Pacer(LocalPace(Limits(in_flight=1), time.clock), sleep=time.sleep, clock=time.clock)
    await pacer.admit()
    went: list[str] = []

    async def wait(name: str, again: bool) -> None:
        await pacer.admit(again=again)
        went.append(name)
        pacer.leave()

    waiting = [asyncio.create_task(wait(name, name == "again")) for name in ("new", "newer", "again")]
    await asyncio.sleep(0)
    pacer.leave()
    await asyncio.gather(*waiting)
    assert went == ["again", "new", "newer"]


class Bucket:
    """A provider with its own limit a minute and in flight, that answers 429 above either, like no limit were known."""

    def __init__(self, time: Time, most: int) -> None:
        self.time, self.most = time, most
        self.flying = self.refusals = self.sent = 0

    async def send(self) -> Any:
        self.sent += 1
        self.flying += 1
        try:
            if self.flying > self.most:
                await asyncio.sleep(0)
                self.refusals += 1
                raise Transient("429", None, REFUSED)
            for _ in range(3):
                await asyncio.sleep(0)
            return ANSWER
        finally:
            self.flying -= 1


async def test_a_crowd_settles_on_what_the_provider_takes_without_a_storm() -> None:
    """200 at once to a provider that takes 10: all are answered, and refusals stay few."""
    time = Time()
    wire = Bucket(time, 10)
    retries = Retries(Patience(attempts=8), time.sleep, time.clock)
    asking = [retries.send(request(), wire.send) for _ in range(200)]
    answers = await asyncio.gather(*asking)
    assert len(answers) == 200
    # The first wave is refused almost whole, the halved ones less and less.
    assert wire.sent <= 200 * 3.5


async def test_a_lasting_refusal_sends_few_requests_not_one_a_caller() -> None:
    """Each refusal makes everybody wait: 50 callers, nobody served, and the provider is not asked 50 x 6 times at once."""
    time = Time()
    wire = Script(Transient("429", None, REFUSED))
    retries = Retries(Patience(attempts=3), time.sleep, time.clock)
    began = time.now
    results = await asyncio.gather(*(retries.send(request(), wire.send) for _ in range(50)), return_exceptions=True)
    assert all(isinstance(r, Exception) for r in results)
    assert wire.sent <= 150
    assert time.now - began > 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("12", 12.0),
        ("0s", 0.0),
        ("2d", 172_800.0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-3s", None),
        ("5 s", None),
        ("inf", None),
        ("²s", None),
        ("9" * 40 + "s", None),
    ],
)
def test_resets_in_the_forms_that_providers_write(text: str | None, seconds: float | None) -> None:
    found = seconds_of(text)
    assert found is None if seconds is None else found == pytest.approx(seconds)


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens"]), st.text()))
def test_no_header_breaks_the_gateway(headers: dict[str, str]) -> None:
    signal = signal_of(headers, refused=True)
    assert signal.refused
    assert signal.pause is None or signal.pause >= 0


def test_a_refusal_without_retry_after_waits_for_what_is_empty() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "12s",
    }
    assert signal_of(headers, refused=True).pause == 12.0
    assert signal_of(headers | {"retry-after-ms": "250"}, refused=True).pause == 0.25
    assert signal_of({"retry-after": "3"}, refused=True) == Signal(True, 3.0)
    assert not signal_of(headers).refused


def sql_paces(folder: Path, time: Time, limits: Limits, workers: int) -> list[SqlPace]:
    engine = open_database(f"sqlite:///{folder}/paces.db")
    return [SqlPace(engine, "https://x|m|", limits, time.clock) for _ in range(workers)]


async def test_workers_share_one_allowance(tmp_path: Path) -> None:
    """Three workers at 60 a minute: together they let through no more than one would, and nobody starves."""
    time, limits = Time(), Limits(requests_per_minute=60)
    paces = sql_paces(tmp_path, time, limits, 3)
    goes = []
    for n in range(40):
        grant = await paces[n % 3].claim(1, 0)
        goes.append(time.now + grant.wait)
    began = 1000.0
    for place, moment in enumerate(sorted(goes)):
        assert place + 1 <= BURST_SECONDS + (moment - began) + 1e-6
    assert max(goes) - began == pytest.approx(30.0)


async def test_a_refusal_of_one_worker_pauses_the_others(tmp_path: Path) -> None:
    time, limits = Time(), Limits(in_flight=64)
    one, other = sql_paces(tmp_path, time, limits, 2)
    assert (await other.claim(1, 0)).wait == 0
    await one.report(Signal(True, pause=20.0), 0.5, 32)
    time.now += 1.0
    grant = await other.claim(1, 0)
    assert (grant.paused, grant.in_flight) == (pytest.approx(19.0), 16)
    time.now += 20.0
    for _ in range(16):
        await other.report(Signal(), 1.0, 5)
    await other.claim(1, 0)
    time.now += 1.0
    grant = await one.claim(1, 0)
    assert (grant.paused, grant.in_flight) == (0, 17)


async def test_a_worker_that_starts_later_finds_the_pace(tmp_path: Path) -> None:
    time, limits = Time(), Limits(requests_per_minute=60, in_flight=64)
    [first] = sql_paces(tmp_path, time, limits, 1)
    for _ in range(25):
        await first.claim(1, 0)
    await first.report(Signal(True, pause=3.0), 0.5, 10)
    [second] = sql_paces(tmp_path, time, limits, 1)
    grant = await second.claim(1, 0)
    assert grant.in_flight == 5
    assert grant.wait == pytest.approx(16.0)


async def test_one_look_a_second_serves_many_requests(tmp_path: Path) -> None:
    """A second's allowance is taken at once: the database is not asked for each request."""
    time, limits = Time(), Limits(requests_per_minute=6000, tokens_per_minute=600_000)
    engine = open_database(f"sqlite:///{tmp_path}/paces.db")
    looks: list[str] = []
    event.listen(engine, "commit", lambda _: looks.append("commit"))
    pace = SqlPace(engine, "https://x|m|", limits, time.clock)
    for _ in range(100):
        await pace.claim(1, 50)
        time.now += 0.01
    assert 1 <= len(looks) <= 3


@pytest.mark.parametrize("kind", ["local", "sql"])
async def test_both_paces_serve_a_pacer(tmp_path: Path, kind: str) -> None:
    time, limits = Time(), Limits(requests_per_minute=600, in_flight=4)
    shared: SharedPace = LocalPace(limits, time.clock)
    if kind == "sql":
        [shared] = sql_paces(tmp_path, time, limits, 1)
    pacer = Pacer(shared, sleep=time.sleep, clock=time.clock)
    retries = Retries(Patience(attempts=8), time.sleep, time.clock, pacer)
    wire = Bucket(time, 4)
    await asyncio.gather(*(retries.send(request(), wire.send) for _ in range(40)))
    assert (wire.sent, wire.refusals) == (40, 0)
