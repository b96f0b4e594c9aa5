"""Questions about calls, deals and lines of the log that read no words: the same answers as reading all of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.queue.store import Jobs
from agent.calls.model import Deal
from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.db.audit import AuditLog
from agent.db.known_names import known_bodies
from agent.db.store import Store
from agent.db.transcripts import ids_naming
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.ratings.store_import import ImportedCall, ImportedRatings
from agent.rubrics.store import Rubrics
from agent.text.pseudonyms import names_of
from tests.builders import call, interview, rubric

DAY = date(2026, 1, 1)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    opened[Rubrics].add(rubric())
    yield opened
    opened.close()


def add(store, ident, rep, day=1, **facts):
    store[Calls].add(call(ident, rep).model_copy(update={"date": date(2026, 10, day), **facts}))


def unheard(store, ident, rep):
    store[ImportedRatings].add([ImportedCall(ident, "2026-01-01", rep, "", "", "")], [], "import:x", rubric().id)


def test_calls_come_in_turn_the_earliest_of_each_rep_first(store):
    for ident, rep, day in (("a1", "Ann", 3), ("a2", "Ann", 1), ("b1", "Bea", 2), ("c1", "Cat", 9), ("c2", "Cat", 1)):
        add(store, ident, rep, day)
    unheard(store, "a0", "Ann")
    assert store[Calls].in_turn(10) == ["a2", "b1", "c2", "a1", "c1"]
    assert store[Calls].in_turn(4) == ["a2", "b1", "c2", "a1"]
    assert store[Calls].in_turn(2) == ["a2", "b1"]


def test_only_calls_with_words_are_heard_and_have_a_place(store):
    add(store, "heard", "Ann", stage="demo", deal="d-1")
    unheard(store, "silent", "Ann")
    assert store[Calls].heard() == store[Calls].heard(["silent", "heard", "nowhere"]) == ["heard"]
    place = store[Calls].places(["heard"])[0]
    assert (place.id, place.rep, place.stage, place.deal) == ("heard", "Ann", "demo", "d-1")
    with pytest.raises(NotFound, match="'nowhere', 'silent'"):
        store[Calls].places(["heard", "silent", "nowhere"])


def test_a_name_is_found_whatever_its_case_in_the_fields_asked_for(store):
    add(store, "c1", "Ann", customer="Straße 7 GmbH")
    add(store, "c2", "Ann", account="STRASSE 7 gmbh")
    add(store, "c3", "Straße 7 GmbH")
    add(store, "c4", "Ann", customer='The "Old" \\ Mill')
    assert store[Calls].naming("strasse 7 GMBH", "customer", "account") == ["c1", "c2"]
    assert store[Calls].naming('the "old" \\ mill', "customer") == ["c4"]
    assert store[Calls].naming("Ann", "customer") == store[Calls].naming(" ", "customer", "account") == []
    store[Interviews].add(interview())
    assert store[Interviews].naming("BO", "buyer") == ["int-1"]


@given(st.text(max_size=6), st.text(max_size=6))
def test_no_name_is_missed_for_how_it_is_written(name, other):
    document = call("c", "Ann").model_copy(update={"customer": f" {name}", "account": other})
    body = document.model_dump_json(exclude={"transcript": {"turns"}})
    asked = name.upper() if name.upper().casefold() == name.casefold() else name
    assert list(ids_naming([body], asked, ["customer", "account"])) == (["c"] if name.strip() else [])


def test_deals_are_read_by_id_and_changed_ones_are_told_from_new_ones(store):
    deals = [Deal(id=f"d-{n:04}", rep="Ann", opened=DAY, outcome="open") for n in range(1_100)]
    assert store[Deals].add(deals) == {"new": 1_100}
    assert [deal.id for deal in store[Deals].all(["d-0700", "nowhere", "d-0003"])] == ["d-0003", "d-0700"]
    assert store[Deals].all([]) == []
    moved = [deal.model_copy(update={"stage": "lead"}) for deal in deals[:600]]
    more = Deal(id="d-more", rep="Ann", opened=DAY, outcome="open")
    assert store[Deals].add([*moved, deals[900], more]) == {"changed": 600, "unchanged": 1, "new": 1}
    assert len(store[Deals].all()) == 1_101


def test_the_log_of_one_person(store):
    for number in range(3):
        store[AuditLog].append("call_rated", f"call-{number}", person="ann" if number else "bea")
    assert [line.subject for line in store[AuditLog].page(person="ann")] == ["call-2", "call-1"]


def test_the_waiting_calls_of_a_job_among_some(store):
    for number in range(3):
        add(store, f"c{number}", "Ann")
    job = store[Jobs].create("score", {}, "ann", ["c0", "c1"])
    assert store[Jobs].calls(job.id, "waiting", among=["c1", "c2"]) == ["c1"]
    assert store[Jobs].calls(job.id, "done", among=["c1"]) == []


def test_the_names_of_all_calls_and_interviews_are_known(store):
    """As they stand in the columns and in who speaks, though only what differs is read."""
    told = call("one").model_copy(update={"customer": "Ann O’Neil, Bo", "account": 'A "quoted" \\ Ltd'})
    store[Calls].add(told)
    store[Calls].add(told.model_copy(update={"id": "two"}))
    store[Calls].add(call("three", "Rae Kim"))
    store[Interviews].add(interview("four").model_copy(update={"buyer": "Di"}))
    known = list(known_bodies(store.engine))
    bodies = [*store[Calls].all(), *store[Interviews].all()]
    assert names_of(known) == names_of(one.model_dump(mode="json") for one in bodies)
    assert len(known) == 3, "what two calls have in common is told once"
