"""Which rubric is in use: the one that calls are scored against, and that every figure is about, unless one is named.

The deployed one; where none is deployed the newest that is calibrated; else the newest against which calls are rated,
before others one that has every criterion people are coached on; else the newest. A newer draft never takes over by
itself: it is named, or it is deployed.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection, select

from agent.app.verb import Who
from agent.core.errors import NotFound
from agent.core.language import N_, _
from agent.db.schema import coaching, rubric_states, rubrics
from agent.db.schema_counting import counting
from agent.db.store import Store
from agent.rubrics.model import Mark, Rubric, marked_in_words
from agent.rubrics.store import Rubrics, RubricStates

Why = Literal["named", "deployed", "calibrated", "rated", "newest"]
_WHY: dict[Why, str] = {
    "named": N_("rubric {label}, the one asked for"),
    "deployed": N_("rubric {label}, which is deployed"),
    "calibrated": N_("rubric {label}, the newest that is calibrated; none is deployed"),
    "rated": N_("rubric {label}, the newest with ratings; none is calibrated or deployed"),
    "newest": N_("rubric {label}, the newest; nothing is rated yet"),
}


@dataclass(frozen=True)
class InUse:
    """A rubric and why it is the one. `others`: how many more there are; `newer`: a later one that nobody deployed;
    `marks`: its criteria in use that are not calibrated."""

    rubric: Rubric
    why: Why
    others: int = 0
    newer: Rubric | None = None
    marks: dict[str, Mark] = field(default_factory=dict)

    def __str__(self) -> str:
        """One sentence without its full stop; it stands with every figure, and so do the marks."""
        said = _(_WHY[self.why], label=self.rubric.label)
        return "; ".join([said, *marked_in_words(self.marks)])

    @property
    def newer_words(self) -> str:
        """What to add if a later version waits; empty if none does."""
        newer = self.newer if self.why != "named" else None
        return _("; {label} is newer and not in use", label=newer.label) if newer else ""


def in_use(store: Store, reference: str = "") -> InUse:
    """The rubric `reference` names (id or label), or the one in use. NotFound where there is none."""
    in_use = _in_use(store, reference)
    return replace(in_use, marks=store[RubricStates].marks(in_use.rubric.id))


def in_use_of(who: Who) -> InUse:
    """The one in use, looked up once for one answer."""
    return who.keep("rubric in use", lambda: in_use(who.space.store))


def _in_use(store: Store, reference: str) -> InUse:
    if reference:
        return InUse(store[Rubrics].get(reference), "named")
    known = [stored.rubric for stored in reversed(store[Rubrics].all())]
    if not known:
        return InUse(store[Rubrics].newest(), "newest")  # says how to make the first one
    with store.engine.connect() as connection:
        rubric, why = _chosen(connection, known)
    later = known[: known.index(rubric)]
    return InUse(rubric, why, len(known) - 1, later[0] if later else None)


def rubric_in_use(store: Store, reference: str = "") -> Rubric:
    """The rubric of `in_use`, without the reason."""
    return in_use(store, reference).rubric


def in_use_id(store: Store, reference: str = "") -> str:
    """The id of the rubric in use; empty if there is no rubric and none is named."""
    try:
        return in_use(store, reference).rubric.id
    except NotFound:
        if reference:
            raise
        return ""


def _chosen(connection: Connection, newest_first: list[Rubric]) -> tuple[Rubric, Why]:
    by_id = {rubric.id: rubric for rubric in newest_first}
    rows = connection.execute(select(rubric_states.c.rubric, rubric_states.c.body).order_by(rubric_states.c.seq))
    state = {ident: json.loads(body)["state"] for ident, body in rows}
    for wanted in ("deployed", "calibrated"):
        for ident, rubric in by_id.items():
            if state.get(ident) == wanted:
                return rubric, wanted
    has_ratings = select(counting.c.seq).where(counting.c.rubric == rubrics.c.id).exists()
    rated = set(connection.execute(select(rubrics.c.id).where(has_ratings)).scalars())
    bodies = connection.execute(select(coaching.c.body)).scalars()
    coached = {criterion for body in bodies for criterion in json.loads(body)["criteria"]}
    with_ratings = [rubric for rubric in newest_first if rubric.id in rated]
    fitting = [rubric for rubric in with_ratings if coached <= {criterion.id for criterion in rubric.criteria}]
    for rubric in (*fitting, *with_ratings):
        return rubric, "rated"
    return newest_first[0], "newest"
