"""Pages from packed counts say what the commands say that read every rating."""

import pytest

from agent.app.telling import unsaid
from agent.coaching.tracking import tracking_of
from agent.core.errors import NotFound
from agent.core.people import Scope
from agent.db.store import Store
from agent.profiles.baselines import profiles_of
from agent.profiles.gaps import gap_report
from agent.profiles.season import baselines, load
from agent.profiles.standings import rep_profile, team_heat_map
from agent.settings import Settings
from agent.workspace import Workspace


@pytest.fixture
def space(season_folder):
    url = f"sqlite:///{season_folder}/closeread.db"
    return Workspace(Settings(workspace=season_folder, database_url=url, environment={}))


@pytest.fixture
def slow(space):
    loaded = load(space, unsaid)
    return loaded, baselines(space, loaded)


def test_the_heat_map_has_the_profiles_of_the_baselines(space, slow):
    loaded, recorded = slow
    rows = profiles_of(space, loaded, recorded).rows()
    found = team_heat_map(space)
    assert [(cell.score, cell.corrected, cell.state) for cell in found.cells] == [
        (row.score, row.corrected, row.state) for row in rows
    ]
    assert found.reps == loaded.frame.reps
    assert found.gaps.team == gap_report(space, loaded, recorded).team
    assert set(found.focus) <= {gap.criterion for gap in found.gaps.team}
    assert len(found.focus) <= 2
    assert found.without_baseline == ()
    assert found.as_of


def test_a_reps_page_has_the_same_profile_gaps_and_verdicts(space, slow):
    loaded, recorded = slow
    rows = profiles_of(space, loaded, recorded).rows()
    gaps = gap_report(space, loaded, recorded).own
    movement = tracking_of(space, unsaid).table.rows()
    for rep in loaded.frame.reps:
        found = rep_profile(space, "", rep)
        assert found.profile == tuple(row for row in rows if row.rep == rep)
        assert found.gaps == tuple(gap for gap in gaps if gap.rep == rep)
        assert found.movement == tuple(row for row in movement if row.rep == rep)
        assert found.baseline == next(b for b in recorded if b.rep == rep)


def test_a_rep_sees_the_same_own_figures_and_nobody_elses(space):
    whole = team_heat_map(space)
    rep, other = whole.reps[0], whole.reps[1]
    manager = rep_profile(space, "", rep)
    space.store = Store(space.store.engine, Scope(name=rep, role="rep", rep=rep))
    own = rep_profile(space, "", rep)
    assert (own.profile, own.gaps, own.baseline) == (manager.profile, manager.gaps, manager.baseline)
    assert [row.verdict for row in own.movement] == [row.verdict for row in manager.movement]
    heat = team_heat_map(space)
    assert (heat.reps, heat.cells, heat.gaps.team, heat.gaps.own) == ((rep,), whole.of(rep), (), ())
    assert other not in repr((own, heat))
    with pytest.raises(NotFound, match="no rep"):
        rep_profile(space, "", other)
