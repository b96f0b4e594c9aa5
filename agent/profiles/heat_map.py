"""Where every rep stands, and one rep alone, over one population of calls. Pages, commands, documents and the API all
take their profiles, gaps and totals from here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from pydantic import TypeAdapter

from agent.core.errors import NotFound
from agent.core.language import N_, _
from agent.core.statistic import Statistic, Undefined
from agent.db.computed import Computed
from agent.db.scoping import check_team
from agent.evals.error_rates import known_errors
from agent.profiles.coached import Coached, coached_criteria, without_moved
from agent.profiles.gaps import coach_first, links_of
from agent.profiles.model import Baseline
from agent.profiles.population import USUAL, Population
from agent.profiles.season import Season, frame_of, tally_of
from agent.ratings.counted import CountedCalls, Uncounted
from agent.rubrics.model import Criterion, Mark, Rubric
from agent.rubrics.store import RubricStates
from agent.stats.correction import ErrorCounts
from agent.stats.gaps import GapReport, RepGap, find_gaps
from agent.stats.profiles import CriterionProfile, ProfileTable, corrections, profile
from agent.stats.tally import Tally
from agent.stats.totals import RepTotal, WeightSet, rep_totals, team_total
from agent.stats.trends import Movement
from agent.workspace import Workspace


@dataclass(frozen=True)
class Totals:
    """Weighted totals by rep (only of reps with any), and the team's; `source` of the weights."""

    reps: dict[str, RepTotal]
    team: Statistic
    source: str

    def of(self, rep: str) -> Statistic:
        """One rep's total."""
        found = self.reps.get(rep)
        return Undefined(undefined=N_("no weighted total")) if found is None else found.total


@dataclass(frozen=True)
class HeatMap:
    """All reps by all criteria over one population, which `title` says in words. `gaps` lists the team's, `focus` the
    criteria to coach the team on now.

    `without_baseline` are reps with ratings but no recorded baseline. `provisional` have fewer baseline calls than are
    wanted. `as_of` is when the newest rating was given, ISO 8601 in UTC, empty without any.
    """

    rubric: Rubric
    population: Population
    title: str
    reps: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    profiles: ProfileTable
    gaps: GapReport
    focus: tuple[str, ...]
    baselines: tuple[Baseline, ...]
    without_baseline: tuple[str, ...]
    provisional: tuple[str, ...]
    uncounted: Uncounted
    notes: tuple[str, ...]
    as_of: str
    totals: Totals
    cycles: tuple[str, ...]
    marks: Mapping[str, Mark]  # criteria in use that are not calibrated
    coached: Mapping[str, Coached]

    def rows(self) -> list[CriterionProfile]:
        """One profile for each rep and criterion, reps first."""
        return self.profiles.rows()

    def of(self, rep: str) -> list[CriterionProfile]:
        """One rep's row."""
        return self.profiles.rows_of(self.reps.index(rep))


@dataclass(frozen=True)
class RepProfile:
    """One rep over one population: profile, gaps, the baseline as it was drawn (None without one), and each
    coaching cycle against it. `focus` are the criteria to coach on now. `movement` is empty where the rep
    has no cycle or no baseline."""

    rubric: Rubric
    population: Population
    title: str
    rep: str
    criteria: tuple[Criterion, ...]
    calls: int
    baseline: Baseline | None
    profile: tuple[CriterionProfile, ...]
    gaps: tuple[RepGap, ...]
    own_by_luck: float
    focus: tuple[str, ...]
    movement: tuple[Movement, ...]
    uncounted: Uncounted
    notes: tuple[str, ...]
    as_of: str
    totals: Totals
    cycles: tuple[str, ...]
    marks: Mapping[str, Mark]


def team_heat_map(found: Season, population: Population = USUAL) -> HeatMap:
    """Profiles and gaps of all reps. In the scope of one rep: that rep's row, with no list of others."""
    made = _figures(found, population, own_gaps_of=None)
    whole = HeatMap(
        rubric=found.rubric,
        population=found.usual(population),
        title=found.title(population),
        reps=found.reps,
        criteria=found.rubric.criteria,
        profiles=made.profiles,
        gaps=made.gaps,
        focus=coach_first(made.gaps),
        baselines=found.baselines,
        without_baseline=found.without_baseline,
        provisional=tuple(one.rep for one in found.baselines if one.provisional),
        uncounted=found.uncounted,
        notes=made.notes,
        as_of=found.as_of,
        totals=totals_of(made.counted, found),
        cycles=found.cycles,
        marks=found.space.store[RubricStates].marks(found.rubric.id),
        coached=made.coached,
    )
    own = found.space.store.scope.only_rep
    return whole if own is None else _only_own(whole, own)


def rep_profile(found: Season, rep: str, population: Population = USUAL, *, moved: bool = True) -> RepProfile:
    """One rep's page, without movement unless `moved`: that takes as long as all the rest. NotFound for a rep without
    ratings, or whom the scope does not cover."""
    own = found.space.store.scope.only_rep
    _check_rep(found, rep)
    made = _figures(found, population, own_gaps_of=(rep,))
    at = found.reps.index(rep)
    return RepProfile(
        rubric=found.rubric,
        population=found.usual(population),
        title=found.title(population),
        rep=rep,
        criteria=found.rubric.criteria,
        calls=found.calls_of(rep),
        baseline=next((one for one in found.baselines if one.rep == rep), None),
        profile=tuple(made.profiles.rows_of(at)),
        gaps=made.gaps.own,
        own_by_luck=made.gaps.own_by_luck,
        focus=coach_first(made.gaps, rep),
        movement=_movement(found, rep) if moved else (),
        uncounted=found.uncounted,
        notes=made.notes,
        as_of=found.as_of,
        totals=_own_totals(totals_of(made.counted, found), rep, hides_team=own is not None),
        cycles=found.cycles,
        marks=found.space.store[RubricStates].marks(found.rubric.id),
    )


