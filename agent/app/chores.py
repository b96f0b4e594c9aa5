"""Work that the server and the worker repeat all the time, such as sending what is due.

    @chore("server", "worker")
    async def send(space: Workspace) -> None: …

in a slice's module `listeners.py`, which is found by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

from agent.app.slices import modules
from agent.workspace import Workspace

Program = Literal["server", "worker"]
Chore = Callable[[Workspace], Coroutine[Any, Any, None]]
_CHORES: dict[Program, list[Chore]] = defaultdict(list)


def chore(*programs: Program) -> Callable[[Chore], Chore]:
    """Run the decorated function every second or two in these programs; a run starts only after the one before has
    ended."""

    def add(work: Chore) -> Chore:
        for program in programs:
            _CHORES[program].append(work)
        return work

    return add


def chores(program: Program) -> Sequence[Chore]:
    """All chores of a program."""
    modules("listeners")
    return _CHORES[program]
