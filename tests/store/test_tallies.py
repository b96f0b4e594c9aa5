"""Packed counts against counting every rating again, whatever happened in between."""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from agent.calibration.model import CalibrationRound, is_model
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.model import Baseline, CoachingPeriod
from agent.coaching.store import Coaching
from agent.core.people import Scope
from agent.db.store import Store
from agent.profiles.store_baselines import Baselines
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.ratings.tallies import Tallies
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric(criterion("asks_cost"), criterion("goes_deep", scale="1-5"), label="v1")
CRITERIA = ("asks_cost", "goes_deep")
CALLS = ("call-1", "call-2", "call-3", "call-4")
REPS = ("Rae", "Sam")
RATERS = ("ann", "import:crm", "model:m", "model:n")

ratings = st.tuples(
    st.just("rate"),
    st.sampled_from(CALLS),
    st.sampled_from(CRITERIA),
    st.sampled_from(RATERS),
    st.sampled_from(("low", "high", "not_applicable", "failed")),
    st.integers(0, 2),
)
steps = st.one_of(
    ratings,
    ratings,
    st.tuples(st.just("supersede"), st.integers(0, 50), st.sampled_from(("low", "high", "failed"))),
    st.tuples(st.just("delete"), st.integers(0, 50)),
    st.tuples(st.just("move"), st.sampled_from(CALLS), st.sampled_from(REPS), st.integers(0, 200)),
    st.tuples(st.just("open"), st.sets(st.sampled_from(CALLS), min_size=1, max_size=2)),
    st.tuples(st.just("close")),
    st.tuples(st.just("refresh")),
)


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        store = Store.open(f"sqlite:///{path}")
        store[Rubrics].add(RUBRIC)
        for at, ident in enumerate(CALLS):
            store[Calls].add(call(ident, rep=REPS[at % 2]))
        store.close()
        yield path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=14))
def test_packed_counts_are_those_of_counting_all_again(template, done):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/closeread.db")
        store = Store.open(f"sqlite:///{folder}/closeread.db")
        try:
            for step in done:
                take(store, step)
                assert packed(store) == from_scratch(store)
        finally:
            store.close()


def take(store, step):
    match step:
        case ("rate", *facts):
            store[Ratings].add([rating(*facts)])
        case ("supersede", which, level):
            supersede(store, which, level)
        case ("delete", which):
            delete(store, which)
        case ("move", ident, rep, days):
            facts = {"rep": rep, "date": date(2026, 6, 1) + timedelta(days=days)}
            store[Calls].add(store[Calls].get(ident).model_copy(update=facts))
        case ("open", idents):
            open_round(store, idents)
        case ("close",):
            close_rounds(store)
        case ("refresh",):
            store[Tallies].refresh(RUBRIC)


def supersede(store, which, level):
    known = stored(store)
    if known:
        old = known[which % len(known)]
        new = rating(old.call, old.criterion, old.rater, level, 0).model_copy(update={"supersedes": old.id})
        store[Ratings].add([new])


def close_rounds(store):
    for found in store[Rounds].all():
        if found.state != "closed":
            store[Rounds].close(found, "lead", reason="enough")


def rating(ident, what, rater, level, draw):
    low, high = (0, 1) if what == "asks_cost" else (2, 5)
    judgement = {
        "low": Rated(value=low),
        "high": Rated(value=high),
        "not_applicable": NotApplicable(),
        "failed": Failed(kind="reply", detail="no reply"),
    }[level]
    made = Provenance(rubric=RUBRIC.id, draw=draw if is_model(rater) else 0)
    return Rating(call=ident, criterion=what, rater=rater, judgement=judgement, provenance=made, at=AT)


def delete(store, which):
    known = stored(store)
    if known:
        with store.engine.begin() as connection:
            connection.execute(text("DELETE FROM ratings WHERE id = :id"), {"id": known[which % len(known)].id})


def open_round(store, idents):
    fresh = sorted(idents - set(store[Rounds].used_calls()))
    if fresh:
        number = store[Rounds].next_number()
        raters = ("ann", "bea")
        new = CalibrationRound(number=number, rubric=RUBRIC.id, raters=raters, calls=tuple(fresh), opened_at=AT)
        store[Rounds].open(new, {})


def stored(store):
    with store.engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ratings ORDER BY seq")).scalars()
        return [Rating.model_validate_json(body) for body in bodies]


def packed(store):
    found = store[Tallies].profile_counts(RUBRIC)
    cells = {
        (ident, name): (found.reps[rep], int(day), chr(cell))
        for ident, rep, day, row in zip(found.calls, found.rep, found.day, found.cells, strict=True)
        for name, cell in zip(found.criteria, row, strict=True)
        if chr(cell) != "."
    }
    assert len(found.calls) == len(set(found.calls))
    return cells, {left.round: left.calls for left in found.left_out}


