"""Drawing baselines, and the list of gaps that page, command and API show."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from agent.app.telling import Note
from agent.app.verb import Who, verb
from agent.core.errors import Advice, GateClosed, InputError, UsageError
from agent.profiles import baselines
from agent.profiles.coached import coached_criteria
from agent.profiles.gaps import typical_calls
from agent.profiles.heat_map import all_gaps
from agent.profiles.model import Baseline
from agent.profiles.population import USUAL, Population
from agent.profiles.season import Season, rated_season, the_rep
from agent.profiles.store import Baselines
from agent.profiles.views import GapsView
from agent.rubrics.store import RubricStates


def _facts(made: list[Baseline]) -> dict[str, Any]:
    return {"reps": [one.rep for one in made], "seed": made[0].seed, "manual": made[0].manual}


@verb("ops_lead", "manager", audit="baseline_drawn", subject=lambda made: made[0].rubric, facts=_facts)
def draw_baselines(
    who: Who,
    rubric: str = "",
    *,
    rep: str = "",
    seed: int = 0,
    until: date | None = None,
    only_missing: bool = False,
    calls: Sequence[str] = (),
    manual: bool = False,
) -> list[Baseline]:
    """Draw and record baselines, of every rep or of one: at random within stages, from the days before `until`
    (default: when coaching began). Earlier draws stay to be seen; the newest counts.

    `calls` are those that a person picked; the baseline is marked as picked for good. GateClosed unless `manual` says
    that this is meant. InputError for a rep without ratings, or where `only_missing` leaves nobody.
    """
    season = rated_season(who.space, rubric=rubric)
    if calls:
        if not rep:
            raise UsageError("a picked list is one rep's: say whose", advice=Advice(option="--rep NAME"))
        if not manual:
            raise GateClosed(
                "a list of calls that a person picked is not a baseline: what is picked may be the best or the worst. "
                "Have it drawn, or say that it is to be marked as picked",
                advice=Advice(option="--manual"),
            )
        made = [baselines.picked_by_hand(season, the_rep(season.reps, rep), calls, until, who.name)]
    else:
        reps = [the_rep(season.reps, rep)] if rep else list(season.reps)
        if only_missing:
            reps = [one for one in reps if one in season.without_baseline]
        made = baselines.draw(season, reps, seed, until, who.name)
    if not made:
        raise InputError("every rep has a baseline already; nothing was drawn")
    who.space.store[Baselines].add(made)
    return made


def with_baselines(who: Who, season: Season, note: Note) -> Season:
    """The season with a baseline for every rep: those without one get theirs drawn and recorded now, which is said."""
    if not season.without_baseline:
        return season
    made = draw_baselines(who, season.rubric.id, only_missing=True)
    note(f"baselines of {len(made)} reps drawn with seed 0 and recorded (see: closeread baseline show)")
    return Season(season.space, season.using)


def gaps_of(
    season: Season, population: Population = USUAL, rep: str = "", *, calls: bool = False, viewer: str = ""
) -> GapsView:
    """Gaps of the team and of all reps, or of one rep alone; with typical calls of each own gap if `calls`.

    NotFound for a rep without ratings, or whom the scope does not cover.
    """
    report = all_gaps(season, population, rep)
    typical = typical_calls(season, report, rep, viewer) if calls else {}
    coached = {} if rep else coached_criteria(season)
    marks = season.space.store[RubricStates].marks(season.rubric.id)
    return GapsView.of(report, season.rubric, season.title(population), rep, typical, coached, marks)
