"""The gateway: instructor asks, openai or litellm sends, tenacity tries again, the pacer says when.

    ask ─ too long? ─▶ InputTooLong
     └▶ instructor.create(response_model=…)    the reply's shape, its validation, the re-ask ─▶ ReplyInvalid
         └▶ _send ─ retries.py: tenacity, the pacer ─▶ ModelUnreachable | ModelRejected
             └▶ providers.py: openai | litellm, one exchange
                 └▶ answers.py, replies.py: what it says ─▶ ModelRefused | ReplyTruncated | ReplyEmpty

A way of asking for the reply that the provider does not take (`response_format: json_schema` at many servers) is
changed for the next one, once and for all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import instructor
from pydantic import BaseModel, ConfigDict, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type

from agent.core.errors import InputTooLong, ModelError
from agent.core.lazy import lazy
from agent.llm.answers import asked_unanswered, check_read_whole
from agent.llm.model import Reply, ReplyMode, Request, Usage, estimate_request_tokens
from agent.llm.providers import LiteLLM, OpenAI, Provider, speaks_openai
from agent.llm.replies import Misfit, bare_json, problems_of, settled, validated
from agent.llm.retries import Retries
from agent.llm.wire import Completion, Endpoint, FormRefused, TimedOut, bind, response_format, with_spent

instructor_errors = lazy("instructor.core.exceptions")
if TYPE_CHECKING:
    import openai
    from openai.types.chat import chat_completion_message_function_tool_call as tool_call
else:
    openai = lazy("openai")
    tool_call = lazy("openai.types.chat.chat_completion_message_function_tool_call")

T = TypeVar("T", bound=BaseModel)

REASKS = 2
_NEXT: Mapping[ReplyMode, ReplyMode] = {"json_schema": "json_object", "tools": "json_object", "json_object": "prompt"}
_log = logging.getLogger(__name__)


class Gateway:
    """Answers requests from one endpoint.

    Safe for any number of requests at once on one event loop. Use it as `async with Gateway(...) as model:`, or call
    `aclose`; connections are pooled in between.
    """

    def __init__(
        self, endpoint: Endpoint | None = None, *, retries: Retries | None = None, reasks: int = REASKS
    ) -> None:
        self._endpoint = endpoint or Endpoint()
        self._retries = retries or Retries()
        self._reasks = reasks
        self._providers: dict[bool, Provider] = {}
        self._creates: dict[ReplyMode, Callable[..., Awaitable[Any]]] = {}
        self._modes: dict[tuple[str, ReplyMode], ReplyMode] = {}
        self._answered: set[tuple[str, str]] = set()

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The validated reply to `request`, its usage summed over all attempts. Raises `ModelError` subclasses only."""
        limit = self._endpoint.context_tokens
        if limit is not None and (tokens := estimate_request_tokens(request)) > limit:
            raise InputTooLong(
                f"{request.model}: {request.subject or 'the input'} takes about {tokens} tokens, "
                f"the model reads {limit}",
                advice=bind("raise context_tokens in its binding if it reads more, or bind a model that does"),
            )
        exchanges = _Exchanges(request, self._reasks)
        try:
            while True:
                mode = self._mode(request)
                try:
                    await self._ask(exchanges, mode)
                except FormRefused as refused:
                    if self._endpoint.reply_fixed or not self._switch_mode(request, mode, refused):
                        raise
                else:
                    return self._warn_if_another_answered(exchanges.reply())
        except ModelError as error:
            with_spent(error, request, exchanges.usage, exchanges.attempts)
            raise

    async def _ask(self, exchanges: _Exchanges, mode: ReplyMode) -> None:
        """Ask, and ask again if the reply does not fit. Raises the `ModelError` that remains."""
        request = exchanges.request
        reply: type[BaseModel] = request.reply
        try:
            await self._create(mode)(
                response_model=_shape(reply),
                max_retries=exchanges.reasking(),
                strict=None,  # as strict as the reply model says itself
                messages=[{"role": m.role, "content": m.content} for m in request.messages],
                exchanges=exchanges,
                reply_mode=mode,
            )
        except instructor_errors.InstructorRetryException as error:
            cause = error.__cause__
            if isinstance(cause, ModelError):
                raise cause from error
            if not isinstance(cause, ValidationError):
                raise (cause or error) from None  # a fault of this program
            raise exchanges.misfit(cause) from error

    async def _send(self, *, exchanges: _Exchanges, reply_mode: ReplyMode, messages: list[Any], **form: Any) -> Any:
        """Called by instructor for each ask and re-ask: exchanges with the provider until one has an answer that is
        not empty."""
        request = exchanges.request
        if reply_mode == "json_schema":
            form = {"response_format": response_format(request)}  # instructor's own says nothing of strict
        elif reply_mode == "prompt":
            del form["response_format"]
        direct = speaks_openai(self._endpoint, request.model)
        if direct not in self._providers:
            self._providers[direct] = OpenAI(self._endpoint, request.model) if direct else LiteLLM(self._endpoint)
        provider = self._providers[direct]
        while True:
            completion = await self._retries.send(
                request, lambda: exchanges.exchange(provider.send(request, messages, form))
            )
            if exchanges.take(completion):
                return _as_openai(completion, reply_mode)

    def _create(self, mode: ReplyMode) -> Callable[..., Awaitable[Any]]:
        if mode not in self._creates:
            logging.getLogger("instructor").setLevel(logging.CRITICAL)  # it logs every failure; ours are raised
            # Mode.JSON for `prompt` as well: MD_JSON takes the last object that it finds in a text, and that may be a
            # draft, or an example of what would have been said otherwise. replies.py reads what stands there alone.
            modes: Mapping[ReplyMode, Any] = {
                "json_schema": instructor.Mode.JSON_SCHEMA,
                "tools": instructor.Mode.TOOLS,
                "json_object": instructor.Mode.JSON,
                "prompt": instructor.Mode.JSON,
            }
            self._creates[mode] = instructor.patch(create=self._send, mode=modes[mode])
        return self._creates[mode]

    def learned(self, model: str) -> dict[str, Any]:
        """Settings to write into the binding of `model`, from what its provider has refused so far."""
        provider = self._providers.get(speaks_openai(self._endpoint, model))
        return provider.refusals.lines(model) if provider else {}

    def _mode(self, request: Request[Any]) -> ReplyMode:
        return self._modes.get((request.model, request.reply_mode), request.reply_mode)

    def _switch_mode(self, request: Request[Any], mode: ReplyMode, refused: FormRefused) -> bool:
        """Switch to another way of asking for the reply, if there is one left. False if there is none."""
        if self._mode(request) != mode:
            return True  # another request found out meanwhile
        after = _NEXT.get(mode)
        if after is None:
            return False
        self._modes[request.model, request.reply_mode] = after
        _log.warning("%s; asked with reply: %s from now on: write that in the binding", refused, after)
        return True

    def _warn_if_another_answered(self, reply: Reply[T]) -> Reply[T]:
        """Returns `reply`; warns once if its answer names another model than the one asked for."""
        asked, answered = reply.asked.model, reply.model
        if (asked, answered) not in self._answered:
            self._answered.add((asked, answered))
            bare, said = asked.rpartition("/")[2].lower(), answered.rpartition("/")[2].lower()
            if bare not in said and said not in bare and not asked.startswith("azure/"):  # there it names a deployment
                _log.warning("%s was asked, and %s answered: the server goes by another name or model", asked, answered)
        return reply

    async def aclose(self) -> None:
        """Close pooled connections; asking again opens new ones."""
        for provider in self._providers.values():
            await provider.aclose()
        self._providers.clear()

    async def __aenter__(self) -> Gateway:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@cache
