"""Where every rep stands, and one rep alone: what the pages of a browser show, from packed counts (`store.tallies`).

The numbers are those of `baseline show`, `gaps` and `coach track`, made from the same counts by the same functions.
Calls of a calibration round that is not closed are left out for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.core.errors import InputError, NotFound
from agent.core.statistic import Statistic, Undefined
from agent.db.computed import Computed
from agent.ratings.tallies import Tallies

if TYPE_CHECKING:
    from agent.coaching.model import Baseline
    from agent.profiles.packed import Totals
    from agent.ratings.tallies import CallCells, LeftOut
    from agent.rubrics.model import Criterion, Rubric
    from agent.stats.cells import CellTable
    from agent.stats.correction import ErrorCounts
    from agent.stats.frame import RatingFrame
    from agent.stats.gaps import GapReport, RepGap
    from agent.stats.profiles import CriterionProfile, ProfileTable, State
    from agent.stats.tally import Tally
    from agent.stats.trends import Movement
    from agent.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Cell:
    """One rep on one criterion: rate or mean level over the baseline calls, the rate corrected for a model's errors
    where those are known, and the state."""

    score: Statistic
    corrected: Statistic
    state: State


@dataclass(frozen=True)
class HeatMap:
    """All reps by all criteria: `cells` has one for each, reps first. `gaps` lists the team's, `focus` the
    criteria to coach the team on now.

    `without_baseline` are reps with ratings but no recorded baseline: they are in no cell. `provisional` have fewer
    baseline calls than are wanted. `as_of` is when the newest rating was given, ISO 8601 in UTC, empty without any.
    """

    rubric: Rubric
    reps: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    cells: tuple[Cell, ...]
    gaps: GapReport
    focus: tuple[str, ...]
    without_baseline: tuple[str, ...]
    provisional: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    as_of: str
    totals: Totals

    def of(self, rep: str) -> tuple[Cell, ...]:
        """One rep's row."""
        at, width = self.reps.index(rep), len(self.criteria)
        return self.cells[at * width : (at + 1) * width]


