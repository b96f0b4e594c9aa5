"""OpenAI and every endpoint that speaks its protocol. The only file that imports openai.

The request goes through the client's own `post`, not `chat.completions.create`: the same authentication, connection
pool and error classes, without walking the messages twice and without building a `ChatCompletion` from the reply
(docs/adr/0003-gateway.md has the CPU figures).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from agent.domain.pacing import CALM, Signal
from agent.errors import ModelRejected
from agent.llm.limit_headers import signal_of
from agent.llm.model import Request, Usage, estimate_request_tokens, estimate_tokens
from agent.llm.wire import Completion, Endpoint, Transient, failure, one_line, response_format

if TYPE_CHECKING:
    import httpx
    from openai import AsyncOpenAI

# Prefixes of litellm's model names whose servers speak OpenAI's protocol; cut off before sending.
_PREFIXES = ("openai/", "ollama_chat/", "ollama/", "hosted_vllm/", "lm_studio/", "llamafile/")


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _InputDetails(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _InputDetails | None = None


class _Error(BaseModel):
    """What routers send with status 200 when the provider behind them failed."""

    code: int | str | None = None
    message: str = ""

    def failure(self, model: str, headers: Mapping[str, str]) -> Exception:
        status = self.code if isinstance(self.code, int) and 400 <= self.code < 600 else 502
        return failure(model, status, self.message, headers, str(self.code or ""))


class Answer(BaseModel):
    """The part of a chat completion that is read; the rest is ignored."""

    choices: list[_Choice] = Field(default_factory=list)
    model: str | None = None
    usage: _Usage | None = None
    error: _Error | None = None

    def completion(self, request: Request[Any], estimated: bool, signal: Signal = CALM) -> Completion:
        """As a `Completion`. Usage is estimated where the provider sends none."""
        found = self.completion_of(request.model)
        usage = self._counted(estimated) if self.usage else _guessed(request, found.text)
        return replace(found, usage=usage, signal=signal)

    def completion_of(self, model: str) -> Completion:
        """As a `Completion` of an answer whose request is not at hand. Usage is zero where the provider sends none."""
        first = self.choices[0] if self.choices else _Choice(message=_Message())
        return Completion(
            text=first.message.content or "",
            finish=first.finish_reason or "",
            refusal=first.message.refusal or "",
            usage=self._counted(estimated=self.usage is None),
            model=self.model or model,
        )

    def _counted(self, estimated: bool) -> Usage:
        usage = self.usage or _Usage()
        details = usage.prompt_tokens_details or _InputDetails()
        return Usage(
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            cached_tokens=details.cached_tokens or 0,
            estimated=estimated,
        )


def _guessed(request: Request[Any], text: str) -> Usage:
    tokens = estimate_request_tokens(request)
    return Usage(input_tokens=tokens, output_tokens=estimate_tokens(text), estimated=True)


def bare_name(model: str) -> str:
    """The model's name as its server knows it: `openai/gpt-4.1-mini` is `gpt-4.1-mini`."""
    prefix = next((p for p in _PREFIXES if model.startswith(p)), "")
    return model[len(prefix) :]


def body(request: Request[Any]) -> dict[str, Any]:
    """The JSON body of a chat completion; the messages stand in it as they stand in the request."""
    return {
        **request.settings,
        "model": bare_name(request.model),
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "response_format": response_format(request),
        "seed": request.draw,
    }


class OpenAIWire:
    """Sends requests to one OpenAI-compatible endpoint through openai's client over aiohttp."""

    def __init__(self, endpoint: Endpoint) -> None:
        import openai

        self._openai = openai
        self._endpoint = endpoint
        self._client: AsyncOpenAI | None = None
        self._seed_refused = False

    async def send(self, request: Request[Any]) -> Completion:
        """The provider's answer; a provider that refuses `seed` is asked again without, and not offered it anymore."""
        content = body(request)
        if self._seed_refused:
            del content["seed"]
        try:
            return self._read(request, await self._post(request, content))
        except _SeedRefused:
            self._seed_refused = True
            del content["seed"]
            return self._read(request, await self._post(request, content))

    async def aclose(self) -> None:
        """Close the pooled connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _post(self, request: Request[Any], content: dict[str, Any]) -> httpx.Response:
        import httpx

        openai, client = self._openai, self._connect(request.model)
        try:
            async with asyncio.timeout(self._endpoint.timeout_seconds):
                response = await client.post("/chat/completions", body=content, cast_to=httpx.Response)
        except openai.APIStatusError as error:
            raise _status_failure(request.model, error, "seed" in content) from error
        except TimeoutError as error:
            raise Transient(f"no answer within {self._endpoint.timeout_seconds:g} s") from error
        except openai.APIConnectionError as error:
            raise Transient(f"the connection failed: {one_line(str(_root(error)))}") from error
        return response

    def _read(self, request: Request[Any], response: httpx.Response) -> Completion:
        content = response.content
        try:
            answer = Answer.model_validate_json(content)
        except ValidationError as error:
            # A proxy's HTML page or half a body: sending again may help.
            raise Transient(f"200, but not a chat completion: {one_line(content[:200].decode('latin-1'))}") from error
        if answer.error is not None:
            raise answer.error.failure(request.model, response.headers)
        return answer.completion(request, self._endpoint.tokens_estimated, signal_of(response.headers))

    def _connect(self, model: str) -> AsyncOpenAI:
        if self._client is None:
            # One time-out, around the whole exchange (_post). The client's own would count each read anew, and its
            # transport reports a refused connection as one.
            self._client = connect(self._endpoint, model, max_retries=0, timeout=None)
        return self._client


def connect(endpoint: Endpoint, model: str, *, max_retries: int, timeout: float | None) -> AsyncOpenAI:
    """openai's client for `endpoint`, over aiohttp. ModelRejected where there is no key."""
    import openai

    try:
        return openai.AsyncOpenAI(
            api_key=endpoint.api_key or ("none" if endpoint.api_base else None),
            base_url=endpoint.api_base or None,
            max_retries=max_retries,
            timeout=timeout,
            http_client=openai.DefaultAioHttpClient(timeout=timeout),
        )
    except openai.OpenAIError as error:
        raise ModelRejected(f"{model}: no API key; set OPENAI_API_KEY or give a base URL") from error


class _SeedRefused(Exception):
    """The provider does not take `seed`."""


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _status_failure(model: str, error: Any, seeded: bool) -> Exception:
    body = error.body if isinstance(error.body, dict) else {}
    detail = str(body.get("message") or error.message)
    if seeded and error.status_code in (400, 422) and (body.get("param") == "seed" or "seed" in detail.lower()):
        return _SeedRefused(detail)
    return failure(model, error.status_code, detail, error.response.headers, str(body.get("code") or ""))