def _shape(reply: type[BaseModel]) -> type[BaseModel]:
    """What instructor asks for in place of `reply`, built once: instructor would build a class and a schema for every
    request.

    It has the schema and the checks of `reply` and none of its fields, since instructor walks through all of them four
    times a request. Its errors leave out what the model wrote, because they are sent back to it as instructions.
    """
    schema = reply.model_json_schema()
    quiet: Any = type(reply.__name__, (reply,), {"model_config": ConfigDict(hide_input_in_errors=True)})

    class Shape(instructor.OpenAISchema):  # type: ignore[misc]
        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            return schema

        @classmethod
        def model_validate_json(cls, text: str, **_: Any) -> Any:
            quiet.model_validate_json(text)
            return cls.model_construct()

    Shape.__name__, Shape.__doc__ = reply.__name__, reply.__doc__
    return Shape


def _as_openai(completion: Completion, mode: ReplyMode) -> Any:
    """`completion` in the types that instructor reads. Token usage is counted by us, as far as it is known."""
    blank = _blank()
    text = bare_json(completion.text)
    calls: Any = None
    if mode == "tools":
        ident, name = completion.call or ("call_1", "reply")
        function = tool_call.Function.model_construct(name=name, arguments=text)
        calls = [
            tool_call.ChatCompletionMessageFunctionToolCall.model_construct(
                id=ident, type="function", function=function
            )
        ]
    message = blank.choices[0].message.model_copy(update={"content": None if calls else text, "tool_calls": calls})
    choice = blank.choices[0].model_copy(update={"message": message})
    return blank.model_copy(update={"choices": [choice], "model": completion.model})


