"""Figures of every population, from the table of what counts, against counting single ratings."""

from datetime import date, timedelta
from shutil import copytree

import numpy as np
import pytest

from agent.calls.store import Calls
from agent.coaching.cycles import baseline_calls_in, shared_note
from agent.coaching.tracking import tracking_of
from agent.core.errors import InputError, NotFound
from agent.core.people import Scope
from agent.db.store import Store
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.model import CoachingPeriod
from agent.profiles.population import BASELINE, Population
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.ratings.store import Ratings
from agent.settings import Settings
from agent.stats.frame import Measure, RatingFrame
from agent.stats.profiles import profile
from agent.workspace import Workspace
from tests.stats.tallies import tally_calls


@pytest.fixture
def space(season_folder):
    url = f"sqlite:///{season_folder}/closeread.db"
    return Workspace(Settings(workspace=season_folder, database_url=url, environment={}))


@pytest.fixture
def counted(space):
    return season(space)


def by_hand(space, population_calls=None):
    """Counts of one period from single ratings, as the tables of statistics take them."""
    rubric = season(space).rubric
    kept = [one.rating for one in space.store[Ratings].that_count(rubric.id)]
    facts = space.store[Calls].facts([one.call for one in kept])
    chosen = [one for one in kept if population_calls is None or one.call in population_calls]
    frame = RatingFrame.from_columns(
        [Measure.of(c) for c in rubric.criteria],
        rep=[facts[one.call].rep for one in kept],
        criterion=[one.criterion for one in kept],
        call=[one.call for one in kept],
        day=[facts[one.call].date for one in kept],
        value=[getattr(one.judgement, "value", None) for one in kept],
        status=[one.judgement.status for one in kept],
    )
    return tally_calls(frame, frame.chosen({one.call for one in chosen}))


def test_the_heat_map_has_the_profiles_of_single_ratings(space, counted):
    drawn = {call for one in counted.baselines for call in one.calls}
    profiles = profile(by_hand(space, drawn), space.rules.profiles)
    found = team_heat_map(counted, BASELINE)
    assert found.rows() == profiles.rows()
    assert found.title.startswith("baseline, ")
    assert set(found.focus) <= {gap.criterion for gap in found.gaps.team}
    assert len(found.focus) <= 2
    assert found.without_baseline == ()
    assert found.as_of


def test_every_population_is_counted_as_single_ratings_are(space, counted):
    whole = by_hand(space)
    assert np.array_equal(counted.tally(Population.named("all")).levels, whole.levels)
    cycle = counted.cycles[-1]
    windows = {one.rep: (one.start, one.end) for one in counted.periods if one.cycle == cycle}
    calls = space.store[Calls].facts(counted.frame.calls)
    inside = {call for call, at in calls.items() if windows[at.rep][0] <= at.date <= windows[at.rep][1]}
    assert np.array_equal(counted.tally(Population.named(cycle)).levels, by_hand(space, inside).levels)
    last = max(at.date for at in calls.values())
    days = {call for call, at in calls.items() if (last - at.date).days < 7}
    assert np.array_equal(counted.tally(Population.named("7d")).levels, by_hand(space, days).levels)
    with pytest.raises(InputError, match="cycle_99"):
        counted.tally(Population.named("cycle_99"))


def test_a_reps_page_has_the_same_profile_gaps_and_verdicts(space, counted):
    whole = team_heat_map(counted)
    movement = tracking_of(counted).table.rows()
    for rep in counted.reps:
        found = rep_profile(counted, rep)
        assert found.profile == tuple(row for row in whole.rows() if row.rep == rep)
        assert found.gaps == tuple(gap for gap in whole.gaps.own if gap.rep == rep)
        assert found.movement == tuple(row for row in movement if row.rep == rep)
        assert found.baseline == next(b for b in whole.baselines if b.rep == rep)


