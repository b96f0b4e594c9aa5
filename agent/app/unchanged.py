"""What was worked out of the whole workspace, kept as long as nothing in it changes: what stands on every page
is not worked out for each."""

import os
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from agent.app.verb import Who
from agent.core.language import current
from agent.db.database import state_mark

R = TypeVar("R")
_LONGEST = 60  # seconds: how long something has waited is told in days


@dataclass
class _Kept:
    mark: object
    values: dict[Hashable, Any] = field(default_factory=dict)


_KEPT: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def _files(folder: Path) -> list[tuple[str, int, int]]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as found:
        return sorted((one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in found)


def while_unchanged(who: Who, name: Hashable, make: Callable[[], R]) -> R:
    """What `make` gave for `who` when it was last asked for by this name; made anew after anything was committed to the
    database, by whatever process, after a change of the configuration, and after a minute.

    At the command line it is made each time: a command asks once.
    """
    if who.scope.local:
        return make()
    base = who.base
    mark = (
        state_mark(base.store.engine),
        _files(base.settings.workspace / "config"),
        base.settings,
        base.model,
        time.time() // _LONGEST,
    )
    kept = _KEPT.get(base.store.engine)
    if kept is None or kept.mark != mark:
        kept = _KEPT[base.store.engine] = _Kept(mark)
    asked = (name, who.scope, who.token, who.person.id if who.person else "", current())
    if asked not in kept.values:
        kept.values[asked] = make()
    return cast(R, kept.values[asked])