@cache
def _blank() -> openai.types.chat.ChatCompletion:
    """The object that is copied for each answer. It has a usage, because instructor would otherwise look for another
    vendor's package each time."""
    message = {"role": "assistant", "content": ""}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    about = {"id": "", "object": "chat.completion", "created": 0, "model": ""}
    return openai.types.chat.ChatCompletion.model_validate({**about, "choices": [choice], "usage": usage})


@dataclass
class _Reasks:
    """How many more times a request may be asked again."""

    left: int

    def spend(self) -> bool:
        """Use up one re-ask; False if none is left."""
        self.left -= 1
        return self.left >= 0


class _Exchanges:
    """One request with its re-asks, and the tokens and attempts of all of them."""

    def __init__(self, request: Request[Any], reasks: int) -> None:
        self.request = request
        self.usage = Usage()
        self.attempts = 0
        self._reasks, self._began = _Reasks(reasks), 0.0
        self._last: Completion | None = None

    def reasking(self) -> AsyncRetrying:
        """The retry policy handed to instructor: as many re-asks as are left."""
        reasks = (
            self._reasks
        )  # not self: tenacity's objects refer to each other and stay until the garbage collector comes
        return AsyncRetrying(
            stop=lambda _: not reasks.spend(), retry=retry_if_exception_type(ValidationError), reraise=True
        )

    async def exchange(self, sending: Awaitable[Completion]) -> Completion:
        """Send once and count the attempt."""
        self.attempts += 1
        self._began = time.perf_counter()
        try:
            return await sending
        except TimedOut:
            self.usage += asked_unanswered(self.request)
            raise

    def take(self, completion: Completion) -> bool:
        """Add up what an answer cost. False for an empty answer, which is to be sent again."""
        self.usage += completion.usage
        self._last = completion
        settled(self.request, completion)
        check_read_whole(self.request, completion)
        if completion.text.strip():
            return True
        if self._reasks.spend():
            return False
        raise Misfit(self.request, []).final()

    def misfit(self, cause: ValidationError) -> ModelError:
        """The error for a reply that does not fit when no re-ask is left."""
        assert self._last is not None
        return Misfit(self.request, problems_of(cause), self._last.text).final()

    def reply(self) -> Reply[Any]:
        """The reply to the request. `seconds` is the duration of the last exchange, without waits and earlier
        exchanges."""
        assert self._last is not None
        value, text = validated(self.request, self._last.text)
        return Reply(
            value=value,
            request=self.request.id,
            text=text,
            usage=self.usage,
            model=self._last.model,
            source="provider",
            seconds=time.perf_counter() - self._began,
            attempts=self.attempts,
            asked=self.request,
        )
