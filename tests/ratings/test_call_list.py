"""The list of calls: what counts on each, filters by it, and that list, page and command say the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from agent.calls.store import CallFilters, Calls
from agent.core.marks import RESULT_WORDS
from agent.core.scale import SCALES
from agent.main import app
from agent.ratings.call_page import call_page
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.results import CallInList, holding, line_of, results_of
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from tests.api.conftest import OTHER_REP, REP
from tests.builders import call, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
PRESENT = {scale: scale.present_level for scale in SCALES.values()}
ASKS = rubric().criteria[0]
DEPTH = ASKS.model_copy(update={"id": "depth", "name": "Depth", "scale": SCALES["1-5"], "anchors": {}})
BOTH = Rubric(criteria=(ASKS, DEPTH), label="both")


def rated(ident, criterion, judgement):
    return Rating(
        call=ident, criterion=criterion, rater="ann", judgement=judgement, provenance=Provenance(rubric=BOTH.id), at=AT
    )


@pytest.fixture(name="space")
def _space(site):
    store = site.space.store
    store[Rubrics].add(BOTH)
    store[Calls].add(call("call-4", OTHER_REP))
    absent, failed = Rated(value=0), Failed(kind="evidence", detail="not there")
    store[Ratings].add([rated("call-1", ASKS.id, absent), rated("call-1", "depth", Rated(value=3))])
    store[Ratings].add([rated("call-2", ASKS.id, NotApplicable()), rated("call-2", "depth", Rated(value=1))])
    store[Ratings].add([rated("call-3", ASKS.id, failed), rated("call-3", "depth", Rated(value=5))])
    return site.space


def listed(space, **filters):
    rows = space.store[Calls].page(CallFilters(rubric=BOTH.id, **filters))
    return {row.id: CallInList.against(row, BOTH, PRESENT) for row in rows}


def test_each_call_says_what_counts(space):
    found = listed(space)
    assert [one.result for one in found["call-1"].results] == ["not_shown", "shown"]
    assert [one.in_words for one in found["call-1"].results] == ["not shown", "3 of 5"]
    assert [one.quarter for one in found["call-1"].results] == [0, 2]
    assert (found["call-1"].shown, found["call-1"].rated) == (1, 2)
    assert [one.result for one in found["call-2"].results] == ["not_applicable", "not_shown"]
    assert [one.result for one in found["call-3"].results] == ["failed", "shown"]
    assert (found["call-3"].shown, found["call-3"].rated) == (1, 1)
    assert not found["call-4"].scored


@pytest.mark.parametrize("criterion", ["", ASKS.id, "depth"])
@pytest.mark.parametrize("kind", [kind for kind in RESULT_WORDS if kind != "none"])
def test_filters_give_what_the_rows_say(space, criterion, kind):
    wanted = {
        ident
        for ident, one in listed(space).items()
        if any(r.result == kind and criterion in ("", r.criterion) for r in one.results)
    }
    assert listed(space, cells=holding(BOTH, criterion, kind, PRESENT)).keys() == wanted


def test_a_common_result_is_found_as_a_rare_one_is(space, monkeypatch):
    cells = holding(BOTH, "depth", "shown", PRESENT)
    rare = list(listed(space, cells=cells))
    monkeypatch.setattr("agent.calls.store._SHORT_QUEUE", 0)
    assert list(listed(space, cells=cells)) == rare == ["call-3", "call-1"]


def test_scored_and_not_scored_are_all_calls_with_words(space):
    assert listed(space, scored=True).keys() == {"call-1", "call-2", "call-3"}
    assert listed(space, scored=False).keys() == {"call-4"}


def test_list_and_page_say_the_same(space):
    for ident, one in listed(space).items():
        page = call_page(space, ident, "", BOTH.id)
        assert list(page.results) == one.results
        assert [card.stands and card.stands.judgement.value for card in page.cards] == [r.level for r in one.results]


def test_one_line_for_a_call(space):
    found = listed(space)
    assert line_of(found["call-1"].results) == "1 of 2 criteria shown"
    assert line_of(found["call-3"].results) == "1 of 1 criteria shown; 1 failed"
    assert line_of(results_of(BOTH, "nn", "mm", PRESENT)) == "2 do not apply"


def test_the_command_prints_what_the_api_sends(site, space):
    sent = site.program("ops_lead").get("/api/v1/calls", params={"rubric": "both"}).json()
    folder = str(site.space.settings.workspace)
    said = CliRunner().invoke(app, ["--workspace", folder, "calls", "list", "--rubric", "both", "--json"])
    assert json.loads(said.stdout) == sent


def test_a_rep_filters_only_the_own_calls(site, space):
    items = site.program("rep").get("/api/v1/calls", params={"rubric": "both", "result": "shown"}).json()["items"]
    assert {one["rep"] for one in items} == {REP}
    page = site.browser("rep").get("/calls", params={"rubric": "both", "result": "failed"}).text
    assert "No call fits these filters" in page
    assert "call-3" not in page


def test_an_unknown_criterion_is_said(site, space):
    answer = site.ops_browser.get("/calls", params={"criterion": "nope"})
    assert answer.status_code == 422
    assert "has no criterion" in answer.text
