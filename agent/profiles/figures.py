"""Figures that take too long for a page: computed beside it, kept with the mark of what they rest on, shown "as of".

A figure is about the whole team and the same for everybody who may see the team: it rests on what
counts (`agent.ratings`), in which calls of blind calibration rounds are left out for all. Only
routes for the team may show one.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from agent.app.view import View
from agent.core.errors import CloseReadError
from agent.db.computed import Computed
from agent.db.overview import facts_mark
from agent.profiles.season import Season
from agent.ratings.counted import Counting
from agent.rubrics.model import Rubric
from agent.rubrics.store import RubricStates
from agent.rubrics.views import RubricName
from agent.workspace import Workspace

M = TypeVar("M", bound=BaseModel)
Notes = list[str]
State = Literal["ready", "stale", "computing", "none"]

VERSION = "2"  # part of every key: a change of what is computed makes what was kept useless


class Kept(BaseModel, Generic[M]):
    """What is stored: the figure, or why there is none."""

    at: datetime
    rubric: str
    notes: list[str] = Field(default_factory=list)
    problem: str = ""
    value: M | None = None


@dataclass(frozen=True)
class Figure(Generic[M]):
    """The newest figure there is. `current`: nothing it rests on has changed since. `kept` is None where none was
    computed yet."""

    key: str
    current: bool
    kept: Kept[M] | None


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of figure: its name where it is kept, its shape, and how it is computed."""

    name: str
    shape: type[M]
    compute: Callable[[Workspace, str, Notes], M]


def mark_of(space: Workspace, rubric: str) -> str:
    """A digest of all that any figure on this rubric rests on; to be asked once for all figures of a page. It
    tells nothing of what is stored, so it is the same for everybody. A call whose deal or stage alone was put
    right shows with the next rating."""
    rules = (space.rules.model_dump_json(), repr(space.stages), repr(space.calibration_rule))
    state = space.store[RubricStates].of(rubric)  # the marks stand with every figure
    in_use = f"{state.state} {sorted(state.marks.items())}"
    parts = [*rules, in_use, repr(space.store[Counting].mark(rubric)), *facts_mark(space.store.engine, rubric)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def look(space: Workspace, kind: Kind[M], rubric: str, mark: str = "") -> Figure[M]:
    """What is kept of `kind` for the rubric of that id, without computing anything.
    `mark` is `mark_of` it, if known."""
    key = hashlib.sha256(f"{VERSION}|{kind.name}|{mark or mark_of(space, rubric)}".encode()).hexdigest()
    shape = Kept[kind.shape]  # type: ignore[name-defined]
    body = space.store[Computed].get(_shelf(kind, rubric), key)
    if body is not None:
        return Figure(key, True, shape.model_validate_json(body))
    older = space.store[Computed].newest(_shelf(kind, rubric))
    return Figure(key, False, None if older is None else shape.model_validate_json(older))


def compute(space: Workspace, kind: Kind[M], rubric: str, key: str) -> None:
    """Compute and keep. What the data does not allow is kept as the reason; it changes with the data."""
    notes: Notes = []
    value, problem = None, ""
    try:
        value = kind.compute(space, rubric, notes)
    except CloseReadError as error:
        problem = str(error)
    kept = Kept[kind.shape](  # type: ignore[name-defined]
        at=datetime.now(UTC), rubric=rubric, notes=notes, problem=problem, value=value
    )
    space.store[Computed].put(_shelf(kind, rubric), key, kept.model_dump_json())


def _shelf(kind: Kind[Any], rubric: str) -> str:
    return f"{kind.name} {_shape_mark(kind)} {rubric}".strip()


@lru_cache
def _shape_mark(kind: Kind[Any]) -> str:
    """What another version of the program kept in another shape is not read."""
    return hashlib.sha256(json.dumps(kind.shape.model_json_schema()).encode()).hexdigest()[:8]


def warn_of_missing(season: Season, notes: Notes) -> None:
    """Say who has no baseline, and so is in no figure that needs one."""
    if season.without_baseline:
        notes.append(f"without a baseline, and so in no figure here: {', '.join(season.without_baseline)}")


class FigureView(View):
    """How a figure stands that is computed beside the server. `state`: `ready`; `stale`: something changed since,
    this is the one before and a new one is on its way; `computing`: the first one is on its way, ask again;
    `none`: `problem` says why."""

    rubric: RubricName | None = Field(description="Which rubric it is about; null while there is none.")
    state: State
    as_of: datetime | None = Field(description="When it was computed.")
    problem: str
    notes: list[str]

    @staticmethod
    def now(rubric: Rubric | None, notes: Sequence[str] = ()) -> dict[str, Any]:
        """These fields of a figure that was computed just now."""
        name = None if rubric is None else RubricName.of(rubric)
        return {"rubric": name, "state": "ready", "as_of": datetime.now(UTC), "problem": "", "notes": list(notes)}


def shell_of(figure: Figure[Any], rubric: RubricName | None, trouble: str = "") -> dict[str, Any]:
    """The fields of `FigureView`. `trouble` says why the new figure cannot be worked out. Where there was no
    figure before, none is `stale`."""
    kept = figure.kept
    value = kept.value if kept else None
    state: State = "stale"
    if figure.current:
        state = "none" if value is None else "ready"
    elif value is None:
        state = "none" if trouble else "computing"
    shown = kept if state != "computing" else None
    return {
        "rubric": rubric,
        "state": state,
        "as_of": shown.at if shown else None,
        "problem": shown.problem if shown and figure.current else trouble,
        "notes": shown.notes if shown else [],
    }
