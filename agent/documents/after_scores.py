"""A report's part after the scores, from whatever of it the workspace has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.coaching.store import Coaching
from agent.outcomes.store import Deals
from agent.profiles.store_baselines import Baselines

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.documents.after_scores_page import Part
    from agent.profiles.season import Loaded
    from agent.workspace import Workspace


def report_parts(space: Workspace, note: Note, viewer: str = "") -> list[Part]:
    """The sections there is data for: nothing without coaching or deals.

    A calibrated rubric's baselines are drawn when they are asked for (`closeread baseline make`), never by a report.
    """
    from agent.documents.after_scores_page import (
        baseline_part,
        funnel_part,
        gaps_part,
        movement_part,
        outcomes_part,
    )

    store = space.store
    periods, deals = store[Coaching].periods(), store[Deals].all()
    parts: list[Part] = []
    if periods and (loaded := _with_baselines(space, note, viewer)) is not None:
        from agent.coaching.tracking import tracking_of
        from agent.profiles.baselines import profiles_of
        from agent.profiles.gaps import gap_report
        from agent.profiles.season import baselines

        recorded = baselines(space, loaded)
        rows = profiles_of(space, loaded, recorded).rows()
        parts.append(baseline_part(rows, loaded.rubric, [b.rep for b in recorded if b.provisional]))
        parts.append(gaps_part(gap_report(space, loaded, recorded)))
        found = tracking_of(space, note, loaded.rubric.id, viewer)
        parts.append(movement_part(found.table.rows(), loaded.rubric, found.table.false_moved))
        if deals:
            from agent.outcomes.verbs import outcome_report_of

            parts.append(outcomes_part(outcome_report_of(space, loaded, recorded)))
    if any(deal.stage for deal in deals):
        from agent.outcomes.funnels import team_funnel

        parts.append(funnel_part(*team_funnel(space)))
    return parts


def _with_baselines(space: Workspace, note: Note, viewer: str) -> Loaded | None:
    from agent.profiles.season import load, rubric_in_use

    rubric = rubric_in_use(space)
    if not space.store[Baselines].current(rubric.id):
        return None
    return load(space, note, rubric.id, viewer=viewer)


def parts_data(parts: list[Part]) -> dict[str, Any]:
    """As JSON data: each part's sentences and figures."""
    return {
        part.id: {"says": list(part.sentences), "rows": [dict(zip(part.columns, r, strict=True)) for r in part.rows]}
        for part in parts
    }
