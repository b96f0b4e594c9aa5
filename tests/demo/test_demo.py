"""The demo as a user runs it: every request answered from the recordings, none of which is left over."""

import json
import re
from collections import Counter

import pytest
from sqlalchemy import select

from agent.calls.store import Calls
from agent.db.audit import AuditLog
from agent.db.schema import ledger
from agent.llm.recording import Replay
from agent.main import main
from agent.ratings.store import Ratings
from agent.rubrics.checks import rule_findings
from agent.rubrics.drafting import sentences
from agent.rubrics.store import Rubrics
from agent.settings import shipped
from agent.start import cli_demo as command


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "out"
    main_exit(["demo", "--out", str(folder)])
    return folder


def main_exit(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code


def test_the_report_is_one_file_that_loads_nothing_from_elsewhere(ran):
    page = (ran / "report.html").read_text()
    assert "<h2>What separates won deals from lost ones</h2>" in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert "@import" not in page
    assert page.count("<mark") > 100
    assert "dev-call-40" in page


def test_the_report_shows_the_trial_before_and_after_criteria_were_made_to_fit(ran):
    page = (ran / "report.html").read_text()
    trial = page[page.index('<section id="trial">') : page.index('<section id="team">')]
    drafted, fitted = (
        "criteria applied in 50 of 76 first readings; 6 of 9",
        "criteria applied in 56 of 60 first readings; 8 of 9",
    )
    assert trial.index(drafted) < trial.index(fitted)
    assert "<td>1 of 10 calls</td><td>0 of 1</td><td>0 of 10</td>" in trial  # asked_price_comparison as drafted
    assert "<td>4 of 4 calls</td><td>0 of 4</td><td>0 of 4</td>" in trial  # and asked in its stages
    assert "Shown on all of 8 calls" in trial


def test_the_criteria_drafted_anew_are_such_as_a_team_could_deploy(ran):
    """Two short sentences, examples of both kinds, no gap, and every call of its stages has its occasion."""
    space = command._demo_space(ran)
    rubric = space.store[Rubrics].get(command.ANEW)
    ratings = [one for one in space.store[Ratings].current(rubric=rubric.id) if not one.provenance.draw]
    space.store.close()
    assert len(rubric.criteria) == 9
    for criterion in rubric.criteria:
        assert rule_findings(criterion) == [], criterion.id
        assert sentences(criterion.description) == 2
        assert "absent" in {e.kind for e in criterion.examples}
        assert (
            criterion.name.startswith("Avoid:")
            == (criterion.weight < 0)
            == criterion.description.startswith("To avoid:")
        )
    assert [c.id for c in rubric.criteria if all(e.kind == "absent" for e in c.examples)] == ["invites_affected_person"]
    assert len(ratings) == 65
    assert {one.judgement.status for one in ratings} == {"rated"}
    page = (ran / "report.html").read_text()
    assert "criteria applied in 65 of 65 first readings; 6 of 9" in page


def test_a_rubric_that_a_team_could_deploy_comes_of_it(ran):
    """Each criterion applies to a third of the calls of its stages at least, over all forty."""
    space = command._demo_space(ran)
    rubric = space.store[Rubrics].get(command.FITTED)
    first = [one for one in space.store[Ratings].current(rubric=rubric.id) if not one.provenance.draw]
    asked = Counter(one.criterion for one in first)
    applied = Counter(one.criterion for one in first if one.judgement.status == "rated")
    space.store.close()
    assert {c.id for c in rubric.criteria} == set(asked)
    assert all(applied[c] * 3 >= asked[c] for c in asked)
    assert sum(asked.values()) - sum(applied.values()) == 32


def test_every_quote_in_the_store_is_its_transcripts_own_text(ran):
    space = command._demo_space(ran)
    calls = {c.id: c for c in space.store[Calls].all()}
    quotes = [
        (r.call, q)
        for r in space.store[Ratings].current(rubric=space.store[Rubrics].get(command.FITTED).id)
        if r.judgement.status == "rated"
        for q in r.judgement.quotes
    ]
    assert len(quotes) > 100
    for call, quote in quotes:
        turn = calls[call].transcript.turns[quote.span.turn]
        assert turn.text[quote.span.start : quote.span.end] == quote.text
        assert turn.speaker == quote.speaker
    space.store.close()


def test_every_call_is_rated_on_every_criterion_of_its_stage(ran):
    space = command._demo_space(ran)
    calls = space.store[Calls].all()
    for label in (command.DRAFT, command.FITTED):
        rubric = space.store[Rubrics].get(label)
        ratings = [one for one in space.store[Ratings].current(rubric=rubric.id) if not one.provenance.draw]
        wanted = {(call.id, c.id) for call in calls for c in rubric.asked_in(space.stages.stage_of(call.stage))}
        assert {(one.call, one.criterion) for one in ratings} == wanted
        assert len(ratings) == len(wanted)
    space.store.close()


def test_again_asks_nothing_and_changes_nothing(ran, capsys):
    space = command._demo_space(ran)
    before = len(space.store[Ratings].current())
    space.store.close()
    main_exit(["demo", "--out", str(ran), "--json"])
    data = json.loads(capsys.readouterr().out)
    assert data["scored"]["calls"] == 0
    space = command._demo_space(ran)
    assert len(space.store[Ratings].current()) == before
    entries = [one.person for one in space.store[AuditLog].page(limit=500) if one.action == "sample_imported"]
    assert entries == ["the demo"] * 2
    space.store.close()


def test_no_recording_is_missing_or_unused(ran):
    space = command._demo_space(ran)
    with space.store.engine.connect() as connection:
        rows = connection.execute(select(ledger.c.request, ledger.c.source, ledger.c.failure)).all()
    space.store.close()
    assert {source for _, source, _ in rows} == {"recording"}
    assert {failure for *_, failure in rows} == {""}
    recorded = {r.id for r in Replay(shipped("recordings") / "demo").unused()}
    assert {request for request, *_ in rows} == recorded
