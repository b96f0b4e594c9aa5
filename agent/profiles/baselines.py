"""Baselines: calls drawn without bias from the days before coaching."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from agent.core.language import N_
from agent.profiles.model import Baseline
from agent.profiles.season import Season
from agent.profiles.season_frames import DrawRequest, baseline_ends, drawn, picked
from agent.ratings.since import ratings_since
from agent.workspace import Workspace


def draw(season: Season, reps: Sequence[str], seed: int, until: date | None = None, by: str = "") -> list[Baseline]:
    """Baselines of `reps`, not recorded yet. `until` is the first day that does not belong to them."""
    ends = baseline_ends(season.frame, season.periods)
    if until:
        ends = dict.fromkeys(ends, until)
    asked = DrawRequest(season.rubric.id, {rep: ends[rep] for rep in reps}, seed, by, datetime.now(UTC))
    return drawn(season.calls, asked, season.space.rules.profiles)


def picked_by_hand(season: Season, rep: str, calls: Sequence[str], until: date | None = None, by: str = "") -> Baseline:
    """A baseline of calls that a person picked, not recorded yet and marked as picked."""
    end = until or baseline_ends(season.frame, season.periods)[rep]
    return picked(season.calls, rep, calls, end, season.space.rules.profiles, season.rubric.id, by, datetime.now(UTC))


def changed_since(space: Workspace, baseline: Baseline) -> str:
    """What has changed about its calls since it was drawn, in one sentence; empty where nothing has."""
    since = ratings_since(space, baseline.rubric, baseline.at, baseline.calls, whose=baseline.rep)
    return since.in_words(N_("Since this baseline was drawn: {said}."))