def from_scratch(store):
    """One rating at a time, by the rule as it is written in `agent.ratings.columns`."""
    known = stored(store)
    superseded = {r.supersedes for r in known}
    running = {ident: r.number for r in store[Rounds].all() if r.state != "closed" for ident in r.calls}
    facts = {c.id: c for c in store[Calls].all()}
    best = {}
    for place, found in enumerate(known):
        if found.id not in superseded:
            kind = 0 if is_model(found.rater) else 1 if found.rater.startswith("import:") else 2
            rank = (kind, -found.provenance.draw, place)
            key = (found.call, found.criterion)
            if key not in best or rank > best[key][0]:
                best[key] = (rank, found)
    cells = {
        key: (facts[key[0]].rep, facts[key[0]].date.toordinal(), mark(found.judgement))
        for key, (_, found) in best.items()
        if key[0] not in running
    }
    rated = {ident for ident, _ in best}
    return cells, dict(Counter(number for ident, number in running.items() if ident in rated))


def mark(judgement):
    match judgement:
        case Rated():
            return str(judgement.value)
        case NotApplicable():
            return "n"
        case _:
            return "f"


@pytest.fixture
def store(template, tmp_path):
    shutil.copy(template, tmp_path / "closeread.db")
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    for at, ident in enumerate(CALLS):
        opened[Ratings].add([rating(ident, name, "model:m", "high" if at < 2 else "low", 0) for name in CRITERIA])
    yield opened
    opened.close()


def test_a_rep_gets_the_team_without_names_and_calls(store):
    store[Baselines].add([baseline("Rae", "call-1", "call-3"), baseline("Sam", "call-2")])
    begins = date(2026, 10, 5)
    store[Coaching].add_periods(
        [CoachingPeriod(rep=rep, cycle="one", start=begins, end=begins, criteria=("asks_cost",)) for rep in REPS]
    )
    whole = store[Tallies].profile_counts(RUBRIC)
    own = Store(store.engine, Scope(name="Rae", role="rep", rep="Rae"))[Tallies].profile_counts(RUBRIC)
    assert np.array_equal(own.cells, whole.cells)
    assert np.array_equal(own.in_baseline, whole.in_baseline)
    assert own.reps == ("Rae", "(2)")
    assert {ident for ident in own.calls if ident} == {"call-1", "call-3"}
    told = repr((own.reps, own.calls, own.baselines, own.periods))
    assert not [name for name in ("Sam", "call-2", "call-4") if name in told]


def baseline(rep, *idents):
    start = date(2026, 9, 5)
    return Baseline(
        rep=rep, rubric=RUBRIC.id, calls=idents, start=start, end=date(2026, 10, 5), available=2, wanted=10, at=AT
    )


def test_a_mark_moved_by_somebody_else_is_left_alone(store):
    from agent.ratings.tallies import _load
    from agent.ratings.tally_rows import keep, marked

    with store.engine.connect() as connection:
        slow = _load(connection, RUBRIC)
    store[Ratings].add([rating("call-1", "asks_cost", "ann", "low", 0)])
    store[Tallies].refresh(RUBRIC)
    with store.engine.connect() as connection:
        newer = marked(connection, RUBRIC.id)
    parts = {key: slow.table.part(key) for key in slow.table.keys}
    assert not keep(store.engine, RUBRIC.id, slow.before, slow.top, parts)
    with store.engine.connect() as connection:
        assert marked(connection, RUBRIC.id) == newer
    assert packed(store) == from_scratch(store)


def test_what_was_read_last_is_at_hand_until_something_changes(store):
    from agent.ratings.tallies import _load

    def table():
        with store.engine.connect() as connection:
            return _load(connection, RUBRIC).table

    store[Ratings].add([rating("call-1", "asks_cost", "ann", "low", 0)])
    store[Tallies].refresh(RUBRIC)
    first = table()
    assert table() is first
    store[Ratings].add([rating("call-2", "asks_cost", "ann", "high", 0)])
    second = table()
    assert second is not first
    assert table() is second
    assert packed(store) == from_scratch(store)


def test_so_many_are_kept_of_a_database_and_none_of_another(store):
    from agent.ratings.tally_table import _KEPT, at_hand

    other = Store.open("sqlite://")
    for number in range(_KEPT + 1):
        at_hand(store.engine, (number,), lambda number=number: f"made {number}")
    assert at_hand(store.engine, (1,), lambda: "anew") == "made 1"
    assert at_hand(store.engine, (0,), lambda: "anew") == "anew"
    assert at_hand(other.engine, (2,), lambda: "anew") == "anew"
    other.close()
