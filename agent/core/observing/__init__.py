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
    """Text that stands in the program itself, such as the template of a route: passed on as it is."""

    __slots__ = ()


class Watcher(Protocol):
    """Somebody who is told."""

    def began(self, span: "Span") -> Any:
        """A span begins; what is returned comes back at its end."""
        ...

    def ended(self, span: "Span", kept: Any) -> None:
        """It has ended, well or with `span.error`."""
        ...

    def told(self, name: str, facts: dict[str, Fact]) -> None:
        """Something happened."""
        ...


_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> Callable[[], None]:
    """Tell `watcher` everything from now on, until what is returned is called."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)


def watched() -> bool:
    """Whether anybody listens: callers then build the facts of an event, else they skip it."""
    return bool(_watchers)


def tell(name: str, **facts: Fact) -> None:
    """Something happened."""
    if _watchers:
        shown = {key: shown_value(value) for key, value in facts.items()}
        for watcher in _watchers:
            watcher.told(name, shown)


class Span:
    """Something that takes time. `seconds` is known at its end; `error` is the code or class of what broke it."""

    __slots__ = ("_began", "_kept", "error", "facts", "name", "seconds")

    def __init__(self, name: str, facts: dict[str, Fact]) -> None:
        self.name, self.error, self.seconds = name, "", 0.0
        self.facts: dict[str, Fact] = {}
        self.note(**facts)

    def note(self, **facts: Fact) -> None:
        """Add what has turned out."""
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
    """A span, for one `with`."""
    return Span(name, facts)


def shown_value(value: object) -> Fact:
    """`value` as it may be seen outside: numbers, and names without white space; of an error only what it is."""
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
    """The code of an error of this program (agent.core.errors), the class of any other.
    Never its words: they may quote."""
    code = getattr(error, "code", "")
    ours = isinstance(getattr(error, "exit_code", None), int) and isinstance(code, str)
    return code if ours and code else type(error).__name__
