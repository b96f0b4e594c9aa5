"""What has been coached already: each criterion over all reps coached on it, since when and whether it moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agent.profiles.season import Season
from agent.profiles.season_frames import Cycles
from agent.stats.criterion_movement import LEAST_REPS, CriterionMovement, criterion_movements
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally


@dataclass(frozen=True)
class Coached:
    """One criterion: the first day of its first cycle, and whether its coached reps have moved on it together."""

    since: date
    moved: bool


def coached_criteria(found: Season) -> Mapping[str, Coached]:
    """By criterion; those that nobody was coached on are not in it."""
    since: dict[str, date] = {}
    for period in found.periods:
        for criterion in set(period.criteria) & set(found.criteria):
            since[criterion] = min(period.start, since.get(criterion, period.start))
    if not since:
        return {}
    moved: set[str] = set()
    if found.baselines and any(set(one.criteria) & set(found.criteria) for one in found.held_against_baselines):
        cycles = found.coaching
        before, now = found.tally_before(cycles.windows), found.tally_in(cycles.windows)
        verdicts = over_coached_reps(before, now, cycles, found.space.rules.movement)
        moved = {one.criterion for one in verdicts if one.verdict == "moved"}
    return {criterion: Coached(day, criterion in moved) for criterion, day in since.items()}


def over_coached_reps(before: Tally, now: Tally, cycles: Cycles, rules: MovementRules) -> tuple[CriterionMovement, ...]:
    """Each coached criterion over its reps, after the last cycle with calls. A cycle that hardly anybody has is no look at
    the team: naming one for a single rep must not spend the others' error."""
    looks = (cycles.own.sum(axis=1) >= LEAST_REPS) & (now.rated > 0).any(axis=(1, 2))
    names = [name for name, look in zip(cycles.names, looks, strict=True) if look]
    if not names:
        return ()
    return tuple(criterion_movements(before, now.periods(looks), names, cycles.coached, rules)[-1])
