"""What the team shares first, then each rep's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.profiles.season import Season
    from agent.rubrics.model import Rubric
    from agent.stats.gaps import GapReport
    from agent.workspace import Workspace


def coach_first(report: GapReport, rep: str = "") -> tuple[str, ...]:
    """The criteria, two at most, to coach the team on now, or one rep. Every list of gaps marks these and no others."""
    return tuple(gap.criterion for gap in (report.focus_of(rep) if rep else report.focus))


def links_of(space: Workspace, rubric: Rubric) -> dict[str, float]:
    """By criterion: how much more prevalent its pattern is in the interviews of one outcome than the other."""
    from agent.core.errors import NotFound
    from agent.core.statistic import Estimate
    from agent.patterns.verbs import by_any_id

    try:
        patterns = by_any_id(space)
    except NotFound:
        return {}
    found = {}
    for criterion in rubric.criteria:
        pattern = patterns.get(criterion.pattern)
        if pattern is not None and isinstance(pattern.contrast.difference, Estimate):
            found[criterion.id] = abs(pattern.contrast.difference.value)
    return found


Typical = dict[tuple[str, str], list[dict[str, Any]]]


def typical_calls(found: Season, report: GapReport, only: str, viewer: str) -> Typical:
    """Two typical calls for each own gap (of the rep `only`, if named), with the nearest miss."""
    from agent.coaching.moments import MomentFinder

    finder = MomentFinder(found.space.store, found.rubric, found.frame, viewer)
    typical: Typical = {}
    for gap in report.own:
        if only in ("", gap.rep):
            moments = finder.missed(gap.rep, gap.criterion, 2)
            typical[gap.rep, gap.criterion] = [_moment(m) for m in moments]
    return typical


def _moment(moment: Any) -> dict[str, Any]:
    passage = moment.passage
    near = None if passage is None else next(t for t in passage.turns if t.index == passage.turn)
    return {
        "call": moment.call,
        "date": moment.date.isoformat(),
        "turn": None if near is None else near.index,
        "speaker": None if near is None else near.speaker,
        "text": None if near is None else near.text,
        "why": moment.why,
    }


def gaps_data(report: GapReport, only: str, typical: Typical) -> dict[str, Any]:
    """Both lists as JSON data; of own gaps only those of the rep `only`, if named. `focus` is what to coach the team on
    now, or that rep."""
    own = [gap for gap in report.own if only in ("", gap.rep)]
    return {
        "team": [gap.model_dump(mode="json") for gap in report.team],
        "focus": list(coach_first(report, only)),
        "own": [{**gap.model_dump(mode="json"), "typical": typical.get((gap.rep, gap.criterion), [])} for gap in own],
        "any_by_luck": report.any_by_luck,
        "note": report.note,
    }
