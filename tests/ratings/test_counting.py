"""What counts, kept in a table by every writer, against counting all ratings again by the rule as it is written down."""

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from agent.calibration.model import Adjudication, CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.people import is_model
from agent.db.store import Store
from agent.ratings.counted import Counting
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.recount import recount_all
from agent.ratings.store import Ratings
from agent.ratings.store_import import ImportedRating, ImportedRatings
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric(criterion("asks_cost"), criterion("goes_deep", scale="1-5"), label="v1")
CRITERIA = ("asks_cost", "goes_deep")
CALLS = ("call-1", "call-2", "call-3", "call-4")
REPS = ("Rae", "Sam")
RATERS = ("ann", "bea", "import:crm", "model:m", "model:n")
PEOPLE = ("ann", "bea")
LEVELS = ("low", "high", "not_applicable", "failed")

rates = st.tuples(
    st.just("rate"),
    st.sampled_from(CALLS),
    st.sampled_from(CRITERIA),
    st.sampled_from(RATERS),
    st.sampled_from(LEVELS),
    st.integers(0, 1),
)
steps = st.one_of(
    rates,
    rates,
    st.tuples(st.just("supersede"), st.integers(0, 50), st.sampled_from(PEOPLE), st.sampled_from(LEVELS[:3])),
    st.tuples(st.just("retry"), st.integers(0, 50), st.sampled_from(LEVELS)),
    st.tuples(st.just("import"), st.sampled_from(CALLS), st.sampled_from(CRITERIA), st.integers(0, 1)),
    st.tuples(st.just("move"), st.sampled_from(CALLS), st.sampled_from(REPS), st.integers(0, 200)),
    st.tuples(st.just("open"), st.sets(st.sampled_from(CALLS), min_size=1, max_size=2)),
    st.tuples(st.just("submit"), st.sampled_from(PEOPLE), st.integers(0, 1)),
    st.tuples(st.just("submit"), st.sampled_from(PEOPLE), st.integers(0, 1)),
    st.tuples(st.just("settle"), st.integers(0, 7), st.sampled_from(LEVELS[:3])),
    st.tuples(st.just("correct"), st.integers(0, 7), st.sampled_from(PEOPLE), st.sampled_from(LEVELS[:3])),
    st.tuples(st.just("close")),
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


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=16))
def test_the_table_holds_what_counting_all_again_gives(template, done):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/closeread.db")
        store = Store.open(f"sqlite:///{folder}/closeread.db")
        try:
            for step in done:
                take(store, step)
                assert kept(store) == from_scratch(store), step
            before = table(store)
            with store.engine.begin() as connection:
                recount_all(connection)
            assert table(store) == before
        finally:
            store.close()


def test_calls_in_windows_of_their_reps(template, tmp_path):
    shutil.copy(template, tmp_path / "closeread.db")
    store = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    check_windows(store)
    store.close()


def check_windows(store):
    """Each window has the calls of its rep on its days, the last included, also where windows share days."""
    days = [date(2026, 6, day) for day in (1, 2, 3, 4, 5)]
    for at, ident in enumerate(CALLS):
        facts = {"rep": REPS[at % 2], "date": days[at % 5]}
        store[Calls].add(store[Calls].get(ident).model_copy(update=facts))
        store[Ratings].add([rating(ident, "asks_cost", "model:m", "high", 0)])
    every = store[Counting].calls(RUBRIC)
    assert len(every.calls) == len(CALLS)
    windows = [
        (REPS[0], days[0], days[2]),
        (REPS[1], days[1], days[1]),
        (REPS[0], days[2], days[4]),
        ("Nobody", *days[:2]),
    ]
    found, places = store[Counting].windows(RUBRIC, windows)
    for at, (rep, first, last) in enumerate(windows):
        wanted = [
            bytes(cells)
            for of, day, cells in zip(every.rep, every.day, every.cells, strict=True)
            if every.reps[of] == rep and first.toordinal() <= day <= last.toordinal()
        ]
        assert sorted(map(bytes, found.cells[places == at])) == sorted(wanted)
        assert {found.reps[of] for of in found.rep[places == at]} <= {rep}
    assert len(places) > 3
    assert len(store[Counting].windows(RUBRIC, [])[1]) == 0


def take(store, step):
    match step:
        case ("rate", *facts):
            store[Ratings].add([rating(*facts)])
        case ("supersede", which, who, level):
            supersede(store, which, who, level)
        case ("retry", which, level):
            supersede(store, which, None, level)
        case ("import", ident, what, value):
            level = value if what == "asks_cost" else value + 2
            given_ = [ImportedRating(ident, what, "rated", level)]
            store[ImportedRatings].add([], given_, "import:file", RUBRIC.id)
        case ("move", ident, rep, days):
            facts = {"rep": rep, "date": date(2026, 6, 1) + timedelta(days=days)}
            store[Calls].add(store[Calls].get(ident).model_copy(update=facts))
        case ("open", idents):
            open_round(store, idents)
        case ("submit", who, value):
            submit(store, who, value)
        case ("settle", which, level):
            settle(store, which, level)
        case ("correct", which, who, level):
            correct(store, which, who, level)
        case ("close",):
            for found in running(store):
                store[Rounds].close(found, "lead", reason="enough")


