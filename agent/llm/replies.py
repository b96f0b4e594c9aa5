"""From what a model wrote to a validated value, or the error that says why not."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from agent.core.errors import ModelError, ModelRefused, ReplyEmpty, ReplyInvalid, ReplyTruncated
from agent.llm.model import Request
from agent.llm.wire import Completion, one_line

T = TypeVar("T", bound=BaseModel)

# One fence around the whole reply, as models without a JSON mode write it. Nothing is dug out of prose: the last object
# that parses in a reply broken off half-way is a part of the answer, and some parts fit the reply model by themselves.
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_PROBLEMS = 10


class Misfit(Exception):
    """A reply that another request may mend: empty, or not in the asked-for shape. Never leaves the gateway."""

    def __init__(self, request: Request[Any], problems: list[str]) -> None:
        self.request, self.problems = request, problems
        super().__init__("; ".join(problems))

    def final(self) -> ModelError:
        """The error when no re-ask is left."""
        model = self.request.model
        if not self.problems:
            return ReplyEmpty(f"{model}: the reply has no content; try again or another model")
        said = one_line("; ".join(self.problems))
        return ReplyInvalid(f"{model}: the reply still does not fit {self.request.reply.__name__}: {said}")


def checked(request: Request[T], completion: Completion) -> tuple[T, str]:
    """The value in `completion` and its text as compact JSON.

    Raises `ModelRefused`, `ReplyTruncated`, or `Misfit` for what may be asked again.
    """
    if completion.refusal or completion.finish == "content_filter":
        said = one_line(completion.refusal) or "its provider's content filter stopped the reply"
        raise ModelRefused(f"{request.model}: the model declined to answer: {said}")
    if completion.finish == "length":
        raise ReplyTruncated(
            f"{request.model}: the reply stopped at the token limit after {completion.usage.output_tokens} tokens; "
            "raise max_tokens in the role's settings"
        )
    if not completion.text.strip():
        raise Misfit(request, [])
    return validated(request, completion.text)


def validated(request: Request[T], text: str) -> tuple[T, str]:
    """`text` against the request's reply model: the value, and the text as compact JSON. Raises `Misfit`."""
    fenced = _FENCE.match(text)
    bare = fenced.group(1) if fenced else text
    try:
        value = request.reply.model_validate_json(bare)
    except ValidationError as error:
        raise Misfit(request, _problems(error)) from error
    return value, compact(from_json(bare))


def compact(reply: Any) -> str:
    """A parsed reply as text: no spaces, keys in their order."""
    return to_json(reply).decode()


def correction(misfit: Misfit) -> str:
    """What the model is told about a reply that does not fit. The reply's own words are not repeated in it."""
    problems = "\n".join(f"- {problem}" for problem in misfit.problems)
    return (
        f"Your reply does not fit the schema:\n{problems}\nReply again with the whole corrected JSON and nothing else."
    )


def _problems(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    said = [f"{'.'.join(map(str, e['loc'])) or 'the reply'}: {e['msg']}" for e in found[:_PROBLEMS]]
    return said + ([f"and {len(found) - _PROBLEMS} more"] if len(found) > _PROBLEMS else [])
