"""What counts on every call, packed by rep and quarter and kept up to date on reading.

A read takes the packed rows and counts anew only the calls that changed since: those with a rating of a higher number
than the mark, and those that triggers noted. Writers pay nothing. Once much has changed the packed rows are written
anew; a page never rests on them alone, so it does not matter who does that, and when.

Calls of a calibration round that is not closed are taken out at every read, for whoever looks: nothing that is read
here tells of them, so there is no look to log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from agent.coaching.model import Baseline, CoachingPeriod
from agent.coaching.store import Coaching
from agent.core.errors import InputError
from agent.core.people import Scope
from agent.db import blindness
from agent.db.schema import ratings
from agent.db.schema_tallies import tallies, tally_touched
from agent.profiles.store_baselines import Baselines
from agent.ratings.columns import counting
from agent.ratings.tally_rows import Chunk, Key, Mark, keep, marked, settled
from agent.ratings.tally_table import CallTable, at_hand
from agent.rubrics.model import Rubric

_AT_ONCE = 500  # calls in one query
_ALL_AGAIN = 20_000  # changed calls from which reading all is quicker than asking for each
_WORTH_WRITING = 500  # changed calls
NONE, NOT_APPLICABLE, FAILED = b".nf"  # the marks of cells without a level; a level is its digit


@dataclass(frozen=True)
class LeftOut:
    """Calls that are in no figure because their round is not closed."""

    round: int
    calls: int

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.calls} calls are left out until calibration round {self.round} is closed"


@dataclass(frozen=True, eq=False)
class CallCells:
    """What counts on each call. `rep` and `day` (`date.toordinal()`) are (calls,), `cells` (calls, criteria) holds the
    digit of the level, `n` for not applicable, `f` for failed, `.` for no rating. `in_baseline` marks the calls that
    a recorded baseline rests on.

    For a rep all other reps are numbered, without calls' and reps' names: an own verdict needs the team's spread.
    """

    reps: tuple[str, ...]
    criteria: tuple[str, ...]
    calls: list[str]
    rep: NDArray[np.int64]
    day: NDArray[np.int64]
    cells: NDArray[np.uint8]
    in_baseline: NDArray[np.bool_]
    baselines: tuple[Baseline, ...]
    periods: tuple[CoachingPeriod, ...]
    raters: frozenset[str]
    left_out: tuple[LeftOut, ...]
    as_of: str


class Tallies:
    """Reads what counts, for pages."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def profile_counts(self, rubric: Rubric) -> CallCells:
        """What counts against `rubric`, as of the newest rating. `as_of` is empty where there is none."""
        with self._engine.connect() as connection:
            loaded = _load(connection, rubric)
            running = {call: found.number for call, found in blindness.running_rounds(connection).items()}
        if loaded.changed >= _WORTH_WRITING:
            self._keep(rubric, loaded)
        everything = Scope.everything()
        recorded = Baselines(self._engine, everything).current(rubric.id)
        periods = Coaching(self._engine, everything).periods()
        found = _cells(rubric, loaded, running, recorded, periods)
        return found if self._scope.only_rep is None else _numbered(found, self._scope.only_rep)

    def refresh(self, rubric: Rubric) -> int:
        """Write packed rows anew where calls have changed; returns how many calls. For a nightly job, or after an
        import."""
        with self._engine.connect() as connection:
            loaded = _load(connection, rubric)
        if loaded.changed:
            self._keep(rubric, loaded)
        return loaded.changed

    def _keep(self, rubric: Rubric, loaded: _Loaded) -> None:
        if self._engine.dialect.name == "postgresql":
            # Numbers are given out before they are committed: a mark needs that nothing below it is still on its way.
            top = settled(self._engine)
            if top is None:
                return  # writers are busy; the next read tries again
            with self._engine.connect() as connection:
                loaded = _load(connection, rubric)
            loaded.top = Mark(top.seq, top.touched, loaded.top.at)
        keep(self._engine, rubric.id, loaded.before, loaded.top, {key: loaded.table.part(key) for key in loaded.keys})


