"""Both client paths against recorded exchanges: what a provider may answer, each with its own outcome.

The cassettes were recorded against stub.py. To record them anew (tests/conftest.py lets this variable through):

    CLOSEREAD_RECORD_CASSETTES=1 .venv/bin/python -m pytest tests/llm/test_cassettes.py
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import vcr
from pydantic import SecretStr

from agent.core.errors import (
    InputTooLong,
    ModelRefused,
    ModelRejected,
    ModelUnreachable,
    ReplyEmpty,
    ReplyInvalid,
    ReplyTruncated,
)
from agent.llm.gateway import Gateway
from agent.llm.model import Usage
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Endpoint
from tests.llm.replies import AWKWARD, GOOD, request
from tests.llm.stub import Step, Stub, no_choices, says, status
from tests.llm.times import Time

PORT = 18437
RECORDING = "CLOSEREAD_RECORD_CASSETTES" in os.environ
CASSETTES = Path(__file__).parent / "cassettes"
WRONG = '{"level":7,"reason":"x"}'
CUT = '{"level":1,"rea'


@dataclass(frozen=True)
class ClientPath:
    """One client path: a model of it and its endpoint."""

    name: str
    model: str
    endpoint: Endpoint


PATHS = [
    ClientPath("openai", "openai/stub-1", Endpoint(api_base=f"http://127.0.0.1:{PORT}/v1", api_key=SecretStr("test"))),
    ClientPath("litellm", "anthropic/claude-sonnet-4-5", Endpoint(api_key=SecretStr("test"))),
]
Play = Callable[..., AbstractAsyncContextManager[tuple[Gateway, Any]]]


@pytest.fixture(params=PATHS, ids=lambda p: p.name)
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ClientPath:
    monkeypatch.setenv("ANTHROPIC_API_BASE", f"http://127.0.0.1:{PORT}")
    return request.param


@pytest.fixture
def play(path: ClientPath, request: pytest.FixtureRequest) -> Play:
    """A gateway whose exchanges are those of this test's cassette; every one of them must be used."""

    @asynccontextmanager
    async def playing(*script: Step) -> AsyncIterator[tuple[Gateway, Any]]:
        name = request.node.name.partition("[")[0].removeprefix("test_")
        cassette_path = CASSETTES / path.name / f"{name}.yaml"
        stub = await Stub(*script).start(PORT) if RECORDING else None
        if RECORDING:
            cassette_path.unlink(missing_ok=True)
        player = vcr.VCR(
            record_mode="all" if RECORDING else "none",
            match_on=["method", "host", "port", "path", "body"],
            filter_headers=["authorization", "x-api-key", "user-agent"],
        )
        time = Time()
        retries = Retries(Patience(attempts=4), time.sleep, time.clock)
        with player.use_cassette(str(cassette_path)) as cassette:
            async with Gateway(path.endpoint, retries=retries) as gateway:
                yield gateway, cassette
            assert RECORDING or cassette.all_played
        if stub is not None:
            await stub.stop()
            assert len(cassette) == len(stub.raw) > 0, "not every exchange was recorded"

    return playing


def sent(cassette: Any) -> list[dict[str, Any]]:
    return [json.loads(r.body) for r in cassette.requests]


async def test_good_reply(path: ClientPath, play: Play) -> None:
    async with play(says(GOOD)) as (gateway, _):
        reply = await gateway.ask(request(model=path.model))
    assert (reply.value.level, reply.text, reply.attempts, reply.source) == (1, GOOD, 1, "provider")
    assert reply.usage == Usage(input_tokens=100, output_tokens=10, cached_tokens=64)
    assert reply.model == "stub-1"
    assert reply.seconds is not None


