"""Reads a chat completion, in whatever form its server sends it.

An answer that arrived was computed and is paid for, so nothing beside the reply's text may make it unreadable: content
comes as text, as a list of parts, in `reasoning_content` or as the arguments of a tool call; token counts come under
other names, as null, as fractions, or not at all. A count that is not known is estimated and said to be.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent.core.errors import InputTooLong
from agent.llm.model import Request, Usage, estimate_request_tokens, estimate_tokens
from agent.llm.pacing import CALM, Signal
from agent.llm.wire import Completion, Transient, bind, failure, one_line

_MISSING = 1_000  # tokens
_MOST = 10_000_000  # tokens: no model reads or writes that many at once, so the count is none
_UNSEEN = 50_000  # tokens of input that may be there beside what was sent: templates, tools, what a proxy adds
_NAMES = 200  # characters
_LENGTH = frozenset({"length", "max_tokens", "max_output_tokens"})
_FILTERED = frozenset({"content_filter", "safety", "refusal", "recitation", "prohibited_content"})
_INPUT = ("prompt_tokens", "input_tokens", "prompt_eval_count")
_OUTPUT = ("completion_tokens", "output_tokens", "generated_tokens", "eval_count")


def completion_of(answer: Any, model: str, headers: Mapping[str, str], signal: Signal = CALM) -> Completion:
    """The completion in `answer`, the parsed body of a 200 response. Raises the error that `failure` makes of an
    error in the body, or `Transient` if the body is no completion."""
    body = answer if isinstance(answer, dict) else {}
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    error = body.get("error") or first.get("error")
    if error:
        # A router reports with status 200 that the provider behind it failed.
        said = error if isinstance(error, dict) else {"message": str(error)}
        code = 404 if "unexpected endpoint" in str(error).lower() else said.get("code")  # LM Studio, asked without /v1
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
        raise failure(model, status, str(said.get("message") or error), headers, str(code or ""))
    if not isinstance(choices, list):
        raise Transient(f"200, but not a chat completion: {one_line(json.dumps(answer)[:200])}")
    given = first.get("message")
    message = given if isinstance(given, dict) else {}
    text = _reply_text(message)
    word = str(first.get("finish_reason") or "").lower()
    return Completion(
        text=text,
        finish="length" if word in _LENGTH else "content_filter" if word in _FILTERED else word,
        refusal=str(message.get("refusal") or ""),
        usage=_usage(body.get("usage")),
        model=str(body.get("model") or model)[:_NAMES],
        signal=signal,
        call=_call(message),
    )


def booked(completion: Completion, request: Request[Any], estimated: bool = False) -> Completion:
    """`completion` with missing token counts estimated from request and reply. A count of more input tokens than
    characters were sent is impossible and treated as missing."""
    usage = completion.usage
    if usage.input_tokens > _UNSEEN + sum(len(message.content) for message in request.messages):
        usage = usage.model_copy(update={"input_tokens": 0, "cached_tokens": 0, "estimated": True})
    if estimated:
        usage = usage.model_copy(update={"estimated": True})
    if usage.estimated and not usage.input_tokens:
        usage = usage.model_copy(update={"input_tokens": estimate_request_tokens(request)})
    if usage.estimated and not usage.output_tokens:
        usage = usage.model_copy(update={"output_tokens": estimate_tokens(completion.text)})
    return replace(completion, usage=usage)


def check_read_whole(request: Request[Any], completion: Completion) -> None:
    """Raises InputTooLong if the server counted far less input than was sent: it cut the text and read the rest as if
    it were all.

    Far less: under half of characters / 4, and more than a thousand tokens missing. No tokenizer in use packs ordinary
    text that tightly. Servers that count only what is new to their own cache say so by `tokens_estimated`.
    """
    usage = completion.usage
    sent = sum(estimate_tokens(message.content) for message in request.messages)
    if not usage.estimated and usage.input_tokens < sent / 2 and sent - usage.input_tokens > _MISSING:
        raise InputTooLong(
            f"{request.model}: the server read {usage.input_tokens} tokens of about {sent} that were sent: "
            "it cuts at its own context",
            advice=bind(
                "give it more (Ollama: model ollama_chat/NAME, api_base without /v1, num_ctx below settings; "
                "llama.cpp: --ctx-size; LM Studio: context length), or write tokens_estimated: "
                "true in the binding if it only counts wrongly"
            ),
        )


def asked_unanswered(request: Request[Any]) -> Usage:
    """The usage to book for an exchange that was sent and timed out: its input, estimated. The output is unknown."""
    return Usage(input_tokens=estimate_request_tokens(request), estimated=True)


def _reply_text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    text = content if isinstance(content, str) else "".join(_text_parts(content))
    if text.strip():
        return text
    # A tool called although none was asked for, or a server that takes the whole reply for a thought (LM Studio).
    for other in (_tool_arguments(message), message.get("reasoning_content"), message.get("reasoning")):
        if isinstance(other, str) and _is_object(other):
            return other
    return text


def _text_parts(content: Any) -> Iterator[str]:
    """The text of content that comes in parts, without the parts that hold the model's thoughts."""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict) and part.get("type", "text") in ("text", "output_text"):
            yield str(part.get("text") or "")


def _is_object(text: str) -> bool:
    """Whether the whole of `text` is one JSON object. A thought may contain a draft, and a draft is not the reply."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _call(message: Mapping[str, Any]) -> tuple[str, str] | None:
    """Id and name of the one tool that was called."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or len(calls) != 1 or not isinstance(calls[0], dict):
        return None
    function = calls[0].get("function")
    name = function.get("name") if isinstance(function, dict) else ""
    return str(calls[0].get("id") or "call_1")[:_NAMES], str(name)[:_NAMES]


def _tool_arguments(message: Mapping[str, Any]) -> str:
    if _call(message) is None:
        return ""
    function = message["tool_calls"][0].get("function")
    given = function.get("arguments") if isinstance(function, dict) else None
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def _usage(given: Any) -> Usage:
    """The token counts that are known; `estimated` if one is missing, for `booked` to fill in."""
    used = given if isinstance(given, dict) else {}
    details = used.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    taken, written = _first(used, _INPUT), _first(used, _OUTPUT)
    if "prompt_tokens" not in used and "cache_read_input_tokens" in used:  # Anthropic's names: input without the cached
        cached = _count(used["cache_read_input_tokens"])
        taken += cached + _count(used.get("cache_creation_input_tokens"))
    spent = used.get("completion_tokens_details")
    thought = _count(spent.get("reasoning_tokens")) if isinstance(spent, dict) else 0
    if thought and _count(used.get("total_tokens")) == taken + written + thought:
        written += thought  # xAI counts thoughts beside the reply; all others within it
    unknown = not taken or not written
    return Usage(input_tokens=taken, output_tokens=written, cached_tokens=min(cached, taken), estimated=unknown)


def _first(used: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((count for name in names if (count := _count(used.get(name)))), 0)


def _count(value: Any) -> int:
    """A number of tokens, fractions rounded up; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return 0
    return math.ceil(value)
