"""Whether movement on a criterion goes with the win rate."""

from datetime import date

from agent.core.base import Frozen
from agent.core.language import _
from agent.core.wording import days
from agent.outcomes.funnels import the_deals
from agent.profiles.population import BASELINE
from agent.profiles.season import Season
from agent.profiles.season_frames import score_pair, win_counts
from agent.stats.outcomes import OutcomeReport, outcome_links


class LinkReport(Frozen):
    """The links, which calls and deals they rest on, and which criteria are to be
    avoided: of these, better is fewer."""

    report: OutcomeReport
    population: str
    to_avoid: tuple[str, ...]


def link_report(season: Season) -> LinkReport:
    """Movement of every criterion against the change of the win rate, over reps.
    InputError without deals or coaching."""
    space, deals = season.space, the_deals(season.space)
    cycles, window = season.coaching, space.rules.outcomes.window_days
    wins = win_counts(season.reps, deals, space.stages.funnel_steps[0], cycles, window)
    pair = score_pair(season.tally_before(cycles.windows), season.tally_in(cycles.last[None]))
    report = outcome_links(season.measures, pair, wins, space.rules.outcomes)
    last = cycles.last[cycles.last[:, 1] > cycles.last[:, 0]]
    first, end = date.fromordinal(int(last[:, 0].min())), date.fromordinal(int(last[:, 1].max()) - 1)
    population = _(
        "scores: {baseline}, against each rep's last cycle, {end}; deals: opened and decided in the {window} days "
        "before coaching began, or in the {window} days after it ended",
        baseline=season.title(BASELINE),
        end=days(first, end),
        window=window,
    )
    avoided = tuple(one.id for one in season.rubric.criteria if one.weight < 0)
    return LinkReport(report=report, population=population, to_avoid=avoided)
