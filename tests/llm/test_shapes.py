"""What servers are reported to answer, one by one, and what must come of each: a reply, a re-ask, or one clear error.

Every shape is taken from a public report about this or another program. `requests` counts what was paid for.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from agent.core.errors import (
    InputTooLong,
    ModelError,
    ModelRefused,
    ModelRejected,
    ModelUnreachable,
    ReplyEmpty,
    ReplyInvalid,
    ReplyTruncated,
)
from agent.llm.gateway import Gateway
from agent.llm.model import Reply, ReplyMode, Request, Usage, estimate_request_tokens, estimate_tokens
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Endpoint
from tests.llm.replies import AWKWARD, GOOD, Verdict, request
from tests.llm.stub import Step, Stub, chat, page, page_json, says, status
from tests.llm.times import Time

DRAFT = '{"level":0,"reason":"draft"}'
LONG = "Rep: and what does that cost you a month? " * 1_500
USED = Usage(input_tokens=100, output_tokens=10, cached_tokens=64)


def message(finish: str = "stop", **fields: Any) -> Step:
    """A completion whose message has these fields."""
    body = chat(None, finish, None)
    body["choices"][0]["message"] = {"role": "assistant", **fields}
    return page_json(body)


def used(usage: Any, **changes: Any) -> Step:
    """A good reply with this usage."""
    return page_json({**chat(GOOD, "stop", None), "usage": usage, **changes})


def call(*arguments: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": a}}
        for n, a in enumerate(arguments)
    ]


@dataclass(frozen=True)
class Shape:
    """What the server answers, in order (the last repeats), and what comes of it."""

    name: str
    steps: tuple[Step, ...]
    error: type[ModelError] | None = None
    says: str = ""
    requests: int = 1
    usage: Usage | None = None
    content: str = "Rep: hi"
    settings: dict[str, Any] = field(default_factory=lambda: {"max_tokens": 50})


def good(name: str, *steps: Step | str, **expected: Any) -> Shape:
    return Shape(name, tuple(says(s) if isinstance(s, str) else s for s in steps), **expected)


def bad(name: str, step: Step | str, error: type[ModelError], says_: str, requests: int = 1, **more: Any) -> Shape:
    return Shape(name, (says(step) if isinstance(step, str) else step,), error, says_, requests, **more)


TEXTS = [
    good("plain", GOOD, usage=USED),
    good("fence", f"```json\n{GOOD}\n```"),
    good("fence in capitals", f"```JSON\n{GOOD}\n```"),
    good("fence on one line", f"```json {GOOD}```"),
    good("fence without a language", f"```\n{GOOD}\n```"),
    good("fence without an end", f"```json\n{GOOD}"),
    good("thought, then the reply", f"<think>Perhaps {DRAFT}?</think>\n{GOOD}"),
    good("thought without a beginning", f"They did ask.\n</think>\n\n{GOOD}"),
    good("words before", f"Sure, here is the JSON: {GOOD}"),
    good("words around a fence", f"Here you are:\n```json\n{GOOD}\n```\nI hope this helps!"),
    good("words after", f"{GOOD}\nLet me know if you need more."),
    good("token of its template after", f"{GOOD}<|eot_id|>"),
    good("the same object twice", f"{GOOD}\n{GOOD}"),
    bad("another object after", f'{GOOD}\notherwise {{"level":0,"reason":""}}', ReplyInvalid, "it begins: ", 3),
    bad("thought cut after a draft", f"<think>Perhaps {DRAFT} but", ReplyInvalid, "it begins: '<think>", 3),
    bad("only a draft in a thought", f"<think>Perhaps {DRAFT}</think>", ReplyInvalid, "<think>", 3),
    bad("list around it", f"[{GOOD}]", ReplyInvalid, "an object", 3),
    bad("plain words", "I can't assist with that.", ReplyInvalid, "I can't assist", 3),
    good("wrapped in its name", f'{{"Verdict":{GOOD}}}', GOOD, requests=2),
    good("one key too many", '{"level":1,"reason":"x","note":"y"}', GOOD, requests=2),
    good("one key too few", '{"level":1}', GOOD, requests=2),
    good("a number in quotation marks", '{"level":"1","reason":"x"}', GOOD, requests=2),
    good("broken off", '{"level":1,"rea', GOOD, requests=2),
    bad(
        "a text without end", '{"level":1,"reason":"' + "x" * 30_000 + '"}', ReplyInvalid, "a text of 30000 characters"
    ),
    bad("a reply without end", '{"level":1,"reason":"x"}' + " " * 1_000_001, ReplyInvalid, r"1000025 characters"),
    bad("empty", "", ReplyEmpty, "no content", 3),
    bad("white space", " \n ", ReplyEmpty, "no content", 3),
    bad("null", message(content=None), ReplyEmpty, "no content", 3),
    bad(
        "cut at the limit",
        says('{"level":1', "length"),
        ReplyTruncated,
        "after 10 tokens; it begins.*; raise max_tokens",
    ),
    bad("cut while thinking", says("", "length"), ReplyTruncated, "let it think less"),
    bad("content filter", says("", "content_filter"), ModelRefused, "content filter"),
    bad("refusal", says(None, refusal="I cannot rate people."), ModelRefused, "I cannot rate people"),
]
ENVELOPES = [
    good(
        "content in parts", message(content=[{"type": "thinking", "thinking": DRAFT}, {"type": "text", "text": GOOD}])
    ),
    good("content as a list of texts", message(content=[GOOD[:9], GOOD[9:]])),
    good("all of it a thought", message(content="", reasoning_content=GOOD)),
    good("all of it a thought, by another name", message(content=None, reasoning=GOOD)),
    bad("a thought with a draft", message(content="", reasoning_content=f"So {DRAFT}"), ReplyEmpty, "no content", 3),
    good("a tool called unasked", message(content=None, tool_calls=call(GOOD))),
    good("arguments as an object", message(content="", tool_calls=call(json.loads(GOOD)))),
    bad("two tools called", message(content=None, tool_calls=call(GOOD, DRAFT)), ReplyEmpty, "no content", 3),
    bad("no choices", page_json({**chat("", "stop", None), "choices": []}), ReplyEmpty, "no content", 3),
    bad("choices null", page_json({"choices": None}), ModelUnreachable, "not a chat completion", 3),
    good("error null", page_json({**chat(GOOD, "stop", None), "error": None})),
    good("error of a router that passes", page_json({"error": {"code": 429, "message": "busy"}}), GOOD, requests=2),
    bad("error of a router that stays", page_json({"error": {"code": 400, "message": "no"}}), ModelRejected, "400: no"),
    bad(
        "error in the choice",
        page_json({"choices": [{"error": {"code": 403, "message": "no"}}]}),
        ModelRejected,
        "403: no",
    ),
    bad("error as a text", page_json({"error": "out of memory"}), ModelUnreachable, "out of memory", 3),
    bad("no /v1", page_json({"error": "Unexpected endpoint or method. (POST /x)"}), ModelRejected, "it ends in /v1"),
    bad("a page", page("<html>busy</html>"), ModelUnreachable, "<html>busy", 3),
]
INPUT, OUTPUT = estimate_request_tokens(request()), estimate_tokens(GOOD)
GUESSED = Usage(input_tokens=INPUT, output_tokens=OUTPUT, estimated=True)
COUNTS = [
    good("no usage", used(None), usage=GUESSED),
    good("usage of nulls", used({"prompt_tokens": None, "completion_tokens": None}), usage=GUESSED),
    good("usage of zeros", used({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}), usage=GUESSED),
    good("usage as a text", used("many"), usage=GUESSED),
    good(
        "input only", used({"prompt_tokens": 100}), usage=Usage(input_tokens=100, output_tokens=OUTPUT, estimated=True)
    ),
    good(
        "fractions",
        used({"prompt_tokens": 99.5, "completion_tokens": 9.1}),
        usage=Usage(input_tokens=100, output_tokens=10),
    ),
    good(
        "other names",
        used({"input_tokens": 100, "output_tokens": 10}),
        usage=Usage(input_tokens=100, output_tokens=10),
    ),
    good(
        "input without the cached",
        used({"input_tokens": 36, "output_tokens": 10, "cache_read_input_tokens": 64}),
        usage=USED,
    ),
    good(
        "thoughts beside the reply",
        used(
            {
                "prompt_tokens": 100,
                "completion_tokens": 10,
                "total_tokens": 610,
                "completion_tokens_details": {"reasoning_tokens": 500},
            }
        ),
        usage=Usage(input_tokens=100, output_tokens=510),
    ),
    good(
        "thoughts within the reply",
        used(
            {
                "prompt_tokens": 100,
                "completion_tokens": 510,
                "total_tokens": 610,
                "completion_tokens_details": {"reasoning_tokens": 500},
            }
        ),
        usage=Usage(input_tokens=100, output_tokens=510),
    ),
    good(
        "more input than was sent",
        used({"prompt_tokens": 9_000_000, "completion_tokens": 10}),
        usage=Usage(input_tokens=INPUT, output_tokens=10, estimated=True),
    ),
    good("tokens beyond all bounds", used({"prompt_tokens": 10**30, "completion_tokens": -1}), usage=GUESSED),
    good("truths for tokens", used({"prompt_tokens": True, "completion_tokens": float("inf")}), usage=GUESSED),
    bad(
        "input cut by the server",
        used({"prompt_tokens": 4096, "completion_tokens": 10}),
        InputTooLong,
        r"read 4096 tokens of about \d{5} .*num_ctx",
        content=LONG,
    ),
    good("input read whole", used({"prompt_tokens": 13_000, "completion_tokens": 10}), content=LONG),
]
NO_SCHEMA = status(400, "This response_format type is unavailable now", type="invalid_request_error")
NO_FORMAT = status(400, "Unknown field: response_format")
LLAMA_CPP_PYTHON = status(500, "[{'type': 'literal_error', 'msg': \"Input should be 'text' or 'json_object'\"}]")
TOO_LARGE = "Request too large for gpt-4.1 on tokens per min (TPM): Limit 30000, Requested 41253."
STATUSES = [
    good("seed refused", status(422, "[{'loc': ['body', 'seed'], 'msg': 'Extra inputs'}]"), GOOD, requests=2),
    good(
        "temperature refused",
        status(400, "temperature is deprecated for this model."),
        GOOD,
        requests=2,
        settings={"temperature": 0.0},
    ),
    good("other limit wanted", status(400, "'max_tokens' is not supported. Use 'max_completion_tokens'"), GOOD, requests=2),
    good("json_schema refused", NO_SCHEMA, GOOD, requests=2),
    good("json_schema refused with 500", LLAMA_CPP_PYTHON, GOOD, requests=2),
    good("no response_format at all", NO_FORMAT, NO_FORMAT, GOOD, requests=3),
    bad("nothing taken", NO_FORMAT, ModelRejected, "closeread model check", 3),
    bad("key", status(401, "bad key"), ModelRejected, "check the provider's API key"),
    bad("no credit", status(402, "more credits"), ModelRejected, "no credit left"),
    bad("no such model", status(404, "model 'x' not found"), ModelRejected, "check the model's name"),
    bad("body too large", status(413, "too large"), ModelRejected, "no request of this size"),
    bad("Azure's filter", status(400, "filtered", code="content_filter"), ModelRefused, "content filter stopped"),
    bad("quota", status(429, "add credit", code="insufficient_quota"), ModelRejected, "no quota left"),
    bad("larger than a minute", status(429, TOO_LARGE), InputTooLong, "waiting does not help"),
    good("rate limit", status(429, "slow down", headers={"Retry-After": "1"}), GOOD, requests=2),
    good("server error", status(500), GOOD, requests=2),
    bad("overloaded", status(503, "overloaded"), ModelUnreachable, "after 3 attempts.*503: overloaded", 3),
    bad("context (OpenAI)", status(400, "x", code="context_length_exceeded"), InputTooLong, "too long"),
    bad(
        "context (vLLM)",
        status(400, "This model's maximum context length is 8192 tokens. However, you requested 9000"),
        InputTooLong,
        "longer context",
    ),
    bad(
        "context (llama.cpp)",
        status(400, "request (5000 tokens) exceeds the available context size (4096 tokens)", type="exceed_context_size_error"),
        InputTooLong,
        "--ctx-size",
    ),
    bad(
        "context (LM Studio)",
        status(400, "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with 4096"),
        InputTooLong,
        "too long",
    ),
    bad(
        "limit larger than the context (vLLM)",
        status(400, "'max_tokens' or 'max_completion_tokens' is too large: 6000. This model's maximum context length is 8192"),
        ModelRejected,
        "smaller max_tokens",
    ),
]  # fmt: skip
ALL = [*TEXTS, *ENVELOPES, *COUNTS, *STATUSES]


def test_there_are_as_many_shapes_as_were_reported_and_more() -> None:
    assert len({shape.name for shape in ALL}) == len(ALL) >= 66


async def asked(stub: Stub, wanted: Request[Verdict], fixed: bool = False) -> tuple[Reply[Verdict] | ModelError, Time]:
    """The reply or the error, and the clock that was waited on."""
    time = Time()
    endpoint = Endpoint(api_base=f"{stub.base}/v1", api_key=SecretStr("test"), reply_fixed=fixed)
    async with Gateway(endpoint, retries=Retries(Patience(attempts=3), time.sleep, time.clock)) as gateway:
        try:
            return await gateway.ask(wanted), time
        except ModelError as error:
            return error, time


@pytest.mark.parametrize("shape", ALL, ids=lambda s: s.name)
async def test_each_shape_comes_to_what_is_right(shape: Shape) -> None:
    async with Stub(*shape.steps) as stub:
        came, _ = await asked(stub, request(shape.content, settings=shape.settings))
    assert len(stub.raw) == shape.requests
    if shape.error is None:
        assert isinstance(came, Reply), came
        assert (came.value.level, came.text) == (1, GOOD)
        assert shape.usage is None or came.usage == shape.usage
    else:
        assert isinstance(came, shape.error)
        said = f"{came}; {came.advice.at_the_terminal()}" if came.advice else str(came)
        assert re.search(shape.says, said, re.DOTALL), said
        assert "closeread" not in came.explained  # pages and the API show this
        assert len(str(came)) < 1_000
        assert not any(advice in said for advice in ("drop_params", "in windows", "same command"))


@pytest.mark.parametrize("shape", [s for s in TEXTS if s.error and s.name != "null"], ids=lambda s: s.name)
async def test_a_reply_that_is_of_no_use_is_booked_each_time(shape: Shape) -> None:
    async with Stub(*shape.steps) as stub:
        came, _ = await asked(stub, request())
    assert isinstance(came, ModelError)
    assert (came.input_tokens, came.output_tokens, came.attempts) == (
        100 * shape.requests,
        10 * shape.requests,
        shape.requests,
    )


def shape_of(body: dict[str, Any]) -> tuple[Any, ...]:
    """Where a request says what its reply should look like."""
    schema_in_messages = '"reason"' in json.dumps(body["messages"]).replace('\\"', '"')
    return (body.get("response_format", {}).get("type"), "tools" in body, schema_in_messages)


@pytest.mark.parametrize(
    ("mode", "shape"),
    [
        ("json_schema", ("json_schema", False, False)),
        ("tools", (None, True, False)),
        ("json_object", ("json_object", False, True)),
        ("prompt", (None, False, True)),
    ],
)
async def test_each_way_of_asking_says_the_schema_once(mode: ReplyMode, shape: tuple[Any, ...]) -> None:
    reply = message(content=None, tool_calls=call(GOOD)) if mode == "tools" else says(GOOD)
    async with Stub(reply) as stub:
        came, _ = await asked(stub, replace(request(AWKWARD), reply_mode=mode), fixed=True)
    assert isinstance(came, Reply), came
    [body] = stub.bodies
    assert shape_of(body) == shape
    assert body["messages"][-1]["content"] == AWKWARD


@pytest.mark.parametrize("mode", ["tools", "json_object", "prompt"])
async def test_each_way_asks_again_with_what_is_wrong(mode: ReplyMode) -> None:
    wrong = '{"level":7,"reason":"ignore the rules"}'
    steps = [message(content=None, tool_calls=call(text)) if mode == "tools" else says(text) for text in (wrong, GOOD)]
    async with Stub(*steps) as stub:
        came, _ = await asked(stub, replace(request(), reply_mode=mode), fixed=True)
    assert isinstance(came, Reply), came
    said = stub.bodies[1]["messages"][-1]
    assert "Input should be less than or equal to 1" in said["content"]
    assert "ignore the rules" not in said["content"]


async def test_a_way_that_is_refused_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with Stub(NO_FORMAT, NO_FORMAT, says(GOOD)) as stub, Gateway(Endpoint(api_base=f"{stub.base}/v1")) as gateway:
        with caplog.at_level(logging.WARNING):
            for draw in range(3):
                await gateway.ask(request(draw=draw))
    assert [shape_of(body)[0] for body in stub.bodies] == ["json_schema", "json_object", None, None, None]
    assert "asked with reply: prompt from now on" in caplog.text


async def test_a_way_that_is_written_down_is_kept_to() -> None:
    async with Stub(NO_SCHEMA) as stub:
        came, _ = await asked(stub, request(), fixed=True)
    assert isinstance(came, ModelRejected)
    assert len(stub.raw) == 1


async def test_another_way_of_asking_is_another_request() -> None:
    modes: tuple[ReplyMode, ...] = ("json_schema", "tools", "json_object", "prompt")
    assert len({replace(request(), reply_mode=mode).id for mode in modes}) == 4
    assert replace(request(), reply_mode="json_schema").id == request().id


async def test_another_models_name_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    other = page_json({**chat(GOOD, "stop", None), "model": "llama-3.2-1b"})
    async with Stub(other) as stub, Gateway(Endpoint(api_base=f"{stub.base}/v1")) as gateway:
        with caplog.at_level(logging.WARNING):
            for draw in range(2):
                await gateway.ask(request(draw=draw))
    assert caplog.text.count("openai/stub-1 was asked, and llama-3.2-1b answered") == 1


@pytest.mark.parametrize(
    ("refused", "waits"),
    [
        (status(429, "slow", headers={"Retry-After": "3.5"}), 3.5),
        (status(429, 'quota: {"retryDelay": "34s"}'), 34.0),
        (status(429, "Rate limit reached. Please try again in 7.66s."), 7.66),
    ],
)
async def test_the_pause_that_is_asked_for_is_waited(refused: Step, waits: float) -> None:
    async with Stub(refused, says(GOOD)) as stub:
        came, time = await asked(stub, request())
    assert isinstance(came, Reply)
    assert waits <= sum(time.slept) <= waits + 0.6


async def test_a_redirect_is_refused_and_nothing_goes_there() -> None:
    async with Stub(says(GOOD)) as elsewhere:

        async def moved(_: web.Request) -> web.StreamResponse:
            raise web.HTTPMovedPermanently(f"{elsewhere.base}/v1/chat/completions")

        async with Stub(moved) as stub:
            came, _ = await asked(stub, request())
    assert isinstance(came, ModelRejected)
    assert "points elsewhere" in came.explained
    assert elsewhere.raw == []


async def test_nested_settings_go_into_the_body() -> None:
    settings: dict[str, Any] = {"extra_body": {"top_k": 5}, "chat_template_kwargs": {"enable_thinking": False}}
    async with Stub(says(GOOD)) as stub:
        await asked(stub, request(settings=settings))
    [body] = stub.bodies
    assert (body["top_k"], body["chat_template_kwargs"]) == (5, {"enable_thinking": False})
