"""How reps do over one population beside another: from where to where. Whether a change is more than luck is said only
where the rep was coached on the criterion, by the one test there is for it (`agent.profiles.coached`)."""

from dataclasses import dataclass
from typing import Literal

from agent.app.web.wording import plain
from agent.core.direction import Direction
from agent.core.language import N_, _
from agent.core.statistic import Estimate
from agent.profiles.coached import LastVerdict, coached_verdicts
from agent.profiles.heat_map import HeatMap
from agent.profiles.population import Population
from agent.profiles.season import Season
from agent.rubrics.model import Criterion
from agent.stats.profiles import profile

Way = Literal["up", "down", "level"]


@dataclass(frozen=True)
class Change:
    """What a cell was before, and the verdict on the rep's coaching on it, if there was any. `clear`: coaching has
    moved it, and it is still on that side of what it was."""

    before: Estimate
    way: Way
    verdict: LastVerdict | None
    clear: bool

    def sentence(self, criterion: Criterion, than: str) -> str:
        """In words; `than` names the population before."""
        was = Direction.of(criterion).level(self.before)
        said = _(_SAID[self.way], was=was, than=than)
        if self.verdict is None:
            return said
        return f"{said}; {_(_CALLED[self.verdict.verdict], cycle=plain(self.verdict.moved_in))}"


_SAID = {
    "level": N_("the same as in {than}: {was}"),
    "up": N_("up from {was} in {than}"),
    "down": N_("down from {was} in {than}"),
}
_CALLED = {
    "moved": N_("coached on it: moved, in {cycle}"),
    "not_moved": N_("coached on it: not moved"),
    "cannot_tell": N_("coached on it: cannot tell yet whether it moved"),
}


def changes(season: Season, now: HeatMap, against: Population) -> dict[tuple[str, str], Change]:
    """By rep and criterion, where both populations have calls."""
    before = profile(season.tally(against), season.space.rules.profiles)
    old = {(row.rep, row.criterion): row.score for row in before.rows()}
    verdicts, better = (
        coached_verdicts(season),
        {one.id: "down" if Direction.of(one).avoid else "up" for one in now.criteria},
    )
    made: dict[tuple[str, str], Change] = {}
    for row in now.rows():
        pair, score = (row.rep, row.criterion), row.score
        was = old.get(pair)
        if not isinstance(score, Estimate) or not isinstance(was, Estimate):
            continue
        way: Way = "level" if score.value == was.value else "up" if score.value > was.value else "down"
        verdict = verdicts.get(pair)
        moved = verdict is not None and verdict.verdict == "moved"
        made[pair] = Change(was, way, verdict, moved and way == better[row.criterion])
    return made
