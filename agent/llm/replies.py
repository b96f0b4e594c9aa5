"""From what a model wrote to a validated value, or the error that says why not."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from agent.core.errors import ModelError, ModelRefused, ReplyEmpty, ReplyInvalid, ReplyTruncated
from agent.llm.model import Request
from agent.llm.wire import Completion, bind, one_line

T = TypeVar("T", bound=BaseModel)

_FENCE = re.compile(r"\A```[\w-]*\s*(.*?)\s*```\Z", re.DOTALL)
_THOUGHT_ENDS = "</think>"
_THOUGHT_BEGINS = "<think>"
_DECODER = json.JSONDecoder()
_PROBLEMS = 10
_QUOTED = 200
# Beyond what any prompt here asks for: such a reply is a loop or an attack, and is neither stored nor asked again.
MOST_CHARACTERS, MOST_OF_A_TEXT, MOST_OF_A_LIST = 1_000_000, 20_000, 10_000


class Misfit(Exception):
    """A reply that asking again may fix: empty, or not of the requested form. It never leaves the gateway."""

    def __init__(self, request: Request[Any], problems: list[str], text: str = "") -> None:
        self.request, self.problems, self.text = request, problems, text
        super().__init__("; ".join(problems))

    def final(self) -> ModelError:
        """The error to raise if no re-ask is left."""
        model = self.request.model
        if not self.text.strip():
            return ReplyEmpty(
                f"{model}: the reply has no content",
                advice=bind("ask again, ask it in another way, or bind another model"),
            )
        said, wrote = one_line("; ".join(self.problems)), one_line(self.text[:_QUOTED])
        return ReplyInvalid(
            f"{model}: the reply still does not fit {self.request.reply.__name__}: {said}; it begins: {wrote!r}",
            advice=bind("checking the model shows in which way it can be asked (reply: in its binding)"),
        )


def settled(request: Request[Any], completion: Completion) -> None:
    """Raises `ModelRefused`, `ReplyTruncated` or `ReplyInvalid` if asking again would not help; else returns."""
    if completion.refusal or completion.finish == "content_filter":
        said = one_line(completion.refusal) or "its provider's content filter stopped the reply"
        raise ModelRefused(f"{request.model}: the model declined to answer: {said}")
    if completion.finish == "length":
        wrote = one_line(completion.text[:_QUOTED])
        raise ReplyTruncated(
            f"{request.model}: the reply stopped at the token limit after {completion.usage.output_tokens} tokens"
            + (f"; it begins: {wrote!r}" if wrote else ""),
            advice=bind("raise max_tokens below settings in its binding, or let it think less"),
        )
    if len(completion.text) > MOST_CHARACTERS:
        raise _too_much(request, f"{len(completion.text)} characters")


def _too_much(request: Request[Any], what: str) -> ReplyInvalid:
    return ReplyInvalid(
        f"{request.model}: the reply holds {what}, far more than was asked for",
        advice=bind("write a smaller max_tokens below settings in its binding, or bind another model"),
    )


def _check_size(request: Request[Any], part: Any) -> None:
    """Raises ReplyInvalid if a text or a list in the parsed reply is longer than any that is asked for."""
    match part:
        case str() if len(part) > MOST_OF_A_TEXT:
            raise _too_much(request, f"a text of {len(part)} characters")
        case list() if len(part) > MOST_OF_A_LIST:
            raise _too_much(request, f"a list of {len(part)} parts")
        case list():
            for inner in part:
                _check_size(request, inner)
        case dict():
            for inner in part.values():
                _check_size(request, inner)


def checked(request: Request[T], completion: Completion) -> tuple[T, str]:
    """The value in `completion` and its text as compact JSON.

    Raises `ModelRefused`, `ReplyTruncated`, or `Misfit` for what may be asked again.
    """
    settled(request, completion)
    return validated(request, completion.text)


def validated(request: Request[T], text: str) -> tuple[T, str]:
    """`text` against the request's reply model: the value, and the text as compact JSON.

    Raises `Misfit`, and `ReplyInvalid` for one that is out of all bounds.
    """
    try:
        value, bare = request.reply.model_validate_json(text), text
    except ValidationError as error:
        bare = bare_json(text)
        if bare == text:
            raise Misfit(request, problems_of(error), text) from error
        try:
            value = request.reply.model_validate_json(bare)
        except ValidationError as inner:
            raise Misfit(request, problems_of(inner), text) from inner
    parsed = from_json(bare)
    if (
        len(bare) > MOST_OF_A_TEXT
    ):  # in a shorter one no text is too long, and no list: its parts have commas between them
        _check_size(request, parsed)
    return value, compact(parsed)


def bare_json(text: str) -> str:
    """The JSON of the reply without what stands around it; `text` unchanged if that would need a guess.

    Removed are a thought that has ended, one code fence, and words before and after. What remains must be one JSON
    object. Nothing is taken from inside a broken object, an unfinished thought or a list. If there are two different
    objects, neither is chosen: a part or a draft may fit the reply model by itself.
    """
    _, thought_ended, rest = text.rpartition(_THOUGHT_ENDS)
    if not thought_ended and _THOUGHT_BEGINS in text:
        return text
    answer = (rest if thought_ended else text).strip()
    if fenced := _FENCE.match(answer):
        answer = fenced.group(1)
    return _only_object(answer) or text


def _only_object(text: str) -> str | None:
    """The one object in `text`, None where there is not exactly one or lists stand around it."""
    first, value, outside = None, None, ""
    start, end = text.find("{"), 0
    while start >= 0:
        outside += text[end:start]
        try:
            other, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            return None
        if first is None:
            first, value = text[start:end], other
        elif other != value:
            return None
        start = text.find("{", end)
    return None if any(mark in outside + text[end:] for mark in "}[]") else first


def compact(reply: Any) -> str:
    """A parsed reply as JSON text without spaces, with its keys in their order."""
    return to_json(reply).decode()


def problems_of(error: ValidationError) -> list[str]:
    """What is wrong and where, without the reply's own words."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    said = [f"{'.'.join(map(str, e['loc'])) or 'the reply'}: {e['msg']}" for e in faults[:_PROBLEMS]]
    return said + ([f"and {len(faults) - _PROBLEMS} more"] if len(faults) > _PROBLEMS else [])