def test_a_rep_sees_the_same_own_figures_and_nobody_elses(space):
    whole = team_heat_map(season(space))
    rep, other = whole.reps[0], whole.reps[1]
    manager = rep_profile(season(space), rep)
    space.store = Store(space.store.engine, Scope(name=rep, role="rep", rep=rep))
    own = rep_profile(season(space), rep)
    assert (own.profile, own.gaps, own.baseline) == (manager.profile, manager.gaps, manager.baseline)
    assert [row.verdict for row in own.movement] == [row.verdict for row in manager.movement]
    heat = team_heat_map(season(space))
    assert (heat.reps, heat.rows(), heat.gaps.team) == ((rep,), whole.of(rep), ())
    assert {gap.rep for gap in heat.gaps.own} <= {rep}
    assert other not in repr((own, heat))
    with pytest.raises(NotFound, match="no rep"):
        rep_profile(season(space), other)


def rows_of_others(space, rep):
    return [row for row in tracking_of(season(space)).table.rows() if row.rep != rep]


@pytest.fixture
def own_space(season_folder, tmp_path):
    """The same season in a folder of its own, to be changed."""
    folder = tmp_path / "space"
    copytree(season_folder, folder)
    made = Workspace(Settings(workspace=folder, database_url=f"sqlite:///{folder}/closeread.db", environment={}))
    yield made
    made.store.close()


def test_a_reps_own_cycles_change_nobody_elses_figures_and_stay_unnamed(own_space):
    """Seven cycles with a name of their own for one rep: no other verdict, p or row changes."""
    before = rows_of_others(own_space, "Tom Becker")
    criteria = [one.verdict for one in tracking_of(season(own_space)).criteria]
    base = date(2026, 8, 1)
    for number in range(7):
        day = base + timedelta(days=10 * number)
        period = CoachingPeriod(
            rep="Tom Becker",
            cycle=f"CANARY {number}",
            start=day,
            end=day + timedelta(days=9),
            criteria=("consequence_question",),
        )
        own_space.store[CoachingPeriods].add([period])
    assert rows_of_others(own_space, "Tom Becker") == before
    assert [one.verdict for one in tracking_of(season(own_space)).criteria] == criteria
    assert any(name.startswith("CANARY") for name in season(own_space).cycles)
    own_space.store = Store(own_space.store.engine, Scope(name="Alicia Gomez", role="rep", rep="Alicia Gomez"))
    seen = rep_profile(season(own_space), "Alicia Gomez")
    assert "CANARY" not in repr((seen, team_heat_map(season(own_space))))
    with pytest.raises(InputError) as refused:
        season(own_space).tally(Population.named("CANARY 1"))
    assert "CANARY 0" not in str(refused.value)


def test_baseline_and_cycle_never_share_a_call(own_space):
    """Baselines that were recorded before a cycle reached into their days: what lies in the cycle counts there alone, and
    the next draw leaves it out."""
    found = season(own_space)
    drawn = next(one for one in found.baselines if one.rep == "Tom Becker")
    days = sorted(call.date for call in own_space.store[Calls].facts(drawn.calls).values())
    first = next(one for one in found.periods if one.rep == "Tom Becker" and one.cycle == "cycle_1")
    early = first.model_copy(update={"start": days[len(days) // 2]})
    inside = sum(day >= early.start for day in days)
    assert baseline_calls_in(own_space, [early]) == {"Tom Becker": inside}
    assert f"{inside} of Tom Becker" in shared_note(baseline_calls_in(own_space, [early]))
    own_space.store[CoachingPeriods].add([early])
    tracked = tracking_of(season(own_space))
    row = next(r for r in tracked.table.rows() if (r.rep, r.cycle) == ("Tom Becker", "cycle_1"))
    assert row.baseline.n == len(days) - inside
    assert f"{inside} baseline calls of Tom Becker in a coaching cycle" in tracked.notes[0]
    again = season(own_space)
    mine = [
        id for id, rep in zip(again.calls.ids, again.calls.rep, strict=True) if again.calls.reps[rep] == "Tom Becker"
    ]
    assert not any(early.start <= call.date <= early.end for call in own_space.store[Calls].facts(mine).values())