@dataclass(eq=False)
class _Loaded:
    """`table` as it should be, `keys` of the chunks that differ from what is stored, `changed` calls."""

    table: CallTable
    keys: set[Key]
    changed: int
    before: Mark | None
    top: Mark


def _load(connection: Connection, rubric: Rubric) -> _Loaded:
    ident, width = rubric.id, len(rubric.criteria)
    before = marked(connection, ident)  # before the rows: they are then as new as the mark, or newer
    if before is None:
        table = CallTable.of(width, _packed(connection, rubric, None))
        return _Loaded(table, set(table.keys), len(table.calls), None, _top(connection, ident))

    def read() -> CallTable:
        stored = tallies.c
        rows = connection.execute(select(stored.rep, stored.quarter, stored.body).where(stored.rubric == ident))
        return CallTable.of(width, {(rep, quarter): Chunk.of(body) for rep, quarter, body in rows})

    # What a mark stands for never changes: numbers of notes are given out once, and whatever is deleted is noted. What
    # came behind it is told by how much that is: rows are only added.
    table = at_hand(connection.engine, (ident, before), read)
    top = _top(connection, ident, before)
    rated, touched = _behind(connection, before)
    changed = {call for call, of in rated if of == ident} | set(touched)
    if not changed:
        return _Loaded(table, set(), 0, before, top)
    now = (ident, before, len(rated), len(touched))
    replaced = at_hand(connection.engine, now, lambda: table.replaced(changed, _packed(connection, rubric, changed)))
    return _Loaded(*replaced, len(changed), before, top)


def _top(connection: Connection, rubric: str, before: Mark | None = None) -> Mark:
    """The numbers of the last rating and the last note, and when the newest rating against the rubric was given."""
    c = ratings.c
    since = Mark(0, 0, "") if before is None else before
    seq = connection.execute(select(c.seq).order_by(c.seq.desc()).limit(1)).scalar() or 0
    touched = connection.execute(select(tally_touched.c.seq).order_by(tally_touched.c.seq.desc()).limit(1)).scalar()
    newest = select(c.at, c.rubric).where(c.seq > since.seq).order_by(c.seq.desc())
    with connection.execute(newest, execution_options={"yield_per": 100}) as rows:
        at = next((at for at, of in rows if of == rubric), "")
    return Mark(seq, touched or 0, max(at, since.at))


def _behind(connection: Connection, before: Mark) -> tuple[Sequence[Any], Sequence[str]]:
    """Call and rubric of every rating behind the mark, and the call of every note."""
    c = ratings.c
    # The rubric is compared later: told of it, SQLite would walk through all of the rubric's ratings by index.
    rated = connection.execute(select(c.call, c.rubric).where(c.seq > before.seq)).all()
    notes = connection.execute(select(tally_touched.c.call).where(tally_touched.c.seq > before.touched))
    return rated, notes.scalars().all()


def _packed(connection: Connection, rubric: Rubric, only: Iterable[str] | None) -> dict[Key, Chunk]:
    """What counts on the calls `only` (None: on all) as it stands now."""
    calls = None if only is None else sorted(only)
    if calls is None or len(calls) > _ALL_AGAIN:
        return _chunks(connection, rubric, None, None if calls is None else set(calls))
    chunks: dict[Key, Chunk] = {}
    for start in range(0, len(calls), _AT_ONCE):
        for key, chunk in _chunks(connection, rubric, calls[start : start + _AT_ONCE], None).items():
            chunks[key] = chunks[key].plus(chunk) if key in chunks else chunk
    return chunks


