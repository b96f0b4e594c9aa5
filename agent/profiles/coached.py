"""What has been coached already: each criterion over all reps coached on it, since when and whether it moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agent.profiles.season import Season
from agent.profiles.season_frames import Cycles
from agent.stats.criterion_movement import LEAST_REPS, CriterionMovement, criterion_movements
from agent.stats.gaps import GapReport
from agent.stats.remembered import remembered
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally
from agent.stats.trends import MovementVerdict


@dataclass(frozen=True)
class Coached:
    """One criterion: the first day of its first cycle, whether its coached reps have moved on it together, and how many
    of them have (`reps_moved` of `reps`)."""

    since: date
    moved: bool
    reps_moved: int = 0
    reps: int = 0


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
        before, now = found.before_and_in_cycles
        verdicts = over_coached_reps(before, now, cycles, found.space.rules.movement)
        moved = {one.criterion for one in verdicts if one.verdict == "moved"}
    last = list(coached_verdicts(found).items())
    made = {}
    for criterion, day in since.items():
        of_it = [one.verdict for (_rep, name), one in last if name == criterion]
        made[criterion] = Coached(day, criterion in moved, of_it.count("moved"), len(of_it))
    return made


@dataclass(frozen=True)
class LastVerdict:
    """What coaching came to for one rep and criterion: `moved` once given stays, and was
    given in the cycle `moved_in`."""

    verdict: MovementVerdict
    moved_in: str


def coached_verdicts(found: Season) -> Mapping[tuple[str, str], LastVerdict]:
    """By rep and criterion that the rep was coached on. All pages, commands and documents take it from here."""
    table = found.movement
    if table is None:
        return {}
    return {
        (rep, criterion): LastVerdict(table.latest(place, at), table.moved_in(place, at))
        for place, rep in enumerate(found.reps)
        for at, criterion in enumerate(found.criteria)
        if table.coached[place, at]
    }


def without_moved(report: GapReport, found: Season, coached: Mapping[str, Coached]) -> GapReport:
    """The gaps with what coaching has moved already: nobody proposes that again."""
    pairs = frozenset(pair for pair, one in coached_verdicts(found).items() if one.verdict == "moved")
    return report.model_copy(
        update={"moved": frozenset(name for name, one in coached.items() if one.moved), "moved_reps": pairs}
    )


@remembered(8)
def over_coached_reps(before: Tally, now: Tally, cycles: Cycles, rules: MovementRules) -> tuple[CriterionMovement, ...]:
    """Each coached criterion over its reps, after the last cycle with calls. A cycle that hardly anybody has is no look
    at the team: naming one for a single rep must not spend the others' error."""
    looks = (cycles.own.sum(axis=1) >= LEAST_REPS) & (now.rated > 0).any(axis=(1, 2))
    names = [name for name, look in zip(cycles.names, looks, strict=True) if look]
    if not names:
        return ()
    return tuple(criterion_movements(before, now.periods(looks), names, cycles.coached, rules)[-1])
