"""What no cassette can express: silence, broken connections, half a body, many requests at once."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from pydantic import SecretStr

from agent.core.errors import InputTooLong, ModelRejected, ModelUnreachable, ReplyInvalid
from agent.llm.gateway import Gateway
from agent.llm.model import Message, Request, estimate_request_tokens
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Endpoint
from tests.llm.replies import AWKWARD, GOOD, Verdict, level, request
from tests.llm.stub import Step, Stub, after, half_a_body, hangs, page, page_json, resets, says, status, trickles
from tests.llm.times import Held, Time

LONG = 61.5  # seconds of a time-out that no answer of the stub takes
PATHS = {"openai": "openai/stub-1", "litellm": "anthropic/claude-sonnet-4-5"}


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def gateway(stub: Stub, path: str, monkeypatch: pytest.MonkeyPatch, timeout: float = LONG) -> Gateway:
    monkeypatch.setenv("ANTHROPIC_API_BASE", stub.base)
    base = f"{stub.base}/v1" if path == "openai" else ""
    endpoint = Endpoint(api_base=base, api_key=SecretStr("test"), timeout_seconds=timeout)
    return Gateway(endpoint, retries=Retries(Patience(attempts=3, first_wait=0.01)))


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Step:
    """Takes the request and says nothing; the time-out of the exchange is over at once, and no other is however slow the
    machine is."""
    made, begin = [], asyncio.timeout

    def noted(seconds: float | None) -> asyncio.Timeout:
        timeout = begin(seconds)
        if seconds == LONG:
            made.append(timeout)
        return timeout

    async def step(request: web.Request) -> web.StreamResponse:
        made[-1].reschedule(0)
        return await hangs()(request)

    monkeypatch.setattr(asyncio, "timeout", noted)
    return step


@pytest.mark.parametrize("fault", [None, resets(), half_a_body(GOOD), page("<html>busy</html>")])
async def test_a_passing_fault_is_tried_again(
    path: str, fault: Step | None, hang: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Stub(fault or hang, says(GOOD)) as stub, gateway(stub, path, monkeypatch) as model:
        reply = await model.ask(request(model=PATHS[path]))
    assert (level(reply), reply.attempts, len(stub.raw)) == (1, 2, 2)


@pytest.mark.parametrize(
    ("fault", "says_why"),
    [(None, f"no answer within {LONG:g} s; .*raise timeout_seconds"), (resets(), ".*Server disconnected")],
    ids=["hang", "reset"],
)
async def test_a_lasting_fault_ends(
    path: str, fault: Step | None, says_why: str, hang: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time-out was computed by the provider all the same: its input is booked, as an estimate."""
    async with Stub(fault or hang) as stub, gateway(stub, path, monkeypatch) as model:
        with pytest.raises(ModelUnreachable, match=f"after 3 attempts; the last: {says_why}") as caught:
            await model.ask(request(model=PATHS[path]))
    booked = 3 * estimate_request_tokens(request()) if "raise timeout_seconds" in says_why else 0
    assert (len(stub.raw), caught.value.attempts, caught.value.input_tokens) == (3, 3, booked)
    assert caught.value.estimated is bool(booked)


