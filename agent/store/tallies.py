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

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from agent.domain.coaching import Baseline, CoachingPeriod
from agent.domain.people import Scope
from agent.domain.rubric import Rubric
from agent.errors import InputError
from agent.store import blindness
from agent.store.baselines import Baselines
from agent.store.coaching import Coaching
from agent.store.rating_columns import counting
from agent.store.schema import ratings
from agent.store.schema_tallies import tallies, tally_touched
from agent.store.tally_rows import Chunk, Key, Mark, keep, marked, settled

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
        keep(self._engine, rubric.id, loaded.before, loaded.top, {key: loaded.chunks.get(key) for key in loaded.keys})


@dataclass(eq=False)
class _Loaded:
    """`chunks` as they should be, `keys` of those that differ from what is stored, `changed` calls."""

    chunks: dict[Key, Chunk]
    keys: set[Key]
    changed: int
    before: Mark | None
    top: Mark


def _load(connection: Connection, rubric: Rubric) -> _Loaded:
    before = marked(connection, rubric.id)  # before the rows: they are then as new as the mark, or newer
    if before is None:
        chunks = _packed(connection, rubric, None)
        return _Loaded(chunks, set(chunks), sum(len(c.calls) for c in chunks.values()), None, _top(connection, rubric))
    stored = tallies.c
    rows = connection.execute(select(stored.rep, stored.quarter, stored.body).where(stored.rubric == rubric.id))
    chunks = {(rep, quarter): Chunk.of(body) for rep, quarter, body in rows}
    top = _top(connection, rubric, before)
    changed = _changed(connection, rubric, before)
    keys = {key for key, chunk in chunks.items() if chunk.without(changed)} if changed else set()
    fresh = _packed(connection, rubric, changed) if changed else {}
    for key, chunk in fresh.items():
        chunks[key] = chunks[key].plus(chunk) if key in chunks else chunk
    empty = {key for key in keys if not chunks[key].calls}
    for key in empty:
        del chunks[key]
    return _Loaded(chunks, keys | set(fresh), len(changed), before, top)


def _top(connection: Connection, rubric: Rubric, before: Mark | None = None) -> Mark:
    """The numbers of the last rating and the last note, and when the newest rating against the rubric was given."""
    c = ratings.c
    since = Mark(0, 0, "") if before is None else before
    seq = connection.execute(select(c.seq).order_by(c.seq.desc()).limit(1)).scalar() or 0
    touched = connection.execute(select(tally_touched.c.seq).order_by(tally_touched.c.seq.desc()).limit(1)).scalar()
    newest = select(c.at, c.rubric).where(c.seq > since.seq).order_by(c.seq.desc())
    with connection.execute(newest, execution_options={"yield_per": 100}) as rows:
        at = next((at for at, of in rows if of == rubric.id), "")
    return Mark(seq, touched or 0, max(at, since.at))


def _changed(connection: Connection, rubric: Rubric, before: Mark) -> set[str]:
    c = ratings.c
    # The rubric is compared here: told of it, SQLite would walk through all of the rubric's ratings by index.
    rows = connection.execute(select(c.call, c.rubric).where(c.seq > before.seq))
    changed = {call for call, of in rows if of == rubric.id}
    touched = select(tally_touched.c.call).where(tally_touched.c.seq > before.touched)
    return changed | set(connection.execute(touched).scalars())


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
    chunks = sorted(loaded.chunks.items(), key=lambda pair: pair[0])
    calls = [call for _, chunk in chunks for call in chunk.calls]
    days = [day for _, chunk in chunks for day in chunk.days]
    kept = np.array([call not in running for call in calls], dtype=bool) if running else np.ones(len(calls), dtype=bool)
    sizes = [len(chunk.calls) for _, chunk in chunks]
    owner = np.repeat(np.arange(len(chunks)), sizes)[kept]
    names = [rep for (rep, _), _ in chunks]
    reps = tuple(sorted({names[int(at)] for at in np.unique(owner)}))
    rep_at = {rep: at for at, rep in enumerate(reps)}
    of_chunk = np.array([rep_at.get(name, -1) for name in names], dtype=np.int64)
    text = "".join(chunk.cells for _, chunk in chunks).encode("ascii")
    cells = np.frombuffer(text, dtype=np.uint8).reshape(len(calls), len(rubric.criteria))
    rests_on = {call for baseline in recorded for call in baseline.calls}
    left = Counter(running[call] for call in calls if call in running) if running else Counter[int]()
    shown = [call for call in calls if call not in running] if running else calls
    return CallCells(
        reps=reps,
        criteria=tuple(criterion.id for criterion in rubric.criteria),
        calls=shown,
        rep=of_chunk[owner],
        day=np.array(days, dtype=np.int64)[kept],
        cells=cells[kept],
        in_baseline=np.array([call in rests_on for call in shown], dtype=bool),
        baselines=tuple(baseline for baseline in recorded if baseline.rep in rep_at),
        periods=tuple(period for period in periods if period.rep in rep_at),
        raters=frozenset(rater for _, chunk in chunks for rater in chunk.raters),
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
