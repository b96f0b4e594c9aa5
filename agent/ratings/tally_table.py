"""The packed rows of a rubric put together: all rated calls as columns.

Putting 100,000 calls together takes half as long as a page may, and the packed rows change once in hundreds of changed
calls: the last tables are kept in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from agent.ratings.tally_rows import Chunk, Key

T = TypeVar("T")

_KEPT = 4  # of a database: two rubrics, each as packed and as of now; 20 MB each for 100,000 calls
_recent: WeakKeyDictionary[Engine, dict[tuple[Hashable, ...], Any]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True, eq=False)
class CallTable:
    """Calls of the chunks `keys`, chunk by chunk. `raters` are by chunk; `calls`, `chunk` (the place of its key), `days`
    (`date.toordinal()`) are by call, `cells` (calls, criteria). Nobody changes the columns: many readers share them."""

    keys: tuple[Key, ...]
    raters: tuple[frozenset[str], ...]
    calls: list[str]
    chunk: NDArray[np.int64]
    days: NDArray[np.int64]
    cells: NDArray[np.uint8]

    @classmethod
    def of(cls, width: int, chunks: Mapping[Key, Chunk]) -> CallTable:
        """`chunks` in the order of their keys; `width` criteria."""
        keys = tuple(sorted(chunks))
        parts = [chunks[key] for key in keys]
        calls = [*chain.from_iterable(part.calls for part in parts)]
        text = "".join(part.cells for part in parts).encode("ascii")
        return cls(
            keys,
            tuple(frozenset(part.raters) for part in parts),
            calls,
            np.repeat(np.arange(len(parts)), [len(part.calls) for part in parts]),
            np.fromiter(chain.from_iterable(part.days for part in parts), dtype=np.int64, count=len(calls)),
            np.frombuffer(text, dtype=np.uint8).reshape(len(calls), width),
        )

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each call stands."""
        return {call: at for at, call in enumerate(self.calls)}

    def at(self, calls: Iterable[str]) -> NDArray[np.int64]:
        """Places of those of `calls` that are here, each once, in order."""
        return np.array(sorted({self.place[call] for call in calls if call in self.place}), dtype=np.int64)

    def part(self, key: Key) -> Chunk | None:
        """One chunk; None where it has no calls."""
        if key not in self.keys:
            return None
        number = self.keys.index(key)
        first, last = np.searchsorted(self.chunk, (number, number + 1)).tolist()
        text, raters = self.cells[first:last].tobytes().decode("ascii"), set(self.raters[number])
        return Chunk(self.cells.shape[1], self.calls[first:last], self.days[first:last].tolist(), text, raters)

    def replaced(self, changed: Iterable[str], fresh: Mapping[Key, Chunk]) -> tuple[CallTable, set[Key]]:
        """Without the calls `changed` and with those of `fresh`, behind others of their chunk; which chunks differ."""
        gone = self.at(changed)
        differ = {self.keys[at] for at in np.unique(self.chunk[gone])} | set(fresh)
        kept = np.ones(len(self.calls), dtype=bool)
        kept[gone] = False
        new = CallTable.of(self.cells.shape[1], fresh)
        keys = sorted({*self.keys, *new.keys})
        number = {key: at for at, key in enumerate(keys)}
        places = [np.array([number[key] for key in one.keys], dtype=np.int64)[one.chunk] for one in (self, new)]
        chunk = np.concatenate([places[0][kept], places[1]])
        order = np.argsort(chunk, kind="stable")
        used, chunk = np.unique(chunk[order], return_inverse=True)
        calls = [*self.calls, *new.calls]
        both = np.concatenate([np.flatnonzero(kept), np.arange(len(self.calls), len(calls))])[order].tolist()
        raters = [dict(zip(one.keys, one.raters, strict=True)) for one in (self, new)]
        left = tuple(keys[at] for at in used)
        table = CallTable(
            left,
            tuple(raters[0].get(key, frozenset()) | raters[1].get(key, frozenset()) for key in left),
            [calls[at] for at in both],
            chunk,
            np.concatenate([self.days, new.days])[both],
            np.concatenate([self.cells, new.cells])[both],
        )
        return table, differ


def at_hand(engine: Engine, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """What was made under `key` for this database lately, or is made now."""
    with _lock:
        found = _recent.setdefault(engine, {}).get(key)
    made: T = make() if found is None else found
    with _lock:
        others = {other: value for other, value in _recent[engine].items() if other != key}
        _recent[engine] = dict([*others.items()][1 - _KEPT :]) | {key: made}
    return made
