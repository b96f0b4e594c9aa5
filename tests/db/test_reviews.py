"""The review queue in SQL against the rule on domain objects, kept up to date piece by piece."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import CallFilters, Calls
from agent.core.errors import Conflict, NotFound
from agent.core.people import Scope, is_model
from agent.db.schema import ratings as rating_rows
from agent.db.schema_reviews import review_queue
from agent.db.store import Store
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.rule import newest
from agent.ratings.second_opinion import confidences
from agent.ratings.store import Ratings
from agent.ratings.store_reviews import Reviews
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric(criterion("asks_cost", scale="1-5"), criterion("asks_date", scale="1-5"))
JUDGEMENTS = {
    "1": Rated(value=1),
    "2": Rated(value=2),
    "n/a": NotApplicable(),
    "failed": Failed(kind="reply", detail="x"),
}


def rating(ident, criterion="asks_cost", rater="model:m", said="1", draw=0, supersedes="", request="rq"):
    made = Provenance(
        rubric=RUBRIC.id, prompt="p@1#x" if is_model(rater) else "", model="m", request=request, draw=draw
    )
    return Rating(
        call=ident,
        criterion=criterion,
        rater=rater,
        judgement=JUDGEMENTS[said],
        provenance=made,
        at=AT,
        supersedes=supersedes,
    )


@pytest.fixture(name="store")
def _store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'closeread.db'}")
    store[Rubrics].add(RUBRIC)
    for number in range(3):
        store[Calls].add(call(f"call-{number}", "Rae" if number else "Sam"))
    yield store
    store.close()


def expected(store):
    """What the rule on domain objects says of all that stands."""
    current = store[Ratings].current()
    sure = confidences(current)
    places: dict[tuple[str, str], list[Rating]] = {}
    for one in current:
        places.setdefault((one.call, one.criterion), []).append(one)
    found = {}
    for place, those in places.items():
        if any(not is_model(r.rater) and not isinstance(r.judgement, Failed) for r in those):
            continue
        if any(sure[r.id] == "low" for r in those):
            found[place] = "readings differ"
        elif any(is_model(r.rater) and isinstance(r.judgement, Failed) for r in those):
            found[place] = "failed"
    return found


def queue(store):
    rows, after = [], None
    while found := store[Reviews].page(after, 2):
        rows, after = rows + found, found[-1].position
    assert [row.why for row in rows] == sorted((row.why for row in rows), key=["readings differ", "failed"].index)
    return {(row.call, row.criterion): row.why for row in rows}


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["asks_cost", "asks_date"]),
        st.sampled_from(["model:m", "model:m", "model:m", "Ann", "import:x"]),
        st.sampled_from(sorted(JUDGEMENTS)),
        st.integers(0, 2),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS, cuts=st.sets(st.integers(0, 14)), most=st.sampled_from([1, 3, 10**6]))
def test_the_queue_says_what_the_rule_says(store, steps, cuts, most):
    with store.engine.begin() as connection:
        connection.execute(delete(rating_rows))
    seen = {}
    for number, (at, name, rater, said, draw) in enumerate(steps):
        draw = draw if is_model(rater) else 0
        key = (at, name, rater, draw)
        new = rating(f"call-{at}", name, rater, said, draw, seen.get(key, ""), f"rq-{number}")
        seen[key] = new.id
        store[Ratings].add([new])
        if number in cuts:
            store[Reviews].refresh(most)
    while store[Reviews].refresh(most):
        pass
    assert queue(store) == expected(store)
    counts = store[Reviews].counts()
    assert counts.differ + counts.failed == len(expected(store))
    assert counts.behind == 0


def test_deleted_ratings_leave_the_queue_and_what_is_left_stays_in_it(store):
    pairs = [rating("call-1"), rating("call-1", said="2", draw=1), rating("call-1", "asks_date", said="failed")]
    store[Ratings].add([*pairs, rating("call-2", said="failed")])
    store[Reviews].refresh()
    for gone in (pairs[2], pairs[1]):
        with store.engine.begin() as connection:
            connection.execute(delete(rating_rows).where(rating_rows.c.id == gone.id))
        store[Reviews].refresh()
        assert queue(store) == expected(store)
    store[Ratings].add([rating("call-1", "asks_date", said="failed", draw=2)])
    store[Reviews].refresh()
    assert queue(store) == expected(store) == {("call-1", "asks_date"): "failed", ("call-2", "asks_cost"): "failed"}


def test_a_page_may_be_behind_and_says_so(store):
    store[Ratings].add([rating(f"call-{n}", said="failed") for n in range(3)])
    assert store[Reviews].counts().behind == 3
    assert store[Reviews].refresh(1) == 2
    assert store[Reviews].counts().failed == 1
    assert store[Reviews].refresh() == 0
    assert store[Reviews].counts().failed == 3


def test_a_reading_in_the_queue_tells_all_readings(store):
    store[Ratings].add([rating("call-1"), rating("call-1", said="2", draw=1)])
    store[Reviews].refresh()
    (row,) = store[Reviews].page()
    assert [(r.draw, r.said) for r in row.readings] == [(0, "1"), (1, "2")]
    assert [c.id for c in store[Calls].page(CallFilters(to_review=True))] == ["call-1"]


def test_calls_to_review_are_the_same_in_a_long_queue(store):
    store[Ratings].add([rating("call-1", said="failed"), rating("call-2")])
    store[Reviews].refresh()
    short = [c.id for c in store[Calls].page(CallFilters(to_review=True))]
    others = [{"call": f"other-{n}", "criterion": "c", "rubric": "r", "rank": 0, "seq": n} for n in range(3_000)]
    with store.engine.begin() as connection:
        connection.execute(insert(review_queue), others)
    assert [c.id for c in store[Calls].page(CallFilters(to_review=True))] == short == ["call-1"]


def test_a_blind_round_keeps_its_calls_out_of_everybodys_queue_but_those_who_submitted(store):
    store[Ratings].add([rating("call-1"), rating("call-1", said="2", draw=1), rating("call-2", said="failed")])
    found = CalibrationRound(number=1, rubric=RUBRIC.id, raters=("ann", "ben"), calls=("call-1",), opened_at=AT)
    store[Rounds].open(found, {})
    store[Reviews].refresh()
    for scope in (Scope(name="ann", role="manager"), Scope(name="x", role="viewer"), Scope(role="ops_lead")):
        seen = store.seen_by(scope)
        assert [row.call for row in seen[Reviews].page()] == ["call-2"]
        assert (seen[Reviews].counts().differ, seen[Reviews].counts().withheld) == (0, 1)
        assert not [c.id for c in seen[Calls].page(CallFilters(to_review=True)) if c.id == "call-1"]


def test_of_two_who_override_at_once_the_second_is_told(store):
    first = rating("call-1")
    store[Ratings].add([first])
    store[Ratings].supersede(rating("call-1", rater="Ann", said="2", supersedes=first.id))
    with pytest.raises(Conflict):
        store[Ratings].supersede(rating("call-1", rater="Ben", said="n/a", supersedes=first.id))
    with pytest.raises(NotFound):
        store[Ratings].supersede(rating("call-2", rater="Ben", supersedes=first.id))
    assert [r.rater for r in store[Ratings].current(["call-1"])] == ["Ann"]
    assert len(store[Ratings].look(["call-1"], with_superseded=True).ratings) == 2


def test_a_chain_of_corrections_ends_at_the_newest():
    first = rating("call-1")
    second = rating("call-1", said="2", supersedes=first.id)
    third = rating("call-1", said="n/a", supersedes=second.id)
    assert newest(first.id, [third, second, first]) == newest(third.id, [first, second, third]) == third.id
