"""Every provider of docs/operations/providers.md against a stub that speaks its protocol: the address, the key's header and
the body that arrive there, and the reply and the tokens that come back. Nothing leaves this machine."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from agent.core.errors import ModelError
from agent.llm.gateway import Gateway
from agent.llm.model import Reply, ReplyMode, default_reply_mode
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Endpoint
from tests.llm.replies import GOOD, Verdict, request
from tests.llm.stub import chat
from tests.llm.times import Time

SETTINGS = {"temperature": 0.0, "max_tokens": 50}
DOCUMENT = Path(__file__).parents[2] / "docs" / "operations" / "providers.md"


@dataclass(frozen=True)
class Row:
    """A row of the table in the document. `base` is put behind the stub's address; `has` and `lacks` are of the body."""

    name: str
    model: str
    base: str
    path: str
    key: tuple[str, str]
    has: Mapping[str, Any] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    at: str = ""
    """The variable that names litellm's address for a provider with a protocol of its own; empty: `api_base` is given."""
    environment: Mapping[str, str] = field(default_factory=dict)
    mode: ReplyMode | None = None
    tokens: tuple[int, int] = (100, 10)
    refuses: tuple[str, ...] = ()
    """What this server answers a 400 to, in the provider's own words, before it is content."""
    service_account: bool = False
    """Whether the key is a token that is fetched for an account out of a file."""


BEARER = ("Authorization", "Bearer k")
UNSUPPORTED = "Unsupported parameter: '{0}' is not supported with this model."
OPENAI_BODY = {"model": "gpt-4.1-mini", "temperature": 0.0, "max_tokens": 50, "seed": 0}

ROWS = (
    Row("OpenAI", "openai/gpt-4.1-mini", "/v1", "/v1/chat/completions", BEARER, OPENAI_BODY),
    Row(
        "OpenAI, reasoning",
        "openai/gpt-5",
        "/v1",
        "/v1/chat/completions",
        BEARER,
        {"model": "gpt-5", "max_completion_tokens": 50},
        lacks=("temperature", "max_tokens"),
        refuses=("max_tokens", "temperature"),
    ),
    Row(
        "Azure, by deployment",
        "azure/my-deployment",
        "",
        "/openai/deployments/my-deployment/chat/completions",
        ("api-key", "k"),
        {"max_tokens": 50},
        settings={**SETTINGS, "api_version": "2024-10-21"},
    ),
    Row("Azure, v1", "openai/my-deployment", "/openai/v1", "/openai/v1/chat/completions", BEARER, {"max_tokens": 50}),
    Row(
        "Anthropic",
        "anthropic/claude-sonnet-4-5",
        "",
        "/v1/messages",
        ("x-api-key", "k"),
        {"max_tokens": 50, "temperature": 0.0},
        at="ANTHROPIC_API_BASE",
    ),
    Row(
        "Anthropic, 4.7 and later",
        "anthropic/claude-opus-4-7",
        "",
        "/v1/messages",
        ("x-api-key", "k"),
        {"max_tokens": 50},
        lacks=("temperature",),
        at="ANTHROPIC_API_BASE",
    ),
    Row(
        "Gemini",
        "gemini/gemini-2.5-flash",
        "",
        "/models/gemini-2.5-flash:generateContent",
        ("x-goog-api-key", "k"),
        tokens=(100, 15),  # the provider counts thinking apart; it is paid as output
        at="GEMINI_API_BASE",
    ),
    Row(
        "Vertex",
        "vertex_ai/gemini-2.5-flash",
        "",
        "/v1/projects/proj/locations/europe-west1/publishers/google/models/gemini-2.5-flash:generateContent",
        BEARER,
        settings={**SETTINGS, "vertex_project": "proj", "vertex_location": "europe-west1"},
        tokens=(100, 15),
        at="VERTEXAI_API_BASE",
        service_account=True,
    ),
    Row(
        "Bedrock",
        "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "",
        "/model/anthropic.claude-sonnet-4-5-20250929-v1:0/converse",
        BEARER,
        environment={"AWS_BEARER_TOKEN_BEDROCK": "k", "AWS_REGION_NAME": "us-east-1"},
        at="AWS_BEDROCK_RUNTIME_ENDPOINT",
    ),
    Row(
        "Ollama, its own protocol",
        "ollama_chat/qwen3",
        "",
        "/api/chat",
        BEARER,
        {"model": "qwen3", "options": {"temperature": 0.0, "num_predict": 50, "num_ctx": 32768, "seed": 0}},
        settings={**SETTINGS, "num_ctx": 32768},
        at="OLLAMA_API_BASE",
    ),
    Row("Ollama, /v1", "openai/qwen3", "/v1", "/v1/chat/completions", BEARER, {"model": "qwen3"}),
    Row("vLLM", "openai/Qwen/Qwen3-32B", "/v1", "/v1/chat/completions", BEARER, {"model": "Qwen/Qwen3-32B"}),
    Row(
        "vLLM, without thinking",
        "openai/Qwen/Qwen3-32B",
        "/v1",
        "/v1/chat/completions",
        BEARER,
        {"chat_template_kwargs": {"enable_thinking": False}},
        settings={**SETTINGS, "extra_body": {"chat_template_kwargs": {"enable_thinking": False}}},
    ),
    Row("LM Studio", "openai/qwen2.5-7b-instruct", "/v1", "/v1/chat/completions", BEARER),
    Row("llama.cpp's server", "openai/any", "/v1", "/v1/chat/completions", BEARER, mode="json_schema"),
    Row(
        "llama-cpp-python's server",
        "openai/any",
        "/v1",
        "/v1/chat/completions",
        BEARER,
        {"response_format": {"type": "json_object"}},
        mode="json_object",
    ),
    Row(
        "OpenRouter",
        "openrouter/openai/gpt-4.1-mini",
        "/api/v1",
        "/api/v1/chat/completions",
        BEARER,
        {"model": "openai/gpt-4.1-mini", "provider": {"require_parameters": True}},
        settings={**SETTINGS, "extra_body": {"provider": {"require_parameters": True}}},
        at="OPENROUTER_API_BASE",
    ),
    Row(
        "Groq", "groq/llama-3.3-70b-versatile", "/openai/v1", "/openai/v1/chat/completions", BEARER, at="GROQ_API_BASE"
    ),
    Row("xAI", "xai/grok-4", "/v1", "/v1/chat/completions", BEARER, {"model": "grok-4"}, at="XAI_API_BASE"),
    Row(
        "DeepSeek",
        "deepseek/deepseek-chat",
        "/v1",
        "/v1/chat/completions",
        BEARER,
        {"model": "deepseek-chat"},
        at="DEEPSEEK_API_BASE",
    ),
    Row("Mistral", "mistral/mistral-large-latest", "/v1", "/v1/chat/completions", BEARER, at="MISTRAL_AZURE_API_BASE"),
    Row(
        "Cohere",
        "openai/command-a-03-2025",
        "/compatibility/v1",
        "/compatibility/v1/chat/completions",
        BEARER,
        {"model": "command-a-03-2025"},
    ),
)


