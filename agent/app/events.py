"""What one subject has to tell others: the slice where something happens tells, and later slices listen.

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
    """What other programs may hear of: `kind` (as webhooks name it), the id of what it is about, and `data` of ids and
    counts only."""

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
    """Tell everybody who listens to events of this class."""
    modules("listeners")
    for listener in _LISTENERS[type(event)]:
        listener(space, event)
