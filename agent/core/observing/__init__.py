"""What happens while the program works, told to whoever watches: metrics, traces, or nobody. Imports nothing of ours.

    with span("exchange", model="openai/gpt-4.1-mini", number=1) as told:
        ...
        told.note(throttled=True)
    tell("entry", model="openai/gpt-4.1-mini", input_tokens=4012)

    logs.py      log lines, JSON or plain
    metrics.py   Prometheus, through prometheus-client
    traces.py    OpenTelemetry, where the extra `telemetry` is installed

Nothing that anybody said or typed gets out here: not a word of a transcript or a reply, no name of a person or a
customer. Facts are numbers and names that the program gave; a string with white space in it is never passed on.
Ids of calls are the user's own and may name a customer, so they are no facts either; a request's id leads to its call
in the ledger.
"""

import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol

Fact = str | int | float | bool | None

WITHHELD = "(text withheld)"
_NAME = re.compile(r"[A-Za-z0-9(][A-Za-z0-9._:/@+()-]{0,199}")


class Known(str):
    """Text that was written in the source itself, such as the template of a route. It cannot hold anybody's data, so
    it is passed on unchanged."""

    __slots__ = ()


class Watcher(Protocol):
    """Receives what happens: metrics and traces are watchers."""

    def began(self, span: "Span") -> Any:
        """Called when a span begins. The return value is handed to `ended` as `kept`."""
        ...

    def ended(self, span: "Span", kept: Any) -> None:
        """Called when a span ends; `span.error` is set if it failed."""
        ...

    def told(self, name: str, facts: dict[str, Fact]) -> None:
        """Called for an event that takes no time."""
        ...


_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> Callable[[], None]:
    """Register `watcher` for everything from now on. Call the returned function to remove it."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)


def watched() -> bool:
    """Whether there is any watcher. Callers skip building the facts of an event if not."""
    return bool(_watchers)


def tell(name: str, **facts: Fact) -> None:
    """Report an event that takes no time to all watchers."""
    if _watchers:
        shown = {key: shown_value(value) for key, value in facts.items()}
        for watcher in _watchers:
            watcher.told(name, shown)


class Span:
    """A piece of work that takes time, used as a `with` block. `seconds` is set at the end; `error` is the code or
    class of the exception that ended it."""

    __slots__ = ("_began", "_kept", "error", "facts", "name", "seconds")

    def __init__(self, name: str, facts: dict[str, Fact]) -> None:
        self.name, self.error, self.seconds = name, "", 0.0
        self.facts: dict[str, Fact] = {}
        self.note(**facts)

    def note(self, **facts: Fact) -> None:
        """Add facts that became known during the span."""
        if _watchers:
            self.facts.update((key, shown_value(value)) for key, value in facts.items())

    def __enter__(self) -> "Span":
        self._kept = [(watcher, watcher.began(self)) for watcher in _watchers]
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._began
        self.error = "" if error is None else code_of(error)
        for watcher, kept in reversed(self._kept):
            watcher.ended(self, kept)


def span(name: str, **facts: Fact) -> Span:
    """Measure a `with` block and report it to all watchers."""
    return Span(name, facts)


def shown_value(value: object) -> Fact:
    """What may leave the program of `value`: numbers, and names without white space. Of an exception only its code
    or class."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return code_of(value)
    if isinstance(value, Known):
        return value
    # A path may name a call or a rep: whoever logs one says which route it was.
    text = value if isinstance(value, str) else str(value)
    return text if _NAME.fullmatch(text) or not text else WITHHELD


def code_of(error: BaseException) -> str:
    """The code of one of our errors (agent.core.errors), else the class name. Never the message: it may quote what
    somebody said."""
    code = getattr(error, "code", "")
    ours = isinstance(getattr(error, "exit_code", None), int) and isinstance(code, str)
    return code if ours and code else type(error).__name__
