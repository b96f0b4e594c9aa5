"""Ratings and calls as columns of numbers, so that millions of them are counted without a loop in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agent.core.errors import InputError
from agent.core.scale import Scale

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Codes = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]

STATUSES = ("rated", "not_applicable", "failed")
RATED, NOT_APPLICABLE, FAILED = range(3)


class WithScale(Protocol):
    """A criterion, reduced to what counting needs."""

    @property
    def id(self) -> str: ...
    @property
    def scale(self) -> Scale: ...
    @property
    def weight(self) -> float: ...


@dataclass(frozen=True)
class Measure:
    """What counting needs to know of a criterion. `direction` is -1 for a behavior to avoid, else 1."""

    id: str
    scale: Scale
    direction: Literal[1, -1] = 1

    @classmethod
    def of(cls, criterion: WithScale) -> Measure:
        """The measure of a criterion; a negative weight means a behavior to avoid."""
        return cls(criterion.id, criterion.scale, -1 if criterion.weight < 0 else 1)


@dataclass(frozen=True, eq=False)
class RatingFrame:
    """Ratings as columns of equal length, one rating a call and criterion: the one that counts.

    `rep`, `criterion`, `call` are positions in `reps`, `measures`, `calls`; `day` is `date.toordinal()`; `status` a
    position in `STATUSES`. `value` is read only where the status is rated and must then be a level of the criterion's
    scale. `slot` (made here) is the position of that level in the scale, -1 where not rated.

    Raises `InputError` for columns that do not fit together, a value outside the scale, or two ratings of one
    criterion on one call.
    """

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    calls: Sequence[str]
    rep: Codes
    criterion: Codes
    call: Codes
    day: Codes
    value: Floats
    status: Codes
    slot: NDArray[np.int8] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns = {name: getattr(self, name) for name in ("rep", "criterion", "call", "day", "value", "status")}
        _same_length(columns)
        for name, known in (("rep", self.reps), ("criterion", self.measures), ("call", self.calls)):
            _inside(name, columns[name], len(known))
        _inside("status", self.status, len(STATUSES))
        object.__setattr__(self, "slot", self._slots())
        keys = np.asarray(self.call, dtype=np.int64) * max(len(self.measures), 1) + self.criterion
        keys.sort()
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if len(twice):
            call, criterion = divmod(int(keys[twice[0]]), len(self.measures))
            raise InputError(
                f"call {self.calls[call]} has more than one rating of {self.measures[criterion].id}; "
                "keep the one that counts"
            )

    def __len__(self) -> int:
        return len(self.rep)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Criterion ids, in the order of their codes."""
        return tuple(measure.id for measure in self.measures)

    @classmethod
    def from_columns(
        cls,
        measures: Iterable[Measure],
        *,
        rep: Sequence[str],
        criterion: Sequence[str],
        call: Sequence[str],
        day: Sequence[date],
        value: Sequence[float | None],
        status: Sequence[str],
    ) -> RatingFrame:
        """Encodes names as they stand in a table or store. A value is None, or ignored, if its status is not rated."""
        known = tuple(measures)
        reps, rep_codes = encode(rep)
        calls, call_codes = encode(call)
        return cls(
            reps,
            known,
            calls,
            rep_codes,
            encode_known("criterion", criterion, [m.id for m in known]),
            call_codes,
            ordinals(day),
            np.array([np.nan if v is None else v for v in value], dtype=float),
            encode_known("status", status, STATUSES),
        )

    def chosen(self, calls: Iterable[str]) -> BoolArray:
        """A mark for each known call, true for those named. Unknown names are an `InputError`."""
        marks = np.zeros(len(self.calls), dtype=bool)
        marks[encode_known("call", list(calls), self.calls)] = True
        return marks

    def _slots(self) -> NDArray[np.int8]:
        lowest = np.array([m.scale.lowest for m in self.measures], dtype=float)
        count = np.array([len(m.scale.levels) for m in self.measures], dtype=float)
        rated = np.asarray(self.status) == RATED
        above = np.where(rated, self.value, lowest[self.criterion]) - lowest[self.criterion]
        bad = ~((above >= 0) & (above < count[self.criterion]) & (above == np.floor(above)))
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            measure = self.measures[int(self.criterion[at])]
            raise InputError(
                f"rating {at + 1}: {self.value[at]:g} is not a level of {measure.id} ({measure.scale}: "
                f"{', '.join(map(str, measure.scale.levels))})"
            )
        return np.where(rated, above, -1).astype(np.int8)