def _chunks(
    connection: Connection, rubric: Rubric, asked: Sequence[str] | None, wanted: set[str] | None
) -> dict[Key, Chunk]:
    """Read for the calls `asked` (None: for all), kept for those `wanted` (None: for all read)."""
    names = [criterion.id for criterion in rubric.criteria]
    found = counting(connection, rubric.id, names, asked)
    cells = _marks(found.status, found.value)
    table = np.full((len(found.calls), len(names)), NONE, dtype=np.uint8)
    table[found.call, found.criterion] = cells
    by_call: dict[int, set[str]] = {}
    for at in np.unique(found.call * len(found.raters) + found.rater) if len(found.call) else ():
        call, rater = divmod(int(at), len(found.raters))
        by_call.setdefault(call, set()).add(found.raters[rater])
    rated: dict[Key, list[int]] = {}
    for at in by_call:
        if wanted is None or found.calls[at] in wanted:
            day = found.days[at]
            rated.setdefault((found.reps[at], f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"), []).append(at)
    ordinal = {day: date.fromisoformat(day).toordinal() for day in set(found.days)}
    return {
        key: Chunk(
            len(names),
            [found.calls[at] for at in own],
            [ordinal[found.days[at]] for at in own],
            table[own].tobytes().decode("ascii"),
            set().union(*(by_call[at] for at in own)),
        )
        for key, own in rated.items()
    }


def _marks(status: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.uint8]:
    rated = status == 0
    if not np.isin(value[rated], range(10)).all():
        raise InputError("a stored rating has a value that is no level of any scale; correct it where it is from")
    level = np.where(rated, np.nan_to_num(value), 0).astype(np.uint8) + ord("0")
    return np.where(rated, level, np.where(status == 1, NOT_APPLICABLE, FAILED)).astype(np.uint8)


def _cells(
    rubric: Rubric,
    loaded: _Loaded,
    running: dict[str, int],
    recorded: Sequence[Baseline],
    periods: Sequence[CoachingPeriod],
) -> CallCells:
    table = loaded.table
    hidden = table.at(running)
    kept = np.ones(len(table.calls), dtype=bool)
    kept[hidden] = False
    owner, shown = table.chunk[kept], list(table.calls)
    for at in reversed(hidden.tolist()):
        del shown[at]
    names = [rep for rep, _ in table.keys]
    reps = tuple(sorted({names[int(at)] for at in np.unique(owner)}))
    rep_at = {rep: at for at, rep in enumerate(reps)}
    of_chunk = np.array([rep_at.get(name, -1) for name in names], dtype=np.int64)
    in_baseline = np.zeros(len(table.calls), dtype=bool)
    in_baseline[table.at(call for baseline in recorded for call in baseline.calls)] = True
    left = Counter(running[table.calls[at]] for at in hidden.tolist())
    return CallCells(
        reps=reps,
        criteria=tuple(criterion.id for criterion in rubric.criteria),
        calls=shown,
        rep=of_chunk[owner],
        day=table.days[kept],
        cells=table.cells[kept],
        in_baseline=in_baseline[kept],
        baselines=tuple(baseline for baseline in recorded if baseline.rep in rep_at),
        periods=tuple(period for period in periods if period.rep in rep_at),
        raters=frozenset().union(*table.raters),
        left_out=tuple(LeftOut(number, count) for number, count in sorted(left.items())),
        as_of=loaded.top.at,
    )


def _numbered(found: CallCells, own: str) -> CallCells:
    """Other reps without their names and calls."""
    name = {rep: rep if rep == own else f"({at + 1})" for at, rep in enumerate(found.reps)}
    mine = np.array([rep == own for rep in found.reps], dtype=bool)
    return replace(
        found,
        reps=tuple(name[rep] for rep in found.reps),
        calls=[call if is_mine else "" for call, is_mine in zip(found.calls, mine[found.rep].tolist(), strict=True)],
        baselines=tuple(
            b if b.rep == own else b.model_copy(update={"rep": name[b.rep], "calls": ("",) * len(b.calls), "by": ""})
            for b in found.baselines
        ),
        periods=tuple(p if p.rep == own else p.model_copy(update={"rep": name[p.rep]}) for p in found.periods),
    )
