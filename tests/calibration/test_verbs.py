"""A round by its verbs alone: drafts, submitting, what is left, settling, ending."""

import pytest

from agent.app.verb import Who
from agent.calibration.rounds import open_splits, rated_round, report_of
from agent.calibration.sheet import left_to_rate
from agent.calibration.verbs import close_round, open_round, save_draft, settle_difference, submit_ratings
from agent.calibration.views import RoundView
from agent.core.errors import GateClosed, InputError, UsageError
from agent.core.people import Scope
from agent.documents.verbs import export_calibration, export_scoring_guide
from agent.profiles.season import rated_season
from agent.ratings.overriding import Given
from agent.settings import Settings
from agent.workspace import Workspace
from tests.calibration.conftest import RUBRIC, filled_store

CALLS = ["call-00", "call-01"]


@pytest.fixture
def space(tmp_path):
    filled_store(tmp_path / "space", 4).close()
    made = Workspace(Settings.read(tmp_path / "space", {}))
    yield made
    made.store.close()


def who(space, name):
    return Who(space, Scope(name=name, local=True))


@pytest.fixture
async def opened(space):
    return await open_round(who(space, ""), "", ["ana", "ben"], CALLS)


def rated(space, found):
    return {rater.name: rater.rated for rater in RoundView.of(space, found).raters}


def rate_all(space, found, rater, value):
    for call, criteria in left_to_rate(space, found, rater):
        for criterion in criteria:
            save_draft(who(space, rater), found, call.id, criterion.id, value, reason="as heard")


async def test_a_draft_is_kept_and_is_no_longer_left_to_rate(space, opened):
    save_draft(who(space, "ana"), opened, "call-00", "asks_cost", "1", [("0", "")])
    left = {call.id: [c.id for c in criteria] for call, criteria in left_to_rate(space, opened, "ana")}
    assert left == {"call-00": ["depth"], "call-01": ["asks_cost", "depth"]}
    assert rated(space, opened) == {"ana": 1, "ben": 0}
    assert [c.id for c in left_to_rate(space, opened, "ana", "call-00")[0][1]] == ["asks_cost", "depth"]


async def test_a_draft_of_something_that_is_not_in_the_round_is_refused(space, opened):
    with pytest.raises(UsageError, match="no call of round 1"):
        save_draft(who(space, "ana"), opened, "call-03", "asks_cost", "0")
    with pytest.raises(UsageError, match="no criterion 'charm'"):
        save_draft(who(space, "ana"), opened, "call-00", "charm", "0")
    with pytest.raises(InputError):
        save_draft(who(space, "ana"), opened, "call-00", "asks_cost", "1", [("0", "words nobody said")])
    assert rated(space, opened)["ana"] == 0


async def test_a_round_from_drafts_to_its_end(space, opened):
    rate_all(space, opened, "ana", "1")
    with pytest.raises(GateClosed, match="blind until"):
        report_of(space, "1")
    assert submit_ratings(who(space, "ana"), "1").ratings == 2 * len(RUBRIC.criteria)
    save_draft(who(space, "ben"), opened, "call-00", "asks_cost", "0")
    rate_all(space, opened, "ben", "1")
    fresh = submit_ratings(who(space, "ben"), "1").round
    left = open_splits(rated_round(space, fresh))
    assert {criterion: [split.call for split in splits] for criterion, splits in left.items()} == {
        "asks_cost": ["call-00"]
    }
    with pytest.raises(UsageError, match="did not differ"):
        settle_difference(who(space, "ana"), "1", "call-01", "asks_cost", Given("0", "no"))
    settle_difference(who(space, "ana"), "1", "call-00", "asks_cost", Given("0", "nobody asked"))
    assert open_splits(rated_round(space, fresh)) == {}
    assert "1" in export_calibration(who(space, "ana")).title
    assert close_round(who(space, "ana"), "1").state == "closed"


async def test_what_is_withheld_is_told(space, opened):
    rate_all(space, opened, "ana", "1")
    submit_ratings(who(space, "ana"), "1")
    told: list[str] = []
    export_scoring_guide(who(space, "ben"), note=told.append)
    assert any("calibration round 1 is blind" in line for line in told)
    with pytest.raises(InputError, match="has no ratings"):
        rated_season(space)
