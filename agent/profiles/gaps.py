"""What to coach first, how criteria go with losing, and the calls that show a gap."""

from agent.core.errors import NotFound
from agent.core.statistic import Estimate
from agent.patterns.verbs import by_any_id
from agent.profiles.model import CoachMoment
from agent.profiles.moments import MomentFinder
from agent.profiles.season import Season
from agent.rubrics.model import Rubric
from agent.stats.gaps import GapReport
from agent.workspace import Workspace


def coach_first(report: GapReport, rep: str = "") -> tuple[str, ...]:
    """The criteria, two at most, to coach the team on now, or one rep. Every list of gaps marks these and no others."""
    return tuple(gap.criterion for gap in (report.focus_of(rep) if rep else report.focus))


def links_of(space: Workspace, rubric: Rubric) -> dict[str, float]:
    """By criterion: how much more prevalent its pattern is in the interviews of one outcome than the other."""
    try:
        patterns = by_any_id(space)
    except NotFound:
        return {}
    strengths = {}
    for criterion in rubric.criteria:
        pattern = patterns.get(criterion.pattern)
        if pattern is not None and isinstance(pattern.contrast.difference, Estimate):
            strengths[criterion.id] = abs(pattern.contrast.difference.value)
    return strengths


Typical = dict[tuple[str, str], "list[CoachMoment]"]


def typical_calls(season: Season, report: GapReport, only: str, viewer: str) -> Typical:
    """Two typical calls for each own gap (of the rep `only`, if named), with the nearest miss."""
    finder = MomentFinder(season.space.store, season.rubric, season.frame, viewer, season.space.rules.profiles)
    return {
        (gap.rep, gap.criterion): finder.missed(gap.rep, gap.criterion, 2)
        for gap in report.own
        if only in ("", gap.rep)
    }
