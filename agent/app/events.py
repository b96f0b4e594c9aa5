"""What one subject has to tell others: the slice where something happens tells, and later slices listen.

    tell(space, CallScored(call="call-7", …))          where it happens
    @listen(CallScored)                                 in webhooks, messages, …
    def send(space: Workspace, event: CallScored) -> None: …

Listeners run in the teller's thread, in the order in which they were added, after the change is stored. A slice that
listens is imported by `main` and `server`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from agent.workspace import Workspace

E = TypeVar("E")
_LISTENERS: dict[type[Any], list[Callable[[Workspace, Any], None]]] = defaultdict(list)


def listen(kind: type[E]) -> Callable[[Callable[[Workspace, E], None]], Callable[[Workspace, E], None]]:
    """Call the decorated function whenever an event of this class is told."""

    def add(listener: Callable[[Workspace, E], None]) -> Callable[[Workspace, E], None]:
        _LISTENERS[kind].append(listener)
        return listener

    return add


def tell(space: Workspace, event: object) -> None:
    """Tell everybody who listens to events of this class."""
    for listener in _LISTENERS[type(event)]:
        listener(space, event)
