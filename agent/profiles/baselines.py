"""Baselines: calls drawn without bias, and the profiles they give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agent.core.errors import GateClosed, InputError, UsageError
from agent.core.statistic import statistic_data
from agent.profiles.season import Season, the_rep
from agent.profiles.season_frames import DrawRequest, baseline_ends, drawn, picked
from agent.profiles.store_baselines import Baselines

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.profiles.heat_map import HeatMap
    from agent.profiles.model import Baseline


def make_baselines(
    found: Season,
    rep: str = "",
    seed: int = 0,
    until: str = "",
    by: str = "",
) -> list[Baseline]:
    """Draw and record the baselines of `rep`, or of every rep: at random within stages, from the days before `until`
    (a day as written; default: when coaching began). InputError for a rep without ratings or a day nobody can read."""
    reps = [the_rep(found.reps, rep)] if rep else list(found.reps)
    made = draw(found, reps, seed, until, by)
    found.space.store[Baselines].add(made)
    return made


def make_missing(found: Season, seed: int = 0, until: str = "", by: str = "") -> list[Baseline]:
    """Draw and record the baselines of the reps that have none; those that there are stay as they are."""
    made = draw(found, found.without_baseline, seed, until, by)
    found.space.store[Baselines].add(made)
    return made


def pick_baseline(
    found: Season,
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
    if not rep:
        raise UsageError("a picked list is one rep's: add --rep NAME")
    if not manual:
        raise GateClosed(
            "a list of calls that a person picked is not a baseline: what is picked may be the best or the worst. "
            "Leave --calls out to draw, or add --manual to have it marked as picked"
        )
    name = the_rep(found.reps, rep)
    end = draw(found, [name], 0, until)[0].end
    rules = found.space.rules.profiles
    made = [picked(found.calls, name, list(calls), end, rules, found.rubric.id, by, datetime.now(UTC))]
    found.space.store[Baselines].add(made)
    return made


def draw_data(baseline: Baseline) -> dict[str, Any]:
    """A baseline draw as JSON data."""
    return {**baseline.model_dump(mode="json"), "missing": baseline.missing, "provisional": baseline.provisional}


def draw_missing(found: Season, note: Note) -> Season:
    """The season with a baseline for every rep: those without one get theirs drawn and recorded now, which is said."""
    if not found.without_baseline:
        return found
    new = draw(found, found.without_baseline, seed=0)
    found.space.store[Baselines].add(new)
    note(f"baselines of {len(new)} reps drawn with seed 0 and recorded (see: closeread baseline show)")
    return Season(found.space, found.using)


def draw(found: Season, reps: Sequence[str], seed: int, until: str = "", by: str = "") -> list[Baseline]:
    """Baselines of `reps`, not recorded yet. `until` is the first day that does not belong to them."""
    from agent.text.dates import read_day

    ends = baseline_ends(found.frame, found.periods)
    if until:
        try:
            ends = dict.fromkeys(ends, read_day(until))
        except ValueError as error:
            raise InputError(f"--until: {error}") from error
    asked = DrawRequest(found.rubric.id, {rep: ends[rep] for rep in reps}, seed, by, datetime.now(UTC))
    return drawn(found.calls, asked, found.space.rules.profiles)


def profiles_data(found: HeatMap, only: str = "") -> dict[str, Any]:
    """Draws, profiles and totals as JSON data; of the rep `only`, if named."""
    rows = [row for row in found.rows() if only in ("", row.rep)]
    return {
        "population": found.title,
        "baselines": [draw_data(b) for b in found.baselines if only in ("", b.rep)],
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
            for rep, total in found.totals.reps.items()
            if only in ("", rep)
        ],
        "team": statistic_data(found.totals.team),
        "weights": found.totals.source,
    }
