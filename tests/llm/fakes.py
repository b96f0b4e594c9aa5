"""A model for tests, in the place of a provider: first-class, so that nothing needs patching.

    def answer(request: Request[Any]) -> object:
        if request.prompt.startswith("rate_call"):
            return CallRatings(...)          # a value of the reply model,
        if request.draw:
            return {"ratings": []}           # or its data,
        return '{"ratings": ['               # or the text as a model would write it;
                                             # or raise: ReplyTruncated("…"), BudgetExceeded("…")
    model = FakeModel(answer)
    reply = await model.ask(request)
    assert [r.subject for r in model.requests] == ["call-1"]

Text and data are validated like a provider's reply, without re-asks: what does not fit raises `ReplyInvalid`. `answer`
may be async, to wait or to hold requests back. Tokens are estimates (characters / 4), said so in `usage.estimated`.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.llm.model import Reply, Request, Usage, estimate_request_tokens, estimate_tokens
from agent.llm.replies import Misfit, checked, compact
from agent.llm.wire import Completion

T = TypeVar("T", bound=BaseModel)
Answer = BaseModel | dict[str, Any] | str


class FakeModel:
    """Answers with whatever a function makes of the request, and remembers what it was asked (`requests`)."""

    def __init__(self, answer: Callable[[Request[Any]], Answer | Awaitable[Answer]]) -> None:
        self._answer = answer
        self.requests: list[Request[Any]] = []

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The function's answer as a provider's reply."""
        self.requests.append(request)
        given = self._answer(request)
        text = _text(await given if isawaitable(given) else given)
        usage = Usage(
            input_tokens=estimate_request_tokens(request), output_tokens=estimate_tokens(text), estimated=True
        )
        try:
            value, same = checked(request, Completion(text, "stop", "", usage, request.model))
        except Misfit as misfit:
            raise misfit.final() from misfit
        return Reply(value, request.id, same, usage, request.model, "provider", seconds=0.0, asked=request)


def _text(answer: Answer) -> str:
    match answer:
        case str():
            return answer
        case BaseModel():
            return answer.model_dump_json()
        case _:
            return compact(answer)