@dataclass(frozen=True, eq=False)
class CallFrame:
    """Calls as columns: the rep, the day (`date.toordinal()`) and the stage. Each id occurs once."""

    ids: Sequence[str]
    reps: Sequence[str]
    stages: Sequence[str]
    rep: Codes
    day: Codes
    stage: Codes

    def __post_init__(self) -> None:
        _same_length({"ids": self.ids, "rep": self.rep, "day": self.day, "stage": self.stage})
        _inside("rep", self.rep, len(self.reps))
        _inside("stage", self.stage, len(self.stages))
        if len(set(self.ids)) != len(self.ids):
            raise InputError("a call stands twice in the list of calls; remove one")

    @classmethod
    def from_columns(
        cls, ids: Sequence[str], rep: Sequence[str], day: Sequence[date], stage: Sequence[str]
    ) -> CallFrame:
        """Encodes names as they stand in a manifest; the empty text means that the stage is not known."""
        (reps, rep_codes), (stages, stage_codes) = encode(rep), encode(stage)
        return cls(ids, reps, stages, rep_codes, ordinals(day), stage_codes)

    @classmethod
    def of_ratings(cls, frame: RatingFrame, stage_of: Mapping[str, str] | None = None) -> CallFrame:
        """The calls that the ratings are about, with their stages if they are known.

        Raises `InputError` if ratings of one call name two reps or days.
        """
        rep, day = np.zeros((2, len(frame.calls)), dtype=np.int64)
        rep[frame.call], day[frame.call] = frame.rep, frame.day
        torn = np.flatnonzero((rep[frame.call] != frame.rep) | (day[frame.call] != frame.day))
        if len(torn):
            raise InputError(
                f"call {frame.calls[int(frame.call[torn[0]])]} has ratings of two reps or days; correct one"
            )
        known = stage_of or {}
        stages, stage = encode([known.get(call, "") for call in frame.calls])
        return cls(frame.calls, frame.reps, stages, rep, day, stage)

    def outside(self, windows: IntArray) -> CallFrame:
        """The calls that lie in none of their rep's windows; `windows` (periods, reps, 2) holds day numbers,
        half-open."""
        rep, day = np.asarray(self.rep), np.asarray(self.day)
        inside = ((day >= windows[:, rep, 0]) & (day < windows[:, rep, 1])).any(axis=0)
        kept = np.flatnonzero(~inside)
        ids = [self.ids[at] for at in kept.tolist()]
        return CallFrame(ids, self.reps, self.stages, rep[kept], day[kept], np.asarray(self.stage)[kept])


def encode(names: Iterable[str]) -> tuple[tuple[str, ...], IntArray]:
    """The distinct names in order, and for each given name its position among them."""
    given = list(names)
    known = tuple(sorted(set(given)))
    return known, encode_known("name", given, known)


def encode_known(what: str, names: Sequence[str], known: Sequence[str]) -> IntArray:
    """The positions of `names` in `known`. Raises `InputError` for a name that is not there."""
    index = {name: code for code, name in enumerate(known)}
    try:
        return np.fromiter(map(index.__getitem__, names), dtype=np.int64, count=len(names))
    except KeyError as unknown:
        shown = ", ".join(list(map(str, known))[:8])
        raise InputError(f"{what} {unknown.args[0]!r} is not known; known are: {shown}") from None


def ordinals(days: Iterable[date]) -> IntArray:
    """Dates as day numbers (`date.toordinal()`)."""
    return np.array([day.toordinal() for day in days], dtype=np.int64)


def _same_length(columns: Mapping[str, ArrayLike]) -> None:
    lengths = {name: np.shape(column)[0] for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"columns have different lengths: {lengths}")


def _inside(name: str, codes: Codes, known: int) -> None:
    if len(codes) and not (int(np.min(codes)) >= 0 and int(np.max(codes)) < known):
        raise InputError(f"a code in the column {name} is outside 0 to {known - 1}")
