"""Two ways to reach a provider: openai's client, and litellm. Each sends one exchange and tells its failures apart.

Both libraries are imported at the first request: `import litellm` takes seconds of CPU time, openai one and a half.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic_core import from_json, to_json

from agent.core.errors import ModelRejected
from agent.core.extras import install
from agent.core.lazy import lazy
from agent.llm.answers import booked, completion_of
from agent.llm.limit_headers import signal_of
from agent.llm.model import Request
from agent.llm.refusals import Refusals
from agent.llm.wire import Completion, Endpoint, TimedOut, Transient, bind, failure, one_line

if TYPE_CHECKING:
    import httpx
    import openai
else:
    httpx, openai = lazy("httpx"), lazy("openai")
litellm = lazy("litellm")

# Prefixes of litellm's model names whose servers speak OpenAI's protocol; cut off before sending.
_PREFIXES = ("openai/", "ollama_chat/", "ollama/", "hosted_vllm/", "lm_studio/", "llamafile/")
_JSON = {"Content-Type": "application/json"}
_MOVED = re.compile(r"(?:Redirect response '|- )(30[12378])\b")
_TABLES = ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS")


class Provider(Protocol):
    """Sends one exchange. `refusals` remembers what its models refuse."""

    refusals: Refusals

    async def send(self, request: Request[Any], messages: list[Any], form: Mapping[str, Any]) -> Completion:
        """The answer to `messages`; `form` is what asks for the reply's shape (`response_format`, `tools`)."""
        ...

    async def aclose(self) -> None: ...


def bare_name(model: str) -> str:
    """The model's name as its server knows it: `openai/gpt-4.1-mini` is `gpt-4.1-mini`."""
    return model[len(next((p for p in _PREFIXES if model.startswith(p)), "")) :]


def speaks_openai(endpoint: Endpoint, model: str) -> bool:
    """Whether `model` is asked with openai's client: OpenAI's own, and every base URL that speaks its protocol.

    Azure's classic address and Ollama's native one (no `/v1`) do not.
    """
    base = endpoint.api_base.rstrip("/")
    if model.startswith("azure/") or (model.startswith("ollama_chat/") and not base.endswith("/v1")):
        return False
    return bool(base) or model.startswith("openai/")


