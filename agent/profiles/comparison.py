"""How reps do over one population beside another: from where to where, and whether luck explains it."""

from dataclasses import dataclass
from typing import Literal

from agent.core.direction import Direction
from agent.core.language import N_, _
from agent.core.statistic import Estimate, Statistic
from agent.profiles.heat_map import HeatMap
from agent.profiles.population import Population
from agent.profiles.season import Season
from agent.rubrics.model import Criterion
from agent.stats.profiles import profile

Way = Literal["up", "down", "level"]


@dataclass(frozen=True)
class Change:
    """What a cell was before. `clear`: the two 95 % intervals do not overlap; else the difference can be luck."""

    before: Estimate
    way: Way
    clear: bool

    def sentence(self, criterion: Criterion, than: str) -> str:
        """In words; `than` names the population before."""
        was = Direction.of(criterion).level(self.before)
        if self.way == "level":
            return _("the same as in {than}: {was}", than=than, was=was)
        said = _SAID[self.way, self.clear]
        return _(said, was=was, than=than)


_SAID = {
    ("up", True): N_("up from {was} in {than}: more than luck"),
    ("up", False): N_("up from {was} in {than}: the difference can be luck"),
    ("down", True): N_("down from {was} in {than}: more than luck"),
    ("down", False): N_("down from {was} in {than}: the difference can be luck"),
}


def changes(season: Season, now: HeatMap, against: Population) -> dict[tuple[str, str], Change]:
    """By rep and criterion, where both populations have calls."""
    before = profile(season.tally(against), season.space.rules.profiles)
    old = {(row.rep, row.criterion): row.score for row in before.rows()}
    made = {(row.rep, row.criterion): _change(row.score, old.get((row.rep, row.criterion))) for row in now.rows()}
    return {key: change for key, change in made.items() if change is not None}


def _change(now: Statistic, before: Statistic | None) -> Change | None:
    if not isinstance(now, Estimate) or not isinstance(before, Estimate):
        return None
    way: Way = "level" if now.value == before.value else "up" if now.value > before.value else "down"
    ends = (now.low, now.high, before.low, before.high)
    clear = None not in ends and (now.low > before.high or now.high < before.low)  # type: ignore[operator]
    return Change(before, way, clear)
