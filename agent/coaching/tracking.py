"""Movement of each rep on each criterion against the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.calibration.store import Rounds
from agent.coaching.movement import Reliability, diagnoses
from agent.core.statistic import statistic_data
from agent.profiles.population import BASELINE
from agent.profiles.season_frames import cycles_of
from agent.ratings.store import Ratings
from agent.stats.trends import MovementTable, movement

if TYPE_CHECKING:
    from agent.profiles.season import Season
    from agent.rubrics.model import Rubric
    from agent.stats.diagnosis import Diagnosis
    from agent.stats.trends import Movement
    from agent.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Tracking:
    """Movement of a workspace and, where it is missing, what it may be due to."""

    season: Season
    table: MovementTable
    diagnoses: dict[tuple[str, str], Diagnosis]


def tracking_of(found: Season) -> Tracking:
    """Movement against the recorded baselines. InputError without coaching."""
    cycles = cycles_of(found, found.periods)
    rules = found.space.rules
    before, now = found.tally(BASELINE), found.tally_in(cycles.windows)
    table = movement(before, now, cycles.names, cycles.coached, rules.movement)
    return Tracking(found, table, diagnoses(table, table.rows(), _reliability(found.space, found.rubric), rules))


def _reliability(space: Workspace, rubric: Rubric) -> Reliability:
    """Agreement from calibration rounds of this rubric, flip rates from repeated readings."""
    from agent.calibration.rounds import current_states
    from agent.stats.intervals import wilson

    states = current_states(space, rubric) if space.store[Rounds].all() else []
    agreement = {s.criterion.id: s.calibration.agreement for s in states if s.calibration is not None}
    repeated = space.store[Ratings].repeated(rubric.id)
    return Reliability(agreement, {name: wilson(changed, pairs) for name, (pairs, changed) in repeated.items()})


def track_data(row: Movement, diagnosis: Diagnosis | None) -> dict[str, Any]:
    """One row as the CLI contract has it."""
    difference = statistic_data(row.difference)
    ends = {name: difference.get(name) for name in ("value", "low", "high")}
    return {
        "rep": row.rep,
        "criterion": row.criterion,
        "cycle": row.cycle,
        "baseline": statistic_data(row.baseline),
        "now": statistic_data(row.now),
        "difference": difference | ends,
        "verdict": row.verdict,
        "calls_needed": row.calls_needed,
        "p": row.p,
        "p_family": row.p_family,
        "expected_rise": statistic_data(row.expected_rise),
        "uncoached": statistic_data(row.uncoached),
        "coached": row.coached,
        "diagnosis": None if diagnosis is None else diagnosis.model_dump(mode="json"),
    }
