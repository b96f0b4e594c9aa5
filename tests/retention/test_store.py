"""Words go, judgements stay."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.coaching.store import Coaching
from agent.core.errors import Forbidden, NotFound, UsageError
from agent.core.people import Scope
from agent.core.transcript import Quote, Span
from agent.db import schema
from agent.db.schema_server import dispute_answers, disputes
from agent.db.store import Store
from agent.disputes.model import Dispute, DisputeAnswer
from agent.disputes.store import Disputes
from agent.interviews.store import Interviews
from agent.profiles.model import CoachMoment, Passage
from agent.ratings.model import NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.retention.model import Chosen
from agent.retention.store import GONE, STUB, Retention
from agent.rubrics.store import Rubrics
from tests.builders import call, interview, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = "nine thousand dollars"
RUBRIC = rubric()
QUOTE = Quote(span=Span(turn=1, start=6, end=27), speaker="Cus", text=SECRET)


def rated(ident, rater="ana", value=1, **given):
    judgement = Rated(
        value=value, quotes=(QUOTE,), context=(QUOTE,), nearest=NearestMiss(turn=1, speaker="Cus", text=SECRET, why="w")
    )
    made = Provenance(rubric=RUBRIC.id)
    facts = {"criterion": "asks_cost", "provenance": made, "at": AT, "reason": f"says {SECRET}"}
    return Rating(call=ident, rater=rater, judgement=judgement, **facts, **given)


def planned(*calls):
    def moment(ident):
        passage = Passage(call=ident, turn=1, turns=call(ident).transcript.turns)
        return CoachMoment(
            kind="done", rep="", call=ident, date=date(2026, 10, 2), passage=passage, why=SECRET, said="s"
        )

    moments = tuple(map(moment, calls))
    criterion = PlannedCriterion(criterion="asks_cost", name="n", description="d", reason="r", moments=moments)
    return CoachingPlan(who="Rae", rubric=RUBRIC.id, criteria=(criterion,), at=AT)


@pytest.fixture(name="store")
def _store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'closeread.db'}")
    store[Rubrics].add(RUBRIC)
    for ident, rep, day in (("old", "Rae", 2), ("new", "Rae", 20), ("other", "Sam", 2)):
        found = call(ident, rep).model_copy(update={"date": date(2026, 10, day), "customer": f"Cus of {ident}"})
        store[Calls].add(found)
        store[Ratings].add([rated(ident)])
    first = rated("old")
    store[Coaching].add_plan(planned("old", "new"))
    store[Disputes].open(
        Dispute(id="di", rating=first.id, call="old", criterion="asks_cost", rep="Rae", by="Rae", comment=SECRET, at=AT)
    )
    store[Disputes].answer(DisputeAnswer(dispute="di", verdict="declined", by="ana", reason=SECRET, at=AT))
    store[Ratings].supersede(rated("old", "ana", 0, supersedes=first.id))
    yield store
    store.close()


def everything(store, *tables):
    with store.engine.connect() as connection:
        return "\n".join(body for table in tables for body in connection.execute(select(table.c.body)).scalars())


def gone(store, **chosen):
    found = store[Retention].plan(Chosen(**chosen))
    store[Retention].remove(found)
    return found


def test_a_plan_changes_nothing_and_counts(store):
    before = everything(store, schema.ratings, schema.calls, schema.transcripts)
    found = store[Retention].plan(Chosen(before=date(2026, 10, 10), rep="Rae"))
    assert (found.calls, found.interviews, found.ratings, found.plans, found.disputes) == (("old",), (), 2, 1, 1)
    assert everything(store, schema.ratings, schema.calls, schema.transcripts) == before


def test_words_go_from_every_table_and_judgements_stay(store):
    before = {
        r.id: (r.rater, r.judgement.value, r.supersedes) for r in store[Ratings].look(with_superseded=True).ratings
    }
    gone(store, rep="Rae")
    gone(store, rep="Sam")
    tables = (schema.ratings, schema.plans, schema.calls, schema.transcripts, disputes, dispute_answers)
    assert SECRET not in everything(store, *tables)
    assert "Cus of" not in everything(store, schema.calls)
    after = {
        r.id: (r.rater, r.judgement.value, r.supersedes) for r in store[Ratings].look(with_superseded=True).ratings
    }
    assert after == before


def test_others_keep_their_words(store):
    gone(store, before=date(2026, 10, 10), rep="Rae")
    assert store[Calls].get("new").customer == "Cus of new"
    assert store[Calls].get("other").transcript.turns
    kept = store[Ratings].current(["new", "other"])
    assert all(rating.judgement.quotes == (QUOTE,) for rating in kept)
    assert len(kept) == 2
    with pytest.raises(NotFound):
        store[Calls].get("old")
    assert store[Calls].about("old").rep == "Rae"
    assert store[Calls].about("old").ratings == 1


def test_a_redacted_rating_is_found_and_corrected_by_its_id(store):
    ident = next(r.id for r in store[Ratings].current(["old"]))
    gone(store, rep="Rae")
    found = store[Ratings].get(ident)
    assert (found.id, found.reason, found.judgement.quotes, found.judgement.nearest) == (ident, GONE, (), None)
    assert found.judgement.context == ()
    store[Ratings].supersede(rated("old", "ben", supersedes=ident))
    assert [r.rater for r in store[Ratings].current(["old"])] == ["ben"]


def test_a_plan_loses_the_moments_of_the_call_alone_and_keeps_its_id(store):
    ident = store[Coaching].plan_of("Rae").id
    gone(store, before=date(2026, 10, 10))
    plan = store[Coaching].plan_of("Rae")
    old, new = plan.criteria[0].moments
    assert plan.id == ident
    assert (old.passage, old.why, old.said) == (None, GONE, "")
    assert new.passage is not None


def test_a_transcript_that_somebody_else_has_stays(store):
    shared = call("twin", "Sam").model_copy(update={"transcript": store[Calls].get("old").transcript})
    store[Calls].add(shared)
    gone(store, before=date(2026, 10, 10), rep="Rae")
    assert store[Calls].get("twin").transcript.turns[1].text


def test_the_customer_is_found_whatever_the_case(store):
    assert store[Retention].plan(Chosen(customer=" CUS OF old")).calls == ("old",)


def test_an_interview_keeps_its_outcome_and_loses_its_words(store):
    store[Interviews].add(interview("int-1", "won", SECRET))
    found = gone(store, customer="Bo")
    assert found.interviews == ("int-1",)
    left = store[Interviews].get("int-1")
    assert (left.outcome, left.buyer, left.transcript.id) == ("won", GONE, STUB.id)
    assert '"Bo"' not in everything(store, schema.interviews)
    assert f'"{SECRET}"' not in everything(store, schema.transcripts)
    assert store[Retention].plan(Chosen(customer="Bo")).interviews == ()


def test_calls_of_a_running_round_wait(store):
    running = CalibrationRound(number=1, rubric=RUBRIC.id, raters=("ana", "ben"), calls=("new",), opened_at=AT)
    store[Rounds].open(running, {})
    found = gone(store, rep="Rae")
    assert (found.calls, found.waiting) == (("old",), ("new",))
    assert store[Calls].get("new").transcript.turns


def test_twice_removes_nothing_more(store):
    gone(store, rep="Rae")
    assert store[Retention].plan(Chosen(rep="Rae")).calls == ()


def test_nothing_goes_without_a_limit(store):
    with pytest.raises(UsageError, match="say what is to go"):
        store[Retention].plan(Chosen())


@pytest.mark.parametrize("role", ["manager", "viewer", "rep"])
def test_only_an_ops_lead_removes(store, role):
    scoped = store.seen_by(Scope(name="x", role=role, rep="Rae" if role == "rep" else ""))
    with pytest.raises(Forbidden):
        scoped[Retention].plan(Chosen(rep="Rae"))


def test_quotes_of_an_extraction_lose_their_words_and_keep_their_place(store):
    store[Interviews].add(interview("int-1", "won", SECRET))
    quote = {"span": {"turn": 1, "start": 0, "end": 21}, "speaker": "Bo", "text": SECRET}
    body = {"observations": [{"interview": "int-1", "quote": quote}, {"interview": "int-2", "quote": quote}]}
    with store.engine.begin() as connection:
        row = {"pattern_set": "ps", "codebook": "cb", "at": "2026", "body": json.dumps(body)}
        connection.execute(schema.extractions.insert().values(row))
    gone(store, customer="Bo")
    first, second = json.loads(everything(store, schema.extractions))["observations"]
    assert first["quote"] == quote | {"speaker": "-", "text": GONE}
    assert second["quote"] == quote
