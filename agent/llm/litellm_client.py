"""Every provider that does not speak OpenAI's protocol. The only file that imports litellm.

`import litellm` takes seconds of CPU, so it waits for the first request; and it fetches a price map and a table of
headers from GitHub unless told to use those in the package.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from agent.llm.limit_headers import signal_of
from agent.llm.model import Request
from agent.llm.openai_protocol import Answer
from agent.llm.pacing import Signal
from agent.llm.wire import Completion, Endpoint, Transient, failure, one_line, response_format


def _litellm() -> Any:
    for table in ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"):
        os.environ.setdefault(table, "True")
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    return litellm


class LiteLLMWire:
    """Sends requests to whichever provider the model's prefix names (`anthropic/…`, `gemini/…`, `bedrock/…`)."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._litellm = _litellm()
        self._parameters: dict[str, frozenset[str]] = {}

    async def send(self, request: Request[Any]) -> Completion:
        """The provider's answer. The seed is left out where the provider has none; no other setting is dropped."""
        litellm = self._litellm
        try:
            async with asyncio.timeout(self._endpoint.timeout_seconds):
                response = await litellm.acompletion(**self._arguments(request))
        except (litellm.exceptions.Timeout, TimeoutError) as error:
            raise Transient(f"no answer within {self._endpoint.timeout_seconds:g} s") from error
        except litellm.exceptions.APIConnectionError as error:
            raise Transient(f"the connection failed: {one_line(error.message)}") from error
        except tuple(litellm.exceptions.LITELLM_EXCEPTION_TYPES) as error:
            raise _failure(litellm, request.model, error) from error
        answer = Answer.model_validate(response, from_attributes=True)
        return answer.completion(request, self._endpoint.tokens_estimated, _signal(response))

    async def aclose(self) -> None:
        """Close the connections that litellm pools for the whole process."""
        await self._litellm.close_litellm_async_clients()

    def _arguments(self, request: Request[Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            **request.settings,
            "model": request.model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "response_format": response_format(request),
            "timeout": self._endpoint.timeout_seconds,
            "api_key": self._endpoint.api_key,
            # Retries are counted in one place (agent/llm/retries.py).
            "num_retries": 0,
            "max_retries": 0,
        }
        if "seed" in self._supported(request.model):
            arguments["seed"] = request.draw
        if request.model.partition("/")[0] in self._litellm.openai_compatible_providers:
            # litellm drops max_retries for a dozen of these providers, and openai's client below then retries twice,
            # unseen and uncounted. Allowed by name it is obeyed, and never sent.
            arguments["allowed_openai_params"] = ["max_retries"]
        return arguments

    def _supported(self, model: str) -> frozenset[str]:
        # Kept: litellm works its answer out anew each time (0.1 ms of CPU).
        if model not in self._parameters:
            found = self._litellm.get_supported_openai_params(model=model) or []
            self._parameters[model] = frozenset(found)
        return self._parameters[model]


def _signal(response: Any) -> Signal:
    # litellm gives a provider's headers in a field of its own, under OpenAI's names where it knows how.
    return signal_of((getattr(response, "_hidden_params", None) or {}).get("additional_headers") or {})


def _failure(litellm: Any, model: str, error: Any) -> Exception:
    match error:
        case litellm.exceptions.ContextWindowExceededError():
            code = "context_length_exceeded"
        case litellm.exceptions.ContentPolicyViolationError():
            code = "content_filter"
        case _:
            code = ""
    headers = getattr(error, "litellm_response_headers", None) or {}
    return failure(model, int(getattr(error, "status_code", None) or 500), str(error.message), headers, code)