def supersede(store, which, who, level):
    """By `who`, or by the rater again."""
    current = [r for r in stored(store) if r.id not in {one.supersedes for one in stored(store)}]
    if current:
        old = current[which % len(current)]
        new = rating(old.call, old.criterion, who or old.rater, level, 0).model_copy(update={"supersedes": old.id})
        store[Ratings].supersede(new)


def running(store):
    return [found for found in store[Rounds].all() if found.state != "closed"]


def open_round(store, idents):
    fresh = sorted(idents - set(store[Rounds].used_calls()))
    if fresh:
        number = store[Rounds].next_number()
        new = CalibrationRound(number=number, rubric=RUBRIC.id, raters=PEOPLE, calls=tuple(fresh), opened_at=AT)
        store[Rounds].open(new, {})


def submit(store, who, value):
    for found in running(store):
        if who in found.waiting:
            levels = {"asks_cost": value, "goes_deep": 2}
            drafts = [
                Draft(call=ident, criterion=name, judgement=Rated(value=level))
                for ident in found.calls
                for name, level in levels.items()
            ]
            store[Rounds].save(found, who, drafts)
            store[Rounds].submit(found, who, CRITERIA, AT)


def settle(store, which, level):
    for found in running(store):
        if not found.blind:
            ident = found.calls[which % len(found.calls)]
            given_ = judgement(CRITERIA[which % 2], level)
            decision = {"round": found.id, "call": ident, "criterion": CRITERIA[which % 2], "judgement": given_}
            store[Rounds].adjudicate(found, Adjudication(**decision, reason="agreed", by="ann", at=AT))


def correct(store, which, who, level):
    for found in store[Rounds].all():
        if who in found.submitted:
            ident, what = found.calls[which % len(found.calls)], CRITERIA[which % 2]
            new = rating(ident, what, who, level, 0).model_copy(update={"reason": f"misread {len(stored(store))}"})
            store[Rounds].correct(found, new)


def rating(ident, what, rater, level, draw):
    made = Provenance(rubric=RUBRIC.id, draw=draw if is_model(rater) else 0)
    return Rating(call=ident, criterion=what, rater=rater, judgement=judgement(what, level), provenance=made, at=AT)


def judgement(what, level):
    low, high = (0, 1) if what == "asks_cost" else (2, 5)
    return {
        "low": Rated(value=low),
        "high": Rated(value=high),
        "not_applicable": NotApplicable(),
        "failed": Failed(kind="reply", detail="no reply"),
    }[level]


def stored(store):
    with store.engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ratings ORDER BY seq")).scalars()
        return [Rating.model_validate_json(body) for body in bodies]


def table(store):
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT call, rubric, rep, day, cells, sources FROM counting"))
        return sorted(map(tuple, rows))


def kept(store):
    return {
        (ident, what): (rep, day, cell, source)
        for ident, _, rep, day, cells, sources in table(store)
        for what, cell, source in zip(CRITERIA, cells, sources, strict=True)
        if source != "."
    }


def from_scratch(store):
    """One place at a time, in the words of the rule."""
    known, facts = stored(store), {c.id: c for c in store[Calls].all()}
    blind = {ident for r in store[Rounds].all() if r.blind for ident in r.calls}
    found = {}
    for ident in sorted(set(CALLS) - blind):
        for what in CRITERIA:
            said = one_place(store, [r for r in known if (r.call, r.criterion) == (ident, what)])
            if said is not None:
                found[ident, what] = (facts[ident].rep, facts[ident].date.isoformat(), *said)
    return found


def one_place(store, given_):
    in_rounds = in_round_ids(store)
    before = {r.id: r for r in given_}
    current = [r for r in given_ if r.id not in {one.supersedes for one in given_}]

    def chain(r):
        return [r, *chain(before[r.supersedes])] if r.supersedes else [r]

    def people(kind):
        return [r for r in current if not is_model(r.rater) and ":" not in r.rater and kind(r)]

    corrections = people(lambda r: any(one.rater != r.rater for one in chain(r)))
    if corrections:
        return mark(corrections[-1]), "c"
    settled = [r for r in current if r.rater.startswith("settled:")]
    if settled:
        return mark(settled[-1]), "s"
    said = people(lambda r: any(one.id in in_rounds for one in chain(r)))
    if len(said) >= 2:
        return (mark(said[0]), "a") if len({mark(r) for r in said}) == 1 else (".", "?")
    own = people(lambda r: r not in said)
    for letter, found in (("p", own), ("i", [r for r in current if r.rater.startswith("import:")])):
        if found:
            return mark(found[-1]), letter
    models = [r for r in current if is_model(r.rater) and r.provenance.draw == 0]
    return (mark(models[-1]), "m") if models else None


def in_round_ids(store):
    with store.engine.connect() as connection:
        return set(connection.execute(text("SELECT rating FROM round_ratings")).scalars())


def mark(found):
    match found.judgement:
        case Rated(value=value):
            return str(value)
        case NotApplicable():
            return "n"
        case _:
            return "f"
