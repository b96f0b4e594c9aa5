"""Events: the slice where something happens reports it, and later slices listen.

    tell(space, Happened("call.scored", "call-7", {"criteria": 7}))       where it happens
    @listen(Happened)                                                       in webhooks/listeners.py
    def publish(space: Workspace, event: Happened) -> None: …

Listeners run in the teller's thread, in the order in which they were added, after the change is stored. They stand in
modules called `listeners`, which are found by themselves.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agent.app.slices import modules
from agent.workspace import Workspace

E = TypeVar("E")
_LISTENERS: dict[type[Any], list[Callable[[Workspace, Any], None]]] = defaultdict(list)


@dataclass(frozen=True)
class Happened:
    """Something that other programs may be told of: `kind` (the name that webhooks use), the id of what it is about,
    and `data` with ids and counts only."""

    kind: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)


def listen(kind: type[E]) -> Callable[[Callable[[Workspace, E], None]], Callable[[Workspace, E], None]]:
    """Call the decorated function whenever an event of this class is told."""

    def add(listener: Callable[[Workspace, E], None]) -> Callable[[Workspace, E], None]:
        _LISTENERS[kind].append(listener)
        return listener

    return add


def tell(space: Workspace, event: object) -> None:
    """Call all listeners of this class of events."""
    modules("listeners")
    for listener in _LISTENERS[type(event)]:
        listener(space, event)
