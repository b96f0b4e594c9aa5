"""What is to be done next about ratings that reps dispute."""

from __future__ import annotations

from agent.app.steps import RATERS, Step
from agent.app.verb import Who
from agent.disputes.model import DisputeFilters
from agent.disputes.store import Disputes
from agent.disputes.verbs import dispute_counts


def disputed_step(who: Who) -> Step | None:
    """Reps were right too often about a criterion; None where they were not."""
    marked = [count.name for count in dispute_counts(who.space) if count.mark]
    if not marked:
        return None
    named = " and ".join(f"“{name}”" for name in marked)
    return Step(f"Reps were right too often about {named}: calibrate it.", "/calibration", "Calibrate", roles=RATERS)


def newest_open(who: Who) -> str:
    """The id of the newest dispute that waits for an answer and that a blind round does not keep from `who`."""
    rows = who.space.store[Disputes].page(DisputeFilters("open"), None, 1, viewer=who.name).rows
    return rows[0].dispute.id if rows else ""
