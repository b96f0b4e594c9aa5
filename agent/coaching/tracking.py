"""Movement of each rep on each criterion against the baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.calibration.rounds import current_states
from agent.calibration.store import Rounds
from agent.coaching.movement import Reliability, diagnoses
from agent.core.base import Frozen
from agent.core.statistic import Estimate
from agent.profiles.coached import over_coached_reps
from agent.profiles.figures import Kind, Notes, warn_of_missing
from agent.profiles.population import BASELINE, Population
from agent.profiles.season import Season, known_movement, rated_season
from agent.profiles.season_frames import Cycles
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.stats.criterion_movement import CriterionMovement
from agent.stats.diagnosis import Diagnosis
from agent.stats.intervals import wilson
from agent.stats.trends import Movement, MovementTable
from agent.workspace import Workspace


class MovedRow(Frozen):
    """Movement of one rep on one criterion in one cycle. On the last one stands what missing movement may be due to, if
    the question has come up."""

    movement: Movement
    diagnosis: Diagnosis | None
    last: bool


class MovementFigure(Frozen):
    """Movement of each criterion over all reps coached on it, and of each rep. `false_moved` bounds how many reps are
    called moved by chance if nothing had changed."""

    criteria: tuple[CriterionMovement, ...]
    rows: tuple[MovedRow, ...]
    false_moved: float


@dataclass(frozen=True, eq=False)
class Tracking:
    """Movement of a workspace: of each criterion over all reps coached on it, of each rep, and where it is missing what
    that may be due to. `notes` say what was left out."""

    season: Season
    criteria: tuple[CriterionMovement, ...]
    table: MovementTable
    notes: tuple[str, ...]
    diagnoses: dict[tuple[str, str], Diagnosis]


def tracking_of(found: Season) -> Tracking:
    """Movement against the recorded baselines. InputError without coaching, or only with
    cycles before the baselines."""
    cycles, rules = found.coaching, found.space.rules
    table, criteria = movements_of(found)
    moved = {one.criterion for one in criteria if one.verdict == "moved"}
    return Tracking(
        found,
        criteria,
        table,
        tuple(_notes(found, cycles)),
        diagnoses(table, table.rows(), _reliability(found.space, found.rubric), rules, moved),
    )


def movements_of(found: Season) -> tuple[MovementTable, tuple[CriterionMovement, ...]]:
    """Of each rep, and of each criterion over all reps coached on it; without what is to be said of them."""
    cycles, rules = found.coaching, found.space.rules.movement
    before, now = found.before_and_in_cycles
    table = found.movement or known_movement(before, now, cycles.names, cycles.coached, rules, own=cycles.own)
    return table, over_coached_reps(before, now, cycles, rules)


def _notes(found: Season, cycles: Cycles) -> Iterator[str]:
    """What is left out, and what to do about it; last, which days the figures are of."""
    for rep, (shared, after) in found.not_before(cycles.windows).items():
        if shared:
            yield (
                f"{_calls(shared)} of {rep} in a coaching cycle: counted in the cycle alone; "
                "for more calls before it draw the baseline anew"
            )
        if after:
            yield (
                f"{_calls(after)} of {rep} from after a coaching cycle: not counted as before it; "
                "draw the baseline anew"
            )
    held = {(one.rep, one.cycle) for one in found.held_against_baselines}
    for one in found.periods:
        if (one.rep, one.cycle) not in held:
            yield f"{one.cycle} of {one.rep} was over before the calls of the baseline: not set against it"
    shown = [found.title(Population("cycle", cycle=name)) for name in found.cycles]
    yield f"over: {found.title(BASELINE)}; {'; '.join(shown)}"


def _calls(count: int) -> str:
    return "1 baseline call" if count == 1 else f"{count} baseline calls"


def _reliability(space: Workspace, rubric: Rubric) -> Reliability:
    """Agreement from calibration rounds of this rubric, flip rates from repeated readings."""
    states = current_states(space, rubric) if space.store[Rounds].all() else []
    agreement = {s.criterion.id: s.calibration.agreement for s in states if s.calibration is not None}
    repeated = space.store[Ratings].repeated(rubric.id)
    return Reliability(agreement, {name: wilson(changed, pairs) for name, (pairs, changed) in repeated.items()})


def figure_of(tracked: Tracking, *, only_coached: bool = True) -> MovementFigure:
    """The figure that page, API and command show."""
    rows = tracked.table.rows(only_coached)
    last = newest_of(rows)
    moved = []
    for row in rows:
        pair = row.rep, row.criterion
        is_last = row is last[pair]
        diagnosis = tracked.diagnoses.get(pair) if is_last else None
        moved.append(MovedRow(movement=row, diagnosis=diagnosis, last=is_last))
    return MovementFigure(criteria=tracked.criteria, rows=tuple(moved), false_moved=tracked.table.false_moved)


def newest_of(rows: Sequence[Movement]) -> dict[tuple[str, str], Movement]:
    """By rep and criterion the last cycle with rated calls; the last one where none has any."""
    found: dict[tuple[str, str], Movement] = {}
    for row in rows:
        key = (row.rep, row.criterion)
        if key not in found or isinstance(row.now, Estimate) or not isinstance(found[key].now, Estimate):
            found[key] = row
    return found


def _movement(space: Workspace, rubric: str, notes: Notes) -> MovementFigure:
    found = rated_season(space, notes.append, rubric)
    warn_of_missing(found, notes)
    tracked = tracking_of(found)
    notes += tracked.notes
    return figure_of(tracked)


MOVEMENT = Kind("movement", MovementFigure, _movement)
