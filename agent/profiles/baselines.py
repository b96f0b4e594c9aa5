"""Baselines: calls drawn without bias, and the profiles they give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.core.errors import GateClosed, UsageError
from agent.profiles.store_baselines import Baselines

if TYPE_CHECKING:
    from agent.coaching.model import Baseline
    from agent.profiles.season import Loaded
    from agent.stats.profiles import ProfileTable
    from agent.workspace import Workspace


def make_baselines(
    space: Workspace,
    loaded: Loaded,
    rep: str = "",
    seed: int = 0,
    until: str = "",
    by: str = "",
) -> list[Baseline]:
    """Draw and record the baselines of `rep`, or of every rep: at random within stages, from the days before `until`
    (a day as written; default: when coaching began). InputError for a rep without ratings or a day nobody can read."""
    from agent.profiles.season import draw, the_rep

    reps = [the_rep(loaded.frame.reps, rep)] if rep else list(loaded.frame.reps)
    made = draw(space, loaded, reps, seed, until, by)
    space.store[Baselines].add(made)
    return made


def make_missing(space: Workspace, loaded: Loaded, seed: int = 0, until: str = "", by: str = "") -> list[Baseline]:
    """Draw and record the baselines of the reps that have none; those that there are stay as they are."""
    from agent.profiles.season import draw

    there = {baseline.rep for baseline in space.store[Baselines].current(loaded.rubric.id)}
    made = draw(space, loaded, [rep for rep in loaded.frame.reps if rep not in there], seed, until, by)
    space.store[Baselines].add(made)
    return made


def pick_baseline(
    space: Workspace,
    loaded: Loaded,
    rep: str,
    calls: Sequence[str],
    until: str = "",
    by: str = "",
    *,
    manual: bool = False,
) -> list[Baseline]:
    """Record calls that a person picked as the baseline of `rep`; it is marked as picked for good.

    UsageError without a rep; GateClosed unless `manual` says that the list is meant.
    """
    from datetime import UTC, datetime

    from agent.profiles.season import draw, the_rep
    from agent.profiles.season_frames import picked

    if not rep:
        raise UsageError("a picked list is one rep's: add --rep NAME")
    if not manual:
        raise GateClosed(
            "a list of calls that a person picked is not a baseline: what is picked may be the best or the worst. "
            "Leave --calls out to draw, or add --manual to have it marked as picked"
        )
    name = the_rep(loaded.frame.reps, rep)
    end = draw(space, loaded, [name], 0, until)[0].end
    rules = space.rules.profiles
    made = [picked(loaded.calls, name, list(calls), end, rules, loaded.rubric.id, by, datetime.now(UTC))]
    space.store[Baselines].add(made)
    return made


def draw_data(baseline: Baseline) -> dict[str, Any]:
    """A baseline draw as JSON data."""
    return {**baseline.model_dump(mode="json"), "missing": baseline.missing, "provisional": baseline.provisional}


def profiles_of(space: Workspace, loaded: Loaded, recorded: list[Baseline]) -> ProfileTable:
    """Profiles over the baseline calls, corrected for a model's errors where a suite has measured them."""
    from agent.profiles.season_frames import baseline_tally
    from agent.scoring.error_rates import error_counts
    from agent.stats.profiles import profile

    return profile(baseline_tally(loaded.frame, recorded), space.rules.profiles, error_counts(space, loaded))


def totals_of(loaded: Loaded, recorded: list[Baseline]) -> dict[str, Any]:
    """Weighted totals by rep, the team's, and where the weights are from."""
    from agent.stats.totals import WeightSet, rep_totals, team_total

    weights = {c.id: c.weight for c in loaded.rubric.criteria}
    known = set(loaded.frame.calls)
    chosen = loaded.frame.chosen([c for b in recorded for c in b.calls if c in known])
    found = rep_totals(loaded.frame, chosen, WeightSet(weights=weights, source=f"rubric {loaded.rubric.label}"))
    return {
        "reps": {total.rep: total for total in found},
        "team": team_total(found).total,
        "source": f"rubric {loaded.rubric.label}",
    }


def profiles_data(
    profiles: ProfileTable, recorded: list[Baseline], totals: dict[str, Any], only: str = ""
) -> dict[str, Any]:
    """Draws, profiles and totals as JSON data; of the rep `only`, if named."""
    from agent.app.shapes import statistic_data

    rows = [row for row in profiles.rows() if only in ("", row.rep)]
    return {
        "baselines": [draw_data(b) for b in recorded if only in ("", b.rep)],
        "profiles": [
            {
                "rep": row.rep,
                "criterion": row.criterion,
                "score": statistic_data(row.score),
                "shown": statistic_data(row.shown),
                "corrected": statistic_data(row.corrected),
                "state": row.state,
                "not_applicable": row.not_applicable,
                "failed": row.failed,
            }
            for row in rows
        ],
        "totals": [
            {"rep": rep, "total": statistic_data(total.total), "left_out": list(total.left_out)}
            for rep, total in totals["reps"].items()
            if only in ("", rep)
        ],
        "team": statistic_data(totals["team"]),
        "weights": totals["source"],
    }
