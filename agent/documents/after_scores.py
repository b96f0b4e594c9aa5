"""A report's part after the scores, from whatever of it the workspace has."""

from typing import Any

from agent.app.documents.part import Part
from agent.app.telling import Note
from agent.coaching.parts import criteria_part, movement_part
from agent.coaching.tracking import tracking_of
from agent.core.direction import Direction
from agent.outcomes.funnels import counted_deals, funnels_of
from agent.outcomes.learned import learned_report
from agent.outcomes.links import link_report
from agent.outcomes.parts import funnel_parts, learned_part, links_part
from agent.outcomes.views import FunnelsView, LearnedView, LinksView
from agent.profiles.heat_map import team_heat_map
from agent.profiles.parts import baseline_part, gaps_part
from agent.profiles.population import BASELINE
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import gaps_of
from agent.workspace import Workspace


def report_parts(space: Workspace, note: Note) -> list[Part]:
    """The sections there is data for: nothing without coaching or deals.

    A calibrated rubric's baselines are drawn when they are asked for (`closeread baseline make`), never by a report.
    """
    periods, deals = space.store[CoachingPeriods].all(), counted_deals(space)
    parts: list[Part] = []
    if periods and (rated_season := season(space, note)).baselines:
        heat_map, words = team_heat_map(rated_season, BASELINE), Direction.by_id(rated_season.rubric.criteria)
        parts.append(baseline_part(heat_map.rows(), rated_season.rubric, heat_map.provisional, heat_map.title))
        parts.append(gaps_part(gaps_of(rated_season), rated_season.rubric))
        if not rated_season.held_against_baselines:
            note("every coaching cycle was over before the calls of the baselines: nothing is told of movement")
        else:
            tracked = tracking_of(rated_season)
            parts.append(criteria_part(tracked.criteria, rated_season.rubric))
            parts.append(movement_part(tracked.table.rows(), rated_season.rubric, tracked.table.false_moved))
            if deals:
                parts.append(links_part(LinksView.of(link_report(rated_season)), words))
                if any(call in rated_season.deals for call in rated_season.frame.calls):
                    parts.append(learned_part(LearnedView.of(learned_report(rated_season)), words))
    if any(deal.stage for deal in deals):
        parts += funnel_parts(FunnelsView.of(funnels_of(space, "", note)))
    return parts


def parts_data(parts: list[Part]) -> dict[str, Any]:
    """Each part's sentences and figures as JSON data."""
    return {
        part.id: {"says": list(part.sentences), "rows": [dict(zip(part.columns, r, strict=True)) for r in part.rows]}
        for part in parts
    }