@pytest.mark.parametrize("provider", ["deepinfra", "sambanova", "together_ai", "cerebras"])
async def test_no_hidden_retries_below_litellm(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Stub(status(500, "broken")) as stub, gateway(stub, "litellm", monkeypatch) as model:
        monkeypatch.setenv(f"{provider.upper()}_API_BASE", f"{stub.base}/v1")
        with pytest.raises(ModelUnreachable, match="after 3 attempts"):
            await model.ask(request(model=f"{provider}/llama"))
    assert len(stub.raw) == 3
    assert all(set(body) <= {"model", "messages", "response_format", "max_tokens", "seed"} for body in stub.bodies)


async def test_nobody_listens(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = await Stub(says(GOOD)).start()
    await stub.stop()
    async with gateway(stub, path, monkeypatch) as model:
        with pytest.raises(ModelUnreachable, match=r"after 3 attempts.*Connect call failed"):
            await model.ask(request(model=PATHS[path]))


async def test_the_body_is_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(AWKWARD, draw=3, settings={"temperature": 0, "max_tokens": 50, "reasoning_effort": "low"})
    async with Stub(says(GOOD)) as stub, gateway(stub, "openai", monkeypatch) as model:
        await model.ask(asked)
    [body] = stub.bodies
    schema = body.pop("response_format")
    assert body == {
        "model": "stub-1",
        "messages": [{"role": "system", "content": "Rate."}, {"role": "user", "content": AWKWARD}],
        "seed": 3,
        "temperature": 0,
        "max_tokens": 50,
        "reasoning_effort": "low",
    }
    assert schema["type"] == "json_schema"
    assert schema["json_schema"] == {"name": "Verdict", "schema": Verdict.model_json_schema(), "strict": True}
    # Not escaped either: a transcript in another script would take several times its bytes.
    assert "😀".encode() in stub.raw[0]


async def test_a_provider_without_seed_is_asked_without(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = status(400, "Unsupported parameter: 'seed'", param="seed")
    async with Stub(refused, says(GOOD)) as stub, gateway(stub, "openai", monkeypatch) as model:
        await model.ask(request(draw=1))
        await model.ask(request(draw=2))
    assert [body.get("seed") for body in stub.bodies] == [1, None, None]


OPENAI_REASONING = [
    status(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param="max_tokens",
    ),
    status(
        400,
        "Unsupported value: 'temperature' does not support 0.0 with this model. Only the default (1) value is supported.",
        param="temperature",
    ),
]


async def test_settings_that_a_model_refuses_are_learned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenAI's reasoning models say: the work goes on without the temperature and with the other name."""
    async with Stub(*OPENAI_REASONING, says(GOOD)) as stub, gateway(stub, "openai", monkeypatch) as model:
        for draw in range(2):
            await model.ask(request(draw=draw, settings={"temperature": 0.0, "max_tokens": 50}))
    sent = [
        {k: v for k, v in body.items() if k in ("temperature", "max_tokens", "max_completion_tokens")}
        for body in stub.bodies
    ]
    learned = {"max_completion_tokens": 50}
    assert sent == [{"temperature": 0.0, "max_tokens": 50}, {"temperature": 0.0, **learned}, learned, learned]


async def test_a_setting_whose_value_is_wrong_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = status(400, "max_tokens is too large: 6000. This model supports at most 4096 completion tokens")
    async with Stub(refused) as stub, gateway(stub, "openai", monkeypatch) as model:
        with pytest.raises(ModelRejected, match=r"400: max_tokens is too large: 6000"):
            await model.ask(request())
    assert len(stub.raw) == 1


async def test_no_quota_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    broke = status(429, "add credit", code="insufficient_quota")
    async with Stub(broke) as stub, gateway(stub, "openai", monkeypatch) as model:
        with pytest.raises(ModelRejected, match="no quota left: add credit"):
            await model.ask(request())
    assert len(stub.raw) == 1


async def test_too_long_an_input_is_not_sent() -> None:
    async with Stub(says(GOOD)) as stub:
        endpoint = Endpoint(api_base=f"{stub.base}/v1", context_tokens=200)
        async with Gateway(endpoint) as model:
            with pytest.raises(InputTooLong, match=r"call-1 takes about \d+ tokens, the model reads 200"):
                await model.ask(request("word " * 200))
            assert level(await model.ask(request("word"))) == 1
    assert len(stub.raw) == 1


async def test_many_requests_share_one_pause() -> None:
    """One 429 with Retry-After holds back the 30 requests that come after it: they are sent once, not thrice."""
    time = Held()
    async with Stub(status(429, headers={"Retry-After": "1"}), says(GOOD)) as stub:
        endpoint = Endpoint(api_base=f"{stub.base}/v1", timeout_seconds=LONG)
        async with Gateway(endpoint, retries=Retries(Patience(), time.sleep, time.clock)) as model:
            asking = [asyncio.create_task(model.ask(request(subject="call-0")))]
            await time.until(1)
            asking += [asyncio.create_task(model.ask(request(subject=f"call-{n}"))) for n in range(1, 31)]
            await asyncio.sleep(0.2)  # time for those to be sent that should not be
            assert len(stub.raw) == 1
            time.go_on.set()
            replies = await asyncio.gather(*asking)
    assert [r.attempts for r in replies] == [2] + [1] * 30
    assert len(stub.raw) == 32


async def test_thirty_percent_faults_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [
        status(429),
        status(500),
        resets(),
        half_a_body(GOOD),
        status(429, headers={"Retry-After": "0"}),
        page(""),
    ]
    script = [step for fault in faults * 5 for step in (fault, says(GOOD), says(GOOD))]
    async with Stub(*script, says(GOOD)) as stub:
        monkeypatch.setenv("ANTHROPIC_API_BASE", stub.base)
        endpoint = Endpoint(api_base=f"{stub.base}/v1", timeout_seconds=5)
        time = Time()
        async with Gateway(endpoint, retries=Retries(Patience(attempts=8), time.sleep, time.clock)) as model:
            replies = await asyncio.gather(*(model.ask(request(f"Rep: {n}")) for n in range(60)))
    assert all(level(r) == 1 for r in replies)
    # Each of the 30 faults cost one exchange more, and nothing else did.
    assert len(stub.raw) == sum(r.attempts for r in replies) == 60 + 30


async def test_no_key_is_sent_to_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the key for api.openai.com")
    async with Stub(says(GOOD)) as stub, Gateway(Endpoint(api_base=f"{stub.base}/v1")) as model:
        await model.ask(request())
    assert stub.authorizations == ["Bearer none"]


async def test_a_missing_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with Gateway() as model:
        with pytest.raises(ModelRejected, match="no API key") as caught:
            await model.ask(request())
    assert "set OPENAI_API_KEY" in caught.value.explained


async def test_a_closed_gateway_opens_again(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Stub(says(GOOD)) as stub:
        model = gateway(stub, path, monkeypatch)
        for draw in range(2):
            async with model:
                assert level(await model.ask(request(model=PATHS[path], draw=draw))) == 1


async def test_closing_one_gateway_leaves_the_others_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm pools for the whole process: a job that ends must not cut off another one's requests."""
    async with Stub(after(lambda: 0.4, says(GOOD))) as stub:
        first, second = (gateway(stub, "litellm", monkeypatch) for _ in range(2))
        await first.ask(request(model=PATHS["litellm"]))
        asking = asyncio.create_task(second.ask(request(model=PATHS["litellm"], draw=1)))
        while len(stub.raw) < 2:
            await asyncio.sleep(0.01)
        await first.aclose()
        assert (await asking).attempts == 1
        await second.aclose()
        assert level(await first.ask(request(model=PATHS["litellm"], draw=2))) == 1
        await first.aclose()


async def test_a_schema_that_strict_mode_refuses_is_sent_unstrict(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loose(Verdict):
        reason: str = "none"

    asked = Request((Message(role="user", content="hi"),), Loose, "openai/stub-1")
    async with Stub(says('{"level":1}')) as stub, gateway(stub, "openai", monkeypatch) as model:
        assert (await model.ask(asked)).value.reason == "none"
    assert stub.bodies[0]["response_format"]["json_schema"]["strict"] is False


async def test_a_routers_error_with_status_200_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routers answer 200 and an `error` where the provider behind them failed: no empty reply, and 400s are final."""
    busy = page_json({"error": {"code": 429, "message": "upstream busy"}})
    refused = page_json({"error": {"code": 400, "message": "no such parameter"}})
    odd = page_json({"error": {"message": "upstream fell over"}})
    async with Stub(busy, odd, says(GOOD)) as stub, gateway(stub, "openai", monkeypatch) as model:
        assert (await model.ask(request())).attempts == 3
    async with Stub(refused) as stub, gateway(stub, "openai", monkeypatch) as model:
        with pytest.raises(ModelRejected, match="400: no such parameter"):
            await model.ask(request())


async def test_a_reply_that_trickles_is_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps a connection alive for ever: the time-out is around the whole exchange."""
    async with Stub(trickles()) as stub, gateway(stub, "openai", monkeypatch, timeout=0.2) as model:
        with pytest.raises(ModelUnreachable, match=r"after 3 attempts; the last: no answer within 0\.2 s"):
            await model.ask(request())


async def test_empty_wrong_and_half_replies_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Re-asks and retries have one bound each; a model that is never right ends after a known number of exchanges."""
    wrong = says('{"level":7,"reason":"x"}')
    faults = Stub(wrong, status(500), says(""), half_a_body(GOOD), says('{"level":1'))
    async with faults as stub, gateway(stub, "openai", monkeypatch) as model:
        with pytest.raises(ReplyInvalid) as caught:
            await model.ask(request())
    assert (len(stub.raw), caught.value.attempts) == (5, 5)


async def test_what_headers_say_slows_the_endpoint_down() -> None:
    """2 of 60 a minute are left: the third request after that waits a second of the test's clock, and no 429 comes."""
    left = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "2",
        "x-ratelimit-reset-requests": "58s",
    }
    time = Time()
    retries = Retries(Patience(), time.sleep, time.clock)
    slow = Stub(says(GOOD, headers=left), says(GOOD))
    async with slow as stub, Gateway(Endpoint(api_base=f"{stub.base}/v1"), retries=retries) as model:
        for n in range(5):
            await model.ask(request(f"Rep: {n}"))
    assert [round(wait) for wait in time.slept] == [1, 1]