def all_gaps(found: Season, population: Population = USUAL, rep: str = "") -> GapReport:
    """The team's gaps and every rep's own, or those of the rep `rep` alone. Forbidden in the scope of another rep."""
    if not rep:
        check_team(found.space.store.scope, "the gaps of others")
    else:
        _check_rep(found, rep)
    return _figures(found, population, own_gaps_of=(rep,) if rep else None).gaps


def _check_rep(found: Season, rep: str) -> None:
    if rep not in found.reps or found.space.store.scope.only_rep not in (None, rep):
        raise NotFound(_("there is no rep {rep} with ratings against {label}", rep=repr(rep), label=found.rubric.label))


@dataclass(frozen=True, eq=False)
class _Standing:
    """What does not depend on whose own gaps are asked for."""

    counted: CountedCalls
    profiles: ProfileTable
    links: Mapping[str, float]
    coached: Mapping[str, Coached]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Figures:
    counted: CountedCalls
    profiles: ProfileTable
    gaps: GapReport
    coached: Mapping[str, Coached]
    notes: tuple[str, ...]


def _figures(found: Season, population: Population, own_gaps_of: tuple[str, ...] | None) -> _Figures:
    """The one place where profiles and gaps are computed."""
    asked = found.usual(population)
    known = found.once(("standing", asked), lambda: _standing(found, asked))
    gaps = find_gaps(known.profiles, found.space.rules.gaps, known.links, own_gaps_of)
    whole = without_moved(gaps, found, known.coached)
    return _Figures(known.counted, known.profiles, whole, known.coached, known.notes)


def _standing(found: Season, population: Population) -> _Standing:
    space = found.space
    counted = found.counted(population)
    tally = tally_of(counted, found.measures, [np.ones(len(counted.rep), dtype=bool)])
    notes: list[str] = []
    errors = known_errors(space, found.rubric, notes.append)
    profiles = profile(tally, space.rules.profiles, corrected=_corrected(space, tally, errors))
    return _Standing(counted, profiles, links_of(space, found.rubric), coached_criteria(found), tuple(notes))


def _corrected(space: Workspace, tally: Tally, errors: Mapping[str, ErrorCounts]) -> dict[int, list[Statistic]]:
    """Rates corrected for a model's errors. Their bootstrap takes long for many reps, so they are kept by content."""
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


def totals_of(counted: CountedCalls, found: Season) -> Totals:
    """Totals with the rubric's weights. Undefined where no criterion has a weight."""
    rubric = found.rubric
    source = _("rubric {label}", label=rubric.label)
    if not any(criterion.weight for criterion in rubric.criteria):
        return Totals({}, Undefined(undefined=_("no criterion of {label} has a weight", label=rubric.label)), source)
    frame = frame_of(counted, found.measures)
    weights = WeightSet(weights={c.id: c.weight for c in rubric.criteria}, source=source)
    totals = rep_totals(frame, np.ones(len(frame.calls), dtype=bool), weights)
    return Totals({one.rep: one for one in totals}, team_total(totals).total, source)


def _only_own(whole: HeatMap, own: str) -> HeatMap:
    """The row of the rep `own` alone. NotFound without one."""
    if own not in whole.reps:
        raise NotFound(_("there is no rep {own} with ratings against {label}", own=repr(own), label=whole.rubric.label))
    moved = frozenset(pair for pair in whole.gaps.moved_reps if pair[0] == own)
    own_gaps = tuple(gap for gap in whole.gaps.own if gap.rep == own)
    gaps = whole.gaps.model_copy(update={"team": (), "own": own_gaps, "moved": frozenset(), "moved_reps": moved})
    return replace(
        whole,
        reps=(own,),
        profiles=whole.profiles.of([whole.reps.index(own)]),
        gaps=gaps,
        focus=(),
        coached={},
        baselines=tuple(one for one in whole.baselines if one.rep == own),
        without_baseline=tuple(rep for rep in whole.without_baseline if rep == own),
        provisional=tuple(rep for rep in whole.provisional if rep == own),
        totals=_own_totals(whole.totals, own, hides_team=True),
    )


def _own_totals(totals: Totals, rep: str, *, hides_team: bool) -> Totals:
    """The total of one rep; the team's is a figure about the others."""
    team = Undefined(undefined=N_("about other reps")) if hides_team else totals.team
    return replace(totals, reps={name: total for name, total in totals.reps.items() if name == rep}, team=team)


def _movement(found: Season, rep: str) -> tuple[Movement, ...]:
    """Against the whole team's spread: the same verdicts as of the team's movement. Empty
    where the rep was not coached."""
    known = set(found.criteria)
    if not any(period.rep == rep and known & set(period.criteria) for period in found.held_against_baselines):
        return ()
    rows = found.movement.rows_of(found.reps.index(rep)) if found.movement else []
    if found.space.store.scope.only_rep is None:
        return tuple(rows)
    # the mean change of the others is a figure about them
    hidden = dict.fromkeys(("uncoached", "team_rise"), Undefined(undefined=N_("about other reps"), n=0))
    return tuple(row.model_copy(update=hidden) for row in rows)