@dataclass
class Arrived:
    """What the stub was sent last, and how often it was asked."""

    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    times: int = 0
    refuses: tuple[str, ...] = ()
    moved: bool = False
    """Whether it sends everybody elsewhere."""
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture(name="provider")
def _provider() -> Iterator[tuple[str, Arrived]]:
    """A server in a thread of its own: litellm asks Ollama's /api/show while it holds up the caller's event loop."""
    arrived = Arrived()

    async def answer(asked: web.Request) -> web.Response:
        text = await asked.text()
        if asked.path == "/token":
            return web.json_response({"access_token": "k", "expires_in": 3600, "token_type": "Bearer"})
        if asked.path.startswith("/elsewhere"):
            arrived.elsewhere.append(text)
        elif arrived.moved and asked.path != "/api/show":
            raise web.HTTPTemporaryRedirect(f"/elsewhere{asked.path}")
        if asked.path == "/api/show":
            return web.json_response({"capabilities": [], "template": "", "model_info": {}})
        arrived.path, arrived.headers = asked.path, asked.headers
        arrived.body, arrived.times = json.loads(text), arrived.times + 1
        for name in arrived.refuses:
            if name in arrived.body:
                error = {"message": UNSUPPORTED.format(name), "type": "invalid_request_error", "param": name}
                return web.json_response({"error": error | {"code": "unsupported_parameter"}}, status=400)
        return web.json_response(_reply(asked.path, arrived.body))

    app = web.Application(client_max_size=10**7)
    app.router.add_route("*", "/{rest:.*}", answer)
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app, access_log=None)

    async def start() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(start(), loop).result(10), arrived
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def _reply(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A good reply in the protocol that the path belongs to."""
    text = [{"type": "text", "text": GOOD}]
    if path.endswith("/messages"):
        content: list[dict[str, Any]] = text
        if "tools" in body:
            content = [{"type": "tool_use", "id": "t", "name": body["tools"][0]["name"], "input": json.loads(GOOD)}]
        usage = {"input_tokens": 100, "output_tokens": 10}
        message = {"id": "m", "type": "message", "role": "assistant", "model": "x", "content": content}
        return message | {"stop_reason": "end_turn", "usage": usage}
    if path.endswith(":generateContent"):
        usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "thoughtsTokenCount": 5, "totalTokenCount": 115}
        return {
            "candidates": [{"content": {"parts": [{"text": GOOD}], "role": "model"}, "finishReason": "STOP"}],
            "usageMetadata": usage,
        }
    if path == "/api/chat":
        return {
            "model": "qwen3",
            "message": {"role": "assistant", "content": GOOD},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 100,
            "eval_count": 10,
        }
    if path.endswith("/converse"):
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": GOOD}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 100, "outputTokens": 10, "totalTokens": 110},
        }
    completion = chat(GOOD, "stop", None) | {"service_tier": "default"}
    if "tools" in body:
        call = {"name": body["tools"][0]["function"]["name"], "arguments": GOOD}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": call}],
        }
        completion["choices"] = [{"index": 0, "message": message, "finish_reason": "tool_calls"}]
    return completion


async def ask(row: Row, url: str, monkeypatch: pytest.MonkeyPatch) -> Reply[Verdict]:
    """The reply of the row's provider, which is at `url`."""
    for name, value in row.environment.items():
        monkeypatch.setenv(name, value)
    key = None if row.environment or row.service_account else SecretStr("k")
    time = Time()
    if row.at:
        monkeypatch.setenv(row.at, url + row.base)
    endpoint = Endpoint(api_base="" if row.at else url + row.base, api_key=key, timeout_seconds=30)
    async with Gateway(endpoint, retries=Retries(Patience(attempts=2), time.sleep, time.clock)) as gateway:
        asked = request(model=row.model, settings=row.settings)
        return await gateway.ask(replace(asked, reply_mode=row.mode or default_reply_mode(row.model)))


@cache
def _private_key() -> str:
    made = rsa.generate_private_key(65537, 2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(name="account", autouse=True)
def _account(provider: tuple[str, Arrived], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account of Google's, whose tokens the stub gives out."""
    about = {"type": "service_account", "project_id": "proj", "client_email": "a@example.com"}
    text = json.dumps({**about, "private_key": _private_key(), "token_uri": f"{provider[0]}/token"})
    (tmp_path / "account.json").write_text(text)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.name, marks=pytest.mark.slow if at % 2 else ()) for at, row in enumerate(ROWS)]
)
async def test_a_redirect_is_refused_and_nothing_goes_there(
    row: Row, provider: tuple[str, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, arrived = provider
    arrived.moved = True
    with pytest.raises(ModelError):
        await ask(row, url, monkeypatch)
    assert arrived.elsewhere == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_what_arrives_at_the_provider(
    row: Row, provider: tuple[str, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, arrived = provider
    arrived.refuses = row.refuses
    reply = await ask(row, url, monkeypatch)
    assert reply.text == GOOD
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == row.tokens
    assert arrived.path == row.path
    assert arrived.headers[row.key[0]] == row.key[1]
    assert {name: arrived.body.get(name) for name in row.has} == row.has
    assert not set(row.lacks) & set(arrived.body)
    assert arrived.times == 1 + len(row.refuses)


async def test_two_resources_of_azure_keep_their_addresses_and_keys(provider: tuple[str, Arrived]) -> None:
    url, arrived = provider
    settings = {**SETTINGS, "api_version": "2024-10-21"}
    for name in ("first", "second", "first"):
        endpoint = Endpoint(api_base=f"{url}/{name}", api_key=SecretStr(f"key of {name}"), timeout_seconds=30)
        async with Gateway(endpoint) as gateway:
            await gateway.ask(request(model="azure/my-deployment", settings=settings))
        assert arrived.path == f"/{name}/openai/deployments/my-deployment/chat/completions"
        assert arrived.headers["api-key"] == f"key of {name}"


def test_the_document_has_a_row_for_each_and_no_other() -> None:
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| **")]
    names = [line.split("**")[1] for line in lines]
    assert names == [row.name for row in ROWS]
    for row, line in zip(ROWS, lines, strict=True):
        assert f"{row.model.partition('/')[0]}/" in line