def body_of(request: Request[Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body of a chat completion; the messages stand in it as they stand in the request."""
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    return {**_settings(request), "model": bare_name(request.model), "messages": messages, **form}


def _settings(request: Request[Any]) -> dict[str, Any]:
    """The settings sent beside messages and model. The contents of `extra_body` go into the body itself."""
    settings = dict(request.settings)
    extra = settings.pop("extra_body", None)
    return {**settings, **(extra if isinstance(extra, dict) else {}), "seed": request.draw}


class OpenAI:
    """OpenAI and every endpoint that speaks its protocol."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._endpoint, self.refusals = endpoint, Refusals()
        self._client = connect(endpoint, model)

    async def send(self, request: Request[Any], messages: list[Any], form: Mapping[str, Any]) -> Completion:
        """See `Provider`. A setting that the provider refuses is left out, once and for all (refusals.py).

        By `post`, openai's way to what its `create` does not know: that one walks through the body and its types for
        every request, which takes a fifth of the processor time of a scored call.
        """
        seconds, model = self._endpoint.timeout_seconds, request.model
        while True:
            settings = self.refusals.taken(model, _settings(request))
            body = to_json({"model": bare_name(model), "messages": messages, **settings, **form})
            try:
                async with asyncio.timeout(seconds):
                    response = await self._client.post(
                        "/chat/completions", cast_to=httpx.Response, content=body, options={"headers": _JSON}
                    )
            except openai.APIStatusError as error:
                said = error.body if isinstance(error.body, dict) else {}
                detail = str(said.get("message") or _text_of_page(error) or error.message)
                parameter = str(said.get("param") or "")
                if error.status_code in (400, 422) and self.refusals.learn(model, settings, parameter, detail):
                    continue
                headers = error.response.headers
                raise failure(model, error.status_code, detail, headers, str(said.get("code") or "")) from error
            except TimeoutError as error:
                raise TimedOut(seconds) from error
            except openai.APIConnectionError as error:
                raise _unconnected(model, self._endpoint, _root_cause(error)) from error
            return booked(self._read(model, response), request, self._endpoint.tokens_estimated)

    @staticmethod
    def _read(model: str, response: Any) -> Completion:
        try:
            answer = from_json(response.content)
        except ValueError as error:  # a proxy's HTML page or half a body: sending again may help
            raise Transient(f"200, but not a chat completion: {one_line(response.text[:200])}") from error
        return completion_of(answer, model, response.headers, signal_of(response.headers))

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def connect(endpoint: Endpoint, model: str, *, retries: int = 0, timeout: float | None = None) -> openai.AsyncOpenAI:
    """openai's client for `endpoint`, over aiohttp. ModelRejected where there is no key.

    OpenAI's variables (key, organisation, project) are for OpenAI's own host only. Redirects are not followed: they
    make a GET of a POST, or carry the transcript to another host. The gateway has one time-out around each whole
    exchange, since the client's would count every read anew.
    """
    unsaid: Any = {name: openai.Omit() for name in ("OpenAI-Organization", "OpenAI-Project")}
    try:
        return openai.AsyncOpenAI(
            api_key=endpoint.key or ("none" if endpoint.api_base else None),
            base_url=endpoint.api_base or None,
            max_retries=retries,
            timeout=timeout,
            default_headers=unsaid if endpoint.api_base else None,
            http_client=openai.DefaultAioHttpClient(timeout=timeout, follow_redirects=False, verify=_trusted()),
        )
    except openai.OpenAIError as error:
        advice = bind("set OPENAI_API_KEY where this program runs, or write api_base in its binding")
        raise ModelRejected(f"{model}: no API key", advice=advice) from error


@cache
def _trusted() -> SSLContext:
    """The certificates that this process trusts, read once: reading them takes longer than everything else a client
    needs."""
    return httpx.create_ssl_context()


class LiteLLM:
    """Every other provider; which one the model's prefix names. The only importer of litellm.

    Its pooled clients are the process's: they are closed with the last of these objects, and then forgotten, since
    litellm would go on handing out closed ones.
    """

    _in_use: ClassVar[int] = 0

    def __init__(self, endpoint: Endpoint) -> None:
        for table in _TABLES:  # else it fetches both from GitHub
            os.environ.setdefault(table, "True")

        litellm.suppress_debug_info = True
        litellm.telemetry = False
        _refuse_redirects()
        self._endpoint, self.refusals = endpoint, Refusals()
        self._parameters: dict[str, frozenset[str]] = {}
        LiteLLM._in_use += 1

    async def send(self, request: Request[Any], messages: list[Any], form: Mapping[str, Any]) -> Completion:
        """See `Provider`."""
        model, settings = request.model, self._settings(request)
        call = partial(litellm.acompletion, model=model, messages=messages, **form, **self._quiet(model))
        response = await self._answer(model, settings, call)
        hidden = getattr(response, "_hidden_params", None) or {}
        headers = hidden.get("additional_headers") or {}
        completion = completion_of(response.model_dump(), model, headers, signal_of(headers))
        return booked(completion, request, self._endpoint.tokens_estimated)

    async def transcribe(self, model: str, wav: bytes, settings: Mapping[str, Any]) -> dict[str, Any]:
        """What `model` heard: text, words and segments in OpenAI's form, and under `raw` the provider's full answer
        in its own form. Raises the same errors as `send`."""
        file = ("sound.wav", wav, "audio/wav")
        quiet = self._quiet(model)
        if self._endpoint.api_base and not self._endpoint.key:
            quiet["api_key"] = "none"  # else it sends OpenAI's key from the environment there
        call = partial(litellm.atranscription, model=model, file=file, **quiet)
        response = await self._answer(model, settings, call)
        raw = getattr(response, "hidden_params", None) or {}
        return {**response.model_dump(), "raw": raw}

    async def _answer(self, model: str, given: Mapping[str, Any], call: Callable[..., Awaitable[Any]]) -> Any:
        """One exchange. A setting that the provider, or litellm for it, refuses is left out once and for all."""
        kinds, seconds = litellm.exceptions, self._endpoint.timeout_seconds
        while True:
            settings = self.refusals.taken(model, given)
            try:
                async with asyncio.timeout(seconds):
                    return await call(**settings)
            except (kinds.Timeout, TimeoutError) as error:
                raise TimedOut(seconds) from error
            except kinds.APIConnectionError as error:
                raise _unconnected(model, self._endpoint, error) from error
            except tuple(kinds.LITELLM_EXCEPTION_TYPES) as error:
                status, detail = int(getattr(error, "status_code", None) or 500), str(error.message)
                if status in (400, 422) and self.refusals.learn(model, settings, "", detail):
                    continue
                headers = getattr(error, "litellm_response_headers", None) or {}
                raise failure(model, status, detail, headers, self._code(error)) from error

    async def aclose(self) -> None:
        """Close the connections that litellm pools for the whole process, if nobody else uses them."""
        LiteLLM._in_use -= 1
        if not LiteLLM._in_use:
            await litellm.close_litellm_async_clients()
            litellm.in_memory_llm_clients_cache.flush_cache()

    def _settings(self, request: Request[Any]) -> dict[str, Any]:
        settings: dict[str, Any] = dict(request.settings)
        model = request.model
        if model not in self._parameters:  # kept: litellm works its answer out anew each time (0.1 ms of CPU)
            self._parameters[model] = frozenset(litellm.get_supported_openai_params(model=model) or [])
        return settings | ({"seed": request.draw} if "seed" in self._parameters[model] else {})

    def _quiet(self, model: str) -> dict[str, Any]:
        """The arguments that switch off litellm's own retries: retries are counted in one place (retries.py)."""
        quiet: dict[str, Any] = {"timeout": self._endpoint.timeout_seconds, "api_key": self._endpoint.key}
        quiet |= {"num_retries": 0, "max_retries": 0}
        if self._endpoint.api_base:
            quiet["api_base"] = self._endpoint.api_base
        if model.partition("/")[0] in litellm.openai_compatible_providers:
            # litellm drops max_retries for a dozen of these providers, and openai's client below then retries twice,
            # unseen and uncounted. Allowed by name it is obeyed, and never sent.
            quiet["allowed_openai_params"] = ["max_retries"]
        return quiet

    def _code(self, error: Exception) -> str:
        match error:
            case litellm.exceptions.ContextWindowExceededError():
                return "context_length_exceeded"
            case litellm.exceptions.ContentPolicyViolationError():
                return "content_filter"
            case _:
                return ""


@cache
def _refuse_redirects() -> None:
    """litellm's clients follow redirects, the transcript with them, and have no setting against it.

    test_matrix.py holds it for every provider, so that a litellm that makes its clients elsewhere is noticed.
    """
    handler, common = litellm.llms.custom_httpx.http_handler, litellm.llms.openai.common_utils
    # Its constructor sets True; whoever reads it then gets False.
    handler.AsyncHTTPHandler.follow_redirects = property(lambda _: False, lambda *_: None)
    make = common.BaseOpenAILLM._get_async_http_client

    def staying(*given: Any, **named: Any) -> Any:
        client = make(*given, **named)
        if client is not None:
            client.follow_redirects = False
        return client

    common.BaseOpenAILLM._get_async_http_client = staticmethod(staying)


def _text_of_page(error: Any) -> str:
    """The text of an answer whose body is not a JSON object with a message, such as a proxy's error page."""
    return "" if isinstance(error.body, dict) and error.body.get("message") else one_line(error.response.text)


def _unconnected(model: str, endpoint: Endpoint, cause: BaseException) -> Exception:
    said = one_line(str(cause) or type(cause).__name__)
    if moved := _MOVED.search(said):  # so litellm tells a redirect that was not followed
        return failure(model, int(moved.group(1)), said, {})
    if "Missing credentials" in said:
        advice = bind("set the provider's usual variable for its key, or name another as api_key_env in its binding")
        return ModelRejected(f"{model}: no API key", advice=advice)
    if "No module named" in said:
        advice = bind(f"install it where this program runs (for Vertex: {install('vertex').text})")
        return ModelRejected(f"{model}: its provider needs a package that is not installed: {said}", advice=advice)
    if endpoint.api_base and not endpoint.api_base.startswith(("http://", "https://")):
        advice = bind("write api_base in its binding as http://HOST:PORT/v1")
        return ModelRejected(f"{model}: {endpoint.api_base} is not a URL", advice=advice)
    return Transient(f"the connection failed: {said}")


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
