"""Movement of each rep on each criterion against the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.calibration.store import Rounds
from agent.coaching.store import Coaching
from agent.ratings.columns import RatingColumnsReader

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.coaching.model import Baseline
    from agent.coaching.movement import Reliability
    from agent.profiles.season import Loaded
    from agent.rubrics.model import Rubric
    from agent.stats.diagnosis import Diagnosis
    from agent.stats.trends import Movement, MovementTable
    from agent.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Tracking:
    """Movement of a workspace and, where it is missing, what it may be due to."""

    loaded: Loaded
    table: MovementTable
    diagnoses: dict[tuple[str, str], Diagnosis]


def tracking_of(space: Workspace, note: Note, rubric: str = "", viewer: str = "") -> Tracking:
    """Movement against the recorded baselines. InputError without coaching."""
    from agent.profiles.season import baselines, load

    loaded = load(space, note, rubric, viewer=viewer)
    return tracking_from(space, loaded, baselines(space, loaded))


def tracking_from(space: Workspace, loaded: Loaded, recorded: list[Baseline]) -> Tracking:
    """Movement of ratings that are loaded against the baselines `recorded`. InputError without coaching."""
    from agent.coaching.movement import diagnoses, movement_table
    from agent.profiles.season_frames import cycles_of

    cycles = cycles_of(loaded.frame, space.store[Coaching].periods())
    found = movement_table(loaded.frame, recorded, cycles, space.rules)
    return Tracking(loaded, found, diagnoses(found, found.rows(), _reliability(space, loaded.rubric), space.rules))


def _reliability(space: Workspace, rubric: Rubric) -> Reliability:
    """Agreement from calibration rounds of this rubric, flip rates from repeated readings."""
    from agent.calibration.rounds import current_standings
    from agent.coaching.movement import Reliability
    from agent.stats.intervals import wilson

    standings = current_standings(space, rubric) if space.store[Rounds].all() else []
    agreement = {s.criterion.id: s.reliability.agreement for s in standings if s.reliability is not None}
    repeated = space.store[RatingColumnsReader].repeated(rubric.id)
    return Reliability(agreement, {name: wilson(changed, pairs) for name, (pairs, changed) in repeated.items()})


def track_data(row: Movement, diagnosis: Diagnosis | None) -> dict[str, Any]:
    """One row as the CLI contract has it."""
    from agent.app.shapes import statistic_data

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
