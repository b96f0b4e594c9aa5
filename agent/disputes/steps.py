"""What is to be done next about ratings that reps dispute."""

from dataclasses import dataclass
from datetime import UTC, datetime

from agent.app.steps import RATERS, Step
from agent.app.verb import Who
from agent.core.language import _
from agent.disputes.store import Disputes
from agent.disputes.verbs import dispute_counts
from agent.ratings.results import rubric_of


def disputed_step(who: Who) -> Step | None:
    """Reps were right too often about a criterion; None where they were not."""
    rubric = rubric_of(who)
    marked = [count.name for count in dispute_counts(who.space, rubric) if count.mark] if rubric else []
    if not marked:
        return None
    named = _(" and ").join(f"“{name}”" for name in marked)
    return Step(
        _("Reps were right too often about {named}: calibrate it.", named=named),
        "/calibration",
        _("Calibrate"),
        roles=RATERS,
    )


@dataclass(frozen=True)
class Waiting:
    """Disputes that wait for somebody: those assigned to them (`own`) and those assigned to nobody. `newest` is the id
    of the newest, their own first; `days` how long the oldest has waited."""

    count: int = 0
    own: int = 0
    newest: str = ""
    days: int = 0


def waiting_for(who: Who) -> Waiting:
    """The disputes that wait for `who` and that no blind round keeps from them. Whoever holds the database sees all."""
    rows = who.space.store[Disputes].open_ones(viewer=who.name)
    rows = [row for row in rows if who.scope.local or row.assigned in ("", who.name)]
    if not rows:
        return Waiting()
    own = [row for row in rows if row.assigned and row.assigned == who.name]
    days = int(rows[-1].hours(datetime.now(UTC)) // 24)
    return Waiting(len(rows), len(own), (own or rows)[0].dispute.id, days)