async def test_messages_arrive_as_they_are(path: ClientPath, play: Play) -> None:
    async with play(says(GOOD)) as (gateway, cassette):
        await gateway.ask(request(AWKWARD, model=path.model, settings={"max_tokens": 50, "temperature": 0.5}))
    [body] = sent(cassette)
    content = body["messages"][-1]["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    assert text == AWKWARD
    assert (body["max_tokens"], body["temperature"]) == (50, 0.5)


async def test_fenced_reply(path: ClientPath, play: Play) -> None:
    async with play(says(f"```json\n{GOOD}\n```")) as (gateway, _):
        assert (await gateway.ask(request(model=path.model))).text == GOOD


async def test_429_with_retry_after(path: ClientPath, play: Play) -> None:
    async with play(status(429, "slow down", headers={"Retry-After": "1"}), says(GOOD)) as (gateway, _):
        reply = await gateway.ask(request(model=path.model))
    assert (reply.attempts, reply.usage.input_tokens) == (2, 100)


async def test_429_that_asks_for_more_than_patience(path: ClientPath, play: Play) -> None:
    async with play(status(429, "come back tomorrow", headers={"Retry-After": "86400"})) as (gateway, _):
        with pytest.raises(ModelUnreachable, match=r"after 1 attempt.*429.*come back tomorrow"):
            await gateway.ask(request(model=path.model))


async def test_500_twice_then_200(path: ClientPath, play: Play) -> None:
    async with play(status(500), status(500), says(GOOD)) as (gateway, _):
        assert (await gateway.ask(request(model=path.model))).attempts == 3


async def test_503_until_patience_ends(path: ClientPath, play: Play) -> None:
    async with play(status(503, "overloaded")) as (gateway, cassette):
        with pytest.raises(ModelUnreachable, match=r"after 4 attempts.*503.*overloaded") as caught:
            await gateway.ask(request(model=path.model))
    assert (len(cassette), caught.value.attempts) == (4, 4)


async def test_401_is_not_tried_again(path: ClientPath, play: Play) -> None:
    async with play(status(401, "bad key")) as (gateway, cassette):
        with pytest.raises(ModelRejected, match=r"401.*bad key"):
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 1


async def test_context_length_exceeded(path: ClientPath, play: Play) -> None:
    refusal = status(400, "prompt is too long: 9 tokens > 8 maximum", code="context_length_exceeded")
    async with play(refusal) as (gateway, cassette):
        with pytest.raises(InputTooLong, match="too long"):
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 1


async def test_reply_that_breaks_the_schema_is_asked_again(path: ClientPath, play: Play) -> None:
    async with play(says(WRONG), says(GOOD)) as (gateway, cassette):
        reply = await gateway.ask(request(model=path.model))
    assert reply.request == request(model=path.model).id
    assert (reply.attempts, reply.usage.input_tokens, reply.usage.output_tokens) == (2, 200, 20)
    first, second = sent(cassette)
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert WRONG in json.dumps(second["messages"][-2]).replace('\\"', '"')
    correction = json.dumps(second["messages"][-1])
    assert r"level\n  Input should be less than or equal to 1" in correction
    assert "input_value" not in correction  # the model's own words do not come back to it as an instruction


async def test_reply_that_never_fits(path: ClientPath, play: Play) -> None:
    async with play(says(WRONG)) as (gateway, cassette):
        with pytest.raises(ReplyInvalid, match=r"does not fit Verdict: level: Input should be less") as caught:
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 3
    assert (caught.value.attempts, caught.value.input_tokens) == (3, 300)


async def test_truncated_json(path: ClientPath, play: Play) -> None:
    async with play(says(CUT), says(GOOD)) as (gateway, _):
        assert (await gateway.ask(request(model=path.model))).attempts == 2


async def test_reply_cut_at_the_token_limit(path: ClientPath, play: Play) -> None:
    async with play(says(CUT, finish="length")) as (gateway, cassette):
        with pytest.raises(ReplyTruncated, match="after 10 tokens; it begins") as caught:
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 1
    assert caught.value.output_tokens == 10


async def test_refusal(path: ClientPath, play: Play) -> None:
    step = says(None, refusal="I cannot rate people.") if path.name == "openai" else says("No.", "content_filter")
    async with play(step) as (gateway, cassette):
        with pytest.raises(ModelRefused, match="declined"):
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 1


async def test_empty_reply_is_sent_again(path: ClientPath, play: Play) -> None:
    async with play(says(None), says(GOOD)) as (gateway, cassette):
        assert (await gateway.ask(request(model=path.model))).attempts == 2
    first, second = sent(cassette)
    assert first == second


async def test_reply_that_stays_empty(path: ClientPath, play: Play) -> None:
    async with play(says("  \n")) as (gateway, cassette):
        with pytest.raises(ReplyEmpty, match="no content"):
            await gateway.ask(request(model=path.model))
    assert len(cassette) == 3


@pytest.mark.parametrize("path", PATHS[:1], ids=["openai"], indirect=True)
async def test_no_choices(path: ClientPath, play: Play) -> None:
    async with play(no_choices()) as (gateway, _):
        with pytest.raises(ReplyEmpty):
            await gateway.ask(request(model=path.model))
