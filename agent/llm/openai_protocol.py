"""OpenAI's chat completions as bodies and answers, however they travel: one at a time, in a batch, or through litellm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from agent.llm.model import Request, Usage, estimate_request_tokens, estimate_tokens
from agent.llm.pacing import CALM, Signal
from agent.llm.wire import Completion, failure, response_format

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
