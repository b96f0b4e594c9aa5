"""A report's part after the scores, from whatever of it the workspace has."""

from typing import Any

from agent.app.telling import Note
from agent.coaching.tracking import tracking_of
from agent.documents.after_scores_page import (
    Part,
    baseline_part,
    criteria_part,
    funnel_part,
    gaps_part,
    learned_part,
    movement_part,
    outcomes_part,
)
from agent.outcomes.funnels import counted_deals, funnels_of
from agent.outcomes.learned import learned_report
from agent.outcomes.links import link_report
from agent.profiles.heat_map import team_heat_map
from agent.profiles.population import BASELINE
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.workspace import Workspace


def report_parts(space: Workspace, note: Note) -> list[Part]:
    """The sections there is data for: nothing without coaching or deals.

    A calibrated rubric's baselines are drawn when they are asked for (`closeread baseline make`), never by a report.
    """
    periods, deals = space.store[CoachingPeriods].all(), counted_deals(space)
    parts: list[Part] = []
    if periods and (rated_season := season(space, note)).baselines:
        heat_map, now = team_heat_map(rated_season, BASELINE), team_heat_map(rated_season)
        parts.append(baseline_part(heat_map.rows(), rated_season.rubric, heat_map.provisional, heat_map.title))
        parts.append(gaps_part(now.gaps, rated_season.rubric, now.title))
        if not rated_season.held_against_baselines:
            note("every coaching cycle was over before the calls of the baselines: nothing is told of movement")
        else:
            tracked = tracking_of(rated_season)
            parts.append(criteria_part(tracked.criteria, rated_season.rubric))
            parts.append(movement_part(tracked.table.rows(), rated_season.rubric, tracked.table.false_moved))
            if deals:
                parts.append(outcomes_part(link_report(rated_season), rated_season.rubric))
                if any(call in rated_season.deals for call in rated_season.frame.calls):
                    parts.append(learned_part(learned_report(rated_season), rated_season.rubric))
    if any(deal.stage for deal in deals):
        parts.append(funnel_part(funnels_of(space, "", note)))
    return parts


def parts_data(parts: list[Part]) -> dict[str, Any]:
    """Each part's sentences and figures as JSON data."""
    return {
        part.id: {"says": list(part.sentences), "rows": [dict(zip(part.columns, r, strict=True)) for r in part.rows]}
        for part in parts
    }
