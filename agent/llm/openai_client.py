"""OpenAI and every endpoint that speaks its protocol, asked over aiohttp.

Not through openai's client: that takes about 0.6 ms of CPU a request and 24 MB beside aiohttp, which is below it anyway
(docs/adr/0003-gateway.md has the figures). Batches, where neither counts, go through it (batches.py).
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies_environment

from pydantic import ValidationError
from pydantic_core import to_json

from agent.core.errors import ModelRejected
from agent.llm.limit_headers import signal_of
from agent.llm.model import Request
from agent.llm.openai_protocol import Answer, body
from agent.llm.wire import Completion, Endpoint, Transient, failure, one_line

if TYPE_CHECKING:
    from aiohttp import ClientSession

PUBLIC = "https://api.openai.com/v1"


class OpenAIWire:
    """Sends requests to one OpenAI-compatible endpoint. Connections are pooled; how many there are is up to the pacer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session: ClientSession | None = None
        self._url = ""
        self._seed_refused = False

    async def send(self, request: Request[Any]) -> Completion:
        """The provider's answer; a provider that refuses `seed` is asked again without, and not offered it anymore."""
        content = body(request)
        if self._seed_refused:
            del content["seed"]
        try:
            return await self._post(request, content)
        except _SeedRefused:
            self._seed_refused = True
            del content["seed"]
            return await self._post(request, content)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: Request[Any], content: dict[str, Any]) -> Completion:
        import aiohttp

        session = self._session or self._connect(request.model)
        data = to_json(content)
        try:
            async with asyncio.timeout(self._endpoint.timeout_seconds), session.post(self._url, data=data) as response:
                status, headers, answer = response.status, response.headers, await response.read()
        except TimeoutError as error:
            raise Transient(f"no answer within {self._endpoint.timeout_seconds:g} s") from error
        except aiohttp.InvalidURL as error:
            raise ModelRejected(f"{request.model}: {self._url} is not a URL; check the base URL") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Transient(f"the connection failed: {one_line(str(error) or type(error).__name__)}") from error
        if status >= 400:
            raise _failure(request.model, status, answer, headers, "seed" in content)
        return self._read(request, answer, headers)

    def _read(self, request: Request[Any], content: bytes, headers: Mapping[str, str]) -> Completion:
        try:
            answer = Answer.model_validate_json(content)
        except ValidationError as error:
            # A proxy's HTML page or half a body: sending again may help.
            raise Transient(f"200, but not a chat completion: {one_line(content[:200].decode('latin-1'))}") from error
        if answer.error is not None:
            raise answer.error.failure(request.model, headers)
        return answer.completion(request, self._endpoint.tokens_estimated, signal_of(headers))

    def _connect(self, model: str) -> ClientSession:
        import aiohttp

        base = self._endpoint.api_base or os.environ.get("OPENAI_BASE_URL") or PUBLIC
        self._url = f"{base.rstrip('/')}/chat/completions"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=_trust() if base.startswith("https:") else True),
            headers=_headers(self._endpoint, model),
            # One time-out, around the whole exchange (_post): aiohttp's own would count each read anew.
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=bool(getproxies_environment()),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session


def _headers(endpoint: Endpoint, model: str) -> dict[str, str]:
    """Whoever asks; ModelRejected where there is no key. OpenAI's variables are for OpenAI's own host only."""
    found = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "closeread"}
    key = endpoint.api_key or ("none" if endpoint.api_base else os.environ.get("OPENAI_API_KEY"))
    if not key:
        raise ModelRejected(f"{model}: no API key; set OPENAI_API_KEY or give a base URL")
    found["Authorization"] = f"Bearer {key}"
    if not endpoint.api_base:
        named = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
        found |= {header: value for header, name in named.items() if (value := os.environ.get(name))}
    return found


def _trust() -> ssl.SSLContext:
    """Certificates as openai's and litellm's clients trust them: those of SSL_CERT_FILE or SSL_CERT_DIR, else certifi's."""
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context()
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


class _SeedRefused(Exception):
    """The provider does not take `seed`."""


def _failure(model: str, status: int, content: bytes, headers: Mapping[str, str], seeded: bool) -> Exception:
    said = _said(content)
    detail = str(said.get("message") or "no reason given")
    if seeded and status in (400, 422) and (said.get("param") == "seed" or "seed" in detail.lower()):
        return _SeedRefused(detail)
    return failure(model, status, detail, headers, str(said.get("code") or ""))


def _said(content: bytes) -> dict[str, Any]:
    """What an answer with an error's status says: OpenAI's `error` object, or whatever text there is."""
    try:
        parsed = json.loads(content)
    except ValueError:
        return {"message": content[:1000].decode("utf-8", "replace")}
    inner = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
    if isinstance(inner, dict):
        return inner if inner.get("message") else {**inner, "message": json.dumps(inner)}
    return {"message": str(inner)}
