"""Scores for other systems: each row traced to the rating that counts, ids that stay, only what is new."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from agent.app.verb import Who
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import InputError, UsageError
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.documents.scores import as_csv, scores
from agent.documents.verbs import export_scores
from agent.ratings.model import NotApplicable, Provenance, Rated, Rating
from agent.ratings.overriding import Given, override
from agent.ratings.store import Ratings
from agent.retention.model import Chosen
from agent.retention.verbs import remove
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import made_site
from tests.builders import call, rubric
from tests.ratings.walk import rating_of

OLD = datetime(2026, 10, 1, tzinfo=UTC)
NEW = datetime(2026, 11, 1, tzinfo=UTC)


def rating(of, judgement, at=OLD, rater="model:m", criterion="asks_cost"):
    made = Provenance(rubric=rubric().id, prompt="p", model="m", request=f"{of}-{at}")
    return Rating(call=of, criterion=criterion, rater=rater, judgement=judgement, provenance=made, at=at)


@pytest.fixture
def space(tmp_path):
    made = Workspace(Settings.read(tmp_path / "workspace", {}))
    made.store[Rubrics].add(rubric())
    made.store[Calls].add(call().model_copy(update={"deal": "D-7", "account": "Acme"}))
    made.store[Calls].add(call("call-2", "Sam"))
    made.store[Ratings].add([rating("call-1", Rated(value=0)), rating("call-2", NotApplicable())])
    yield made
    made.store.close()


@pytest.fixture(name="server")
def _server(tmp_path):
    with made_site(tmp_path / "site") as site:
        yield site


def test_each_row_is_what_counts_and_says_of_which_deal(space):
    rows = {row.call: row for row in scores(space).rows}
    one, two = rows["call-1"], rows["call-2"]
    assert (one.deal, one.account, one.external_id) == ("D-7", "Acme", "call-1")
    assert (one.criterion, one.level, one.result, one.counts_as) == ("asks_cost", 0, "not_shown", "model")
    assert space.store[Ratings].get(one.rating).call == "call-1"
    assert (two.rep, two.level, two.result) == ("Sam", None, "not_applicable")


def test_a_correction_keeps_the_id_and_names_another_rating(space):
    before = next(row for row in scores(space).rows if row.call == "call-1")
    override(space, "Ana", before.rating, Given("1", "She does ask.", "0", ""))
    after = next(row for row in scores(space).rows if row.call == "call-1")
    assert (after.id, after.counts_as, after.level) == (before.id, "correction", 1)
    assert after.rating != before.rating
    assert len({row.id for row in scores(space).rows}) == 2


def test_only_what_was_rated_since(space):
    assert scores(space, since="2026-10-02").rows == []
    space.store[Ratings].add([rating("call-2", Rated(value=0), NEW)])
    assert [row.call for row in scores(space, since="2026-10-02").rows] == ["call-2"]
    assert [row.call for row in scores(space, since=(NEW + timedelta(seconds=1)).isoformat()).rows] == []
    assert [row.call for row in scores(space, call="call-1").rows] == ["call-1"]
    with pytest.raises(InputError, match="is no day or time"):
        scores(space, since="yesterday")


def test_a_crm_gets_its_own_names_and_no_byte_order_mark(space):
    text = as_csv(scores(space).rows, {"id": "Score_Id__c", "level": "Level__c", "deal": "Opportunity_Id__c"})
    assert text.startswith("Score_Id__c,Level__c,Opportunity_Id__c\r\n")
    assert [row["Opportunity_Id__c"] for row in csv.DictReader(io.StringIO(text))] == ["D-7", ""]
    with pytest.raises(UsageError, match="there is no column 'amount'; there are id, call"):
        as_csv([], {"amount": "Amount"})


def test_a_blind_round_is_in_no_row_and_its_ratings_come_once_it_is_over(space):
    """They were given before `since`, and count from the end of the round on."""
    late = NEW + timedelta(days=1)
    new = CalibrationRound(number=1, rubric=rubric().id, raters=("Ana", "Ben"), calls=("call-2",), opened_at=OLD)
    found = space.store[Rounds].open(new, {"Ana": [rating("call-2", Rated(value=0), OLD, "Ana")]})
    assert {row.call for row in scores(space).rows} == {"call-1"}
    assert scores(space, since=late.isoformat()).rows == []
    space.store[Rounds].save(found, "Ben", [Draft(call="call-2", criterion="asks_cost", judgement=Rated(value=0))])
    space.store[Rounds].submit(found, "Ben", ["asks_cost"], OLD)
    rows = scores(space, since=late.isoformat()).rows
    assert [(row.call, row.level, row.counts_as) for row in rows] == [("call-2", 0, "agreed")]


def test_a_rep_gets_the_own_calls_and_the_log_says_who_took_how_many(space):
    rep = Who(space.seen_by(Scope(name="Sam", role="rep", rep="Sam")), Scope(name="Sam", role="rep", rep="Sam"))
    assert {row.rep for row in export_scores(rep).rows} == {"Sam"}
    entry = space.store[AuditLog].page()[0]
    assert (entry.action, entry.facts) == ("scores_exported", {"scores": 1})


def test_what_was_removed_is_in_no_row(space):
    told = "Brightwater"
    named = {"customer": told, "account": told, "alias": f"{told}.txt"}
    space.store[Calls].add(call("call-3", "Rae", ("Rae", "Whom else?"), ("Cus", "Us.")).model_copy(update=named))
    space.store[Ratings].add([rating("call-3", Rated(value=0))])
    assert told in as_csv(scores(space).rows)
    lead = Who(space, Scope(local=True), as_name="Ola")
    remove(lead, Chosen(customer=told))
    assert told not in as_csv(scores(space).rows)


def test_the_command_writes_what_a_crm_takes(space, tmp_path, closeread):
    space.store.close()
    closeread.folder = tmp_path / "workspace"
    told = closeread("export", "scores", "--json").json["items"]
    assert {row["call"] for row in told} == {"call-1", "call-2"}
    closeread("export", "scores", "--out", tmp_path / "scores.csv", "--map", "id=Key", "--map", "level=Level")
    assert (tmp_path / "scores.csv").read_bytes().startswith(b"Key,Level\r\nsc-")
    assert "--since 20" in closeread.err


def test_the_api_gives_a_program_what_it_asks_next_time_with(server):
    rating_of(server)
    sent = server.browser("viewer").get("/api/v1/documents/scores", params={"format": "json", "rubric": "v1"})
    assert sent.json() == [row.data() for row in scores(server.space, "v1").rows] != []
    since = sent.headers["X-Read-At"]
    again = server.browser("viewer").get("/scores", params={"rubric": "v1"})
    assert again.text.splitlines()[0].startswith("id,call,external_id,deal,")
    assert datetime.fromisoformat(since) <= datetime.now(UTC)
