"""A round by the services alone: drafts, submitting, what is left, settling, ending."""

import pytest

from agent.app.telling import unsaid
from agent.calibration.round_opening import checked_raters, chosen_calls, open_round
from agent.calibration.round_rating import (
    adjudicate,
    close_round,
    left_to_rate,
    open_splits,
    progress,
    save_draft,
    submit,
)
from agent.calibration.rounds import rated_round, report_of
from agent.core.errors import GateClosed, InputError, UsageError
from agent.documents.verbs import calibration_document, scoring_guide_document
from agent.profiles.season import rated_season
from agent.rubrics.store import Rubrics
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


@pytest.fixture
async def opened(space):
    calls = chosen_calls(space, CALLS, 0, 0)
    return await open_round(space, unsaid, space.store[Rubrics].get(), checked_raters(["ana", "ben"]), calls)


def rate_all(space, found, rater, value):
    for call, criteria in left_to_rate(space, found, rater):
        for criterion in criteria:
            save_draft(space, found, rater, call.id, criterion.id, value, reason="as heard")


async def test_a_draft_is_kept_and_is_no_longer_left_to_rate(space, opened):
    save_draft(space, opened, "ana", "call-00", "asks_cost", "1", turn="0")
    left = {call.id: [c.id for c in criteria] for call, criteria in left_to_rate(space, opened, "ana")}
    assert left == {"call-00": ["depth"], "call-01": ["asks_cost", "depth"]}
    rows = {row["rater"]: row["rated"] for row in progress(space, opened)["progress"]}
    assert rows == {"ana": 1, "ben": 0}
    assert [c.id for c in left_to_rate(space, opened, "ana", "call-00")[0][1]] == ["asks_cost", "depth"]


async def test_a_draft_of_something_that_is_not_in_the_round_is_refused(space, opened):
    with pytest.raises(UsageError, match="no call of round 1"):
        save_draft(space, opened, "ana", "call-03", "asks_cost", "0")
    with pytest.raises(UsageError, match="no criterion 'charm'"):
        save_draft(space, opened, "ana", "call-00", "charm", "0")
    with pytest.raises(InputError):
        save_draft(space, opened, "ana", "call-00", "asks_cost", "1", turn="0", quote="words nobody said")
    assert progress(space, opened)["progress"][0]["rated"] == 0


async def test_a_round_from_drafts_to_its_end(space, opened):
    rate_all(space, opened, "ana", "1")
    with pytest.raises(GateClosed, match="blind until"):
        report_of(space, "1")
    count, _ = submit(space, opened, "ana")
    assert count == 2 * len(RUBRIC.criteria)
    save_draft(space, opened, "ben", "call-00", "asks_cost", "0")
    rate_all(space, opened, "ben", "1")
    _, fresh = submit(space, opened, "ben")
    rated = rated_round(space, fresh)
    assert {criterion: [s.call for s in left] for criterion, left in open_splits(rated).items()} == {
        "asks_cost": ["call-00"]
    }
    with pytest.raises(UsageError, match="did not differ"):
        adjudicate(space, rated, "ana", "call-01", "asks_cost", "0", reason="no")
    adjudicate(space, rated, "ana", "call-00", "asks_cost", "0", reason="nobody asked")
    assert open_splits(rated_round(space, fresh)) == {}
    assert "1" in calibration_document(space).title
    assert close_round(space, fresh, "ana").state == "closed"


async def test_what_is_withheld_is_told(space, opened):
    rate_all(space, opened, "ana", "1")
    submit(space, opened, "ana")
    told: list[str] = []
    scoring_guide_document(space, told.append, viewer="ben")
    assert any("calibration round 1 is blind" in line for line in told)
    with pytest.raises(InputError, match="has no ratings"):
        rated_season(space)