@dataclass(frozen=True)
class RepProfile:
    """One rep: the baseline as it was drawn (None without one) with its profile, gaps, and each coaching cycle against
    it. `focus` are the criteria to coach on now. `movement` is empty where the rep has no cycle or no baseline."""

    rubric: Rubric
    rep: str
    criteria: tuple[Criterion, ...]
    calls: int
    baseline: Baseline | None
    profile: tuple[CriterionProfile, ...]
    gaps: tuple[RepGap, ...]
    focus: tuple[str, ...]
    movement: tuple[Movement, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    as_of: str
    totals: Totals


def team_heat_map(space: Workspace, rubric: str = "") -> HeatMap:
    """Baseline profiles and gaps of all reps against a rubric (id or label; the one in use if empty).

    In the scope of one rep: that rep's row, with no list of others.
    """
    from agent.profiles.gaps import coach_first
    from agent.profiles.packed import totals_of

    season = _season(space, rubric, own_gaps_of=())
    baselines = season.cells.baselines
    found = HeatMap(
        rubric=season.rubric,
        reps=season.cells.reps,
        criteria=season.rubric.criteria,
        cells=_heat(season.profiles),
        gaps=season.gaps,
        focus=coach_first(season.gaps),
        without_baseline=tuple(sorted(set(season.cells.reps) - {baseline.rep for baseline in baselines})),
        provisional=tuple(baseline.rep for baseline in baselines if baseline.provisional),
        left_out=season.cells.left_out,
        notes=tuple(season.notes),
        as_of=season.cells.as_of,
        totals=totals_of(season.cells, season.rubric),
    )
    own = space.store.scope.only_rep
    return found if own is None else _only_own(found, own)


def rep_profile(space: Workspace, rubric: str, rep: str, *, moved: bool = True) -> RepProfile:
    """One rep's page, without movement unless `moved`: that takes as long as all the rest. NotFound for a rep without
    ratings, or whom the scope does not cover."""
    from agent.profiles.gaps import coach_first
    from agent.profiles.packed import totals_of

    season = _season(space, rubric, own_gaps_of=(rep,))
    own = space.store.scope.only_rep
    if rep not in season.cells.reps or own not in (None, rep):
        raise NotFound(f"there is no rep {rep!r} with ratings against {season.rubric.label}")
    at = season.cells.reps.index(rep)
    return RepProfile(
        rubric=season.rubric,
        rep=rep,
        criteria=season.rubric.criteria,
        calls=int((season.cells.rep == at).sum()),
        baseline=next((b for b in season.cells.baselines if b.rep == rep), None),
        profile=tuple(season.profiles.rows_of(at)),
        gaps=season.gaps.own,
        focus=coach_first(season.gaps, rep),
        movement=_movement(season, at) if moved else (),
        left_out=season.cells.left_out,
        notes=tuple(season.notes),
        as_of=season.cells.as_of,
        totals=_own_totals(totals_of(season.cells, season.rubric), rep, hides_team=own is not None),
    )


def all_gaps(space: Workspace, rubric: str = "") -> GapReport:
    """The team's gaps and every rep's own. Forbidden in the scope of one rep."""
    from agent.db.scoping import check_team

    check_team(space.store.scope, "the gaps of others")
    return _season(space, rubric, own_gaps_of=None).gaps


@dataclass(frozen=True, eq=False)
class RatedSeason:
    """Every rating on some criteria of a rubric that counts, and the gaps of all over the baselines."""

    rubric: Rubric
    frame: RatingFrame
    gaps: GapReport


def rated_season(space: Workspace, rubric: str, rep: str | None, criteria: Sequence[str]) -> RatedSeason:
    """The team's season on `criteria`, with the own gaps of `rep`, of everybody if None. InputError where nothing is
    rated."""
    from agent.profiles.packed import rating_frame_of

    season = _season(space, rubric, own_gaps_of=None if rep is None else (rep,))
    if not season.cells.calls:
        raise InputError(f"{season.rubric.label} has no ratings yet; score calls, or import ratings")
    return RatedSeason(season.rubric, rating_frame_of(season.cells, season.rubric, criteria=criteria), season.gaps)


@dataclass(frozen=True, eq=False)
class _Season:
    space: Workspace
    rubric: Rubric
    cells: CallCells
    table: CellTable
    profiles: ProfileTable
    gaps: GapReport
    notes: list[str]


def _season(space: Workspace, reference: str, own_gaps_of: tuple[str, ...] | None) -> _Season:
    from agent.profiles.gaps import links_of
    from agent.profiles.season import rubric_in_use
    from agent.scoring.error_rates import known_errors
    from agent.stats.cells import CellTable
    from agent.stats.frame import Measure
    from agent.stats.gaps import find_gaps
    from agent.stats.profiles import profile

    rubric = rubric_in_use(space, reference)
    cells = space.store[Tallies].profile_counts(rubric)
    measures = tuple(Measure.of(criterion) for criterion in rubric.criteria)
    table = CellTable.read(cells.reps, measures, cells.rep, cells.day, cells.cells)
    notes: list[str] = []
    errors = known_errors(space, rubric, cells.raters, notes.append)
    tally = table.tally([cells.in_baseline])
    profiles = profile(tally, space.rules.profiles, corrected=_corrected(space, tally, errors))
    gaps = find_gaps(profiles, space.rules.gaps, links_of(space, rubric), own_gaps_of)
    return _Season(space, rubric, cells, table, profiles, gaps, notes)


def _corrected(space: Workspace, tally: Tally, errors: Mapping[str, ErrorCounts]) -> dict[int, list[Statistic]]:
    """Rates corrected for a model's errors. Their bootstrap takes long for many reps, so they are kept by content."""
    from hashlib import sha256

    from pydantic import TypeAdapter

    from agent.stats.profiles import corrections

    if not errors:
        return {}
    rules = space.rules.profiles
    known = {name: counts.model_dump() for name, counts in sorted(errors.items())}
    key = sha256(
        repr((tally.measures, tally.levels.shape, known, rules.model_dump())).encode() + tally.levels.tobytes()
    )
    columns = TypeAdapter(list[tuple[int, list[Statistic]]])
    kept = space.store[Computed].get("corrected rates", key.hexdigest())
    if kept is not None:
        return dict(columns.validate_json(kept))
    found = corrections(tally, rules, errors)
    space.store[Computed].put("corrected rates", key.hexdigest(), columns.dump_json(list(found.items())).decode())
    return found


def _heat(profiles: ProfileTable) -> tuple[Cell, ...]:
    from agent.stats.profiles import STATES

    unknown = Undefined(undefined="no error rates of the rater are known")
    reps, criteria = profiles.state.shape
    return tuple(
        Cell(
            profiles.scores.statistic((0, rep, at), profiles.tally.measures[at]),
            profiles.corrected[at][rep] if at in profiles.corrected else unknown,
            STATES[profiles.state[rep, at]],
        )
        for rep in range(reps)
        for at in range(criteria)
    )


def _only_own(found: HeatMap, own: str) -> HeatMap:
    """The row of the rep `own` alone. NotFound without one."""
    if own not in found.reps:
        raise NotFound(f"there is no rep {own!r} with ratings against {found.rubric.label}")
    gaps = found.gaps.model_copy(update={"team": ()})
    return replace(
        found,
        reps=(own,),
        cells=found.of(own),
        gaps=gaps,
        focus=(),
        without_baseline=tuple(rep for rep in found.without_baseline if rep == own),
        provisional=tuple(rep for rep in found.provisional if rep == own),
        totals=_own_totals(found.totals, own, hides_team=True),
    )


def _own_totals(totals: Totals, rep: str, *, hides_team: bool) -> Totals:
    """The total of one rep; the team's is a figure about the others."""
    team = Undefined(undefined="about other reps") if hides_team else totals.team
    return replace(totals, reps={name: total for name, total in totals.reps.items() if name == rep}, team=team)


def _movement(season: _Season, rep: int) -> tuple[Movement, ...]:
    """Against the whole team's spread: the same verdicts as `coach track`. Empty where the rep was not coached."""
    from agent.profiles.season_frames import cycles_of
    from agent.stats.trends import movement

    name, known = season.cells.reps[rep], set(season.table.criteria)
    mine = [period for period in season.cells.periods if period.rep == name and known & set(period.criteria)]
    if not mine:
        return ()
    cycles = cycles_of(season.table, season.cells.periods)
    now = season.table.tally(season.table.inside(cycles.windows))
    found = movement(season.profiles.tally, now, cycles.names, cycles.coached, season.space.rules.movement, only=[rep])
    rows = found.rows()
    if season.space.store.scope.only_rep is None:
        return tuple(rows)
    # the mean change of the others is a figure about them
    return tuple(row.model_copy(update={"uncoached": Undefined(undefined="about other reps", n=0)}) for row in rows)
