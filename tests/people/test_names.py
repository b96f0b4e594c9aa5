"""One person, one name: wherever it stands, with a history, in later imports too, and back again."""

from datetime import UTC, date, datetime

import pytest

from agent.calls.model import Deal
from agent.calls.store import Calls
from agent.coaching.model import Session
from agent.coaching.store import Coaching
from agent.core.errors import Conflict, NotFound
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.people.names import Names
from agent.people.verbs_names import change_name, undo_name
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.ratings.store import Ratings
from agent.ratings.store_import import ImportedCall, ImportedRating, ImportedRatings
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.text.names import People
from agent.uploads.reading import known_reps
from agent.workspace import Workspace
from tests.builders import call, interview, owner, rubric


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings.read(tmp_path))
    yield space
    space.store.close()


def cycle(rep, name="c1", month=1):
    return CoachingPeriod(rep=rep, cycle=name, start=date(2026, month, 1), end=date(2026, month, 20), criteria=("a",))


def filled(space):
    store = space.store
    store[Rubrics].add(rubric())
    for ident, rep in (("c1", "Rae"), ("c2", "Rhea")):
        store[Calls].add(call(ident, rep))
    store[Interviews].add(interview())
    store[Deals].add([Deal(id="d1", rep="Rhea", opened=date(2026, 1, 1), outcome="open")])
    store[CoachingPeriods].add([cycle("Rae"), cycle("Rhea", "c2", 2)])
    store[Coaching].log(Session(rep="Rhea", date=date(2026, 2, 3), at=datetime.now(UTC)))
    calls = [ImportedCall("x1", "2026-01-02", "Rhea", "", "", "")]
    store[ImportedRatings].add(calls, [ImportedRating("x1", "asks_cost", "rated", 1)], "import:a", rubric().id)


def reps(space):
    store = space.store
    counted = {one.rating.call for one in store[Ratings].that_count(rubric().id, rep="Rae")}
    return {
        "calls": store[Calls].reps(),
        "deals": [deal.rep for deal in store[Deals].all()],
        "cycles": [(period.rep, period.cycle) for period in store[CoachingPeriods].all()],
        "sessions": [session.rep for session in store[Coaching].sessions()],
        "counting": counted,
    }


def test_two_names_become_one_everywhere_and_are_two_again(space):
    filled(space)
    before = reps(space)
    made = change_name(owner(space), "rep", "Rhea", "Rae")
    assert made.merged
    assert made.counts == {"calls": 2, "deals": 1, "cycles": 1, "sessions": 1}
    assert reps(space) == {
        "calls": ["Rae"],
        "deals": ["Rae"],
        "cycles": [("Rae", "c1"), ("Rae", "c2")],
        "sessions": ["Rae"],
        "counting": {"x1"},
    }
    assert space.store[Calls].get("c2").rep == "Rae"
    assert known_reps(space).one("rhea") == "Rae", "a later import means the same person"
    undo_name(owner(space), made.number)
    assert reps(space) == before
    assert known_reps(space).one("rhea") == "Rhea"
    with pytest.raises(Conflict, match="taken back already"):
        undo_name(owner(space), made.number)
    assert [(c.was, c.now, c.undone is not None) for c in space.store[Names].history()] == [("Rhea", "Rae", True)]


def test_a_name_that_is_not_there_and_cycles_that_both_have_are_refused(space):
    filled(space)
    with pytest.raises(NotFound, match="nobody here is called 'Ed'"):
        change_name(owner(space), "rep", "Ed", "Rae")
    space.store[CoachingPeriods].add([cycle("Rhea", "c1", 5)])
    with pytest.raises(Conflict, match="both have a coaching cycle 'c1'"):
        change_name(owner(space), "rep", "Rhea", "Rae")
    assert space.store[Calls].reps() == ["Rae", "Rhea"], "all or nothing"


def test_buyers_are_renamed_in_interviews_and_calls(space):
    space.store[Interviews].add(interview().model_copy(update={"buyer": "Bo; Al"}))
    space.store[Calls].add(call("c1").model_copy(update={"customer": "Bo"}))
    made = change_name(owner(space), "buyer", "Bo", "Bo Li")
    assert made.counts == {"interviews": 1, "calls": 1}
    assert space.store[Interviews].get("int-1").buyer == "Bo Li; Al"
    assert space.store[Calls].get("c1").customer == "Bo Li"
    assert space.store[Names].known("buyer")[1].like == ()


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("bo ray", ()),
        ("Ray, Bo", ()),
        ("B. Ray", ("Bo Ray",)),
        ("Bo", ("Bo Ray",)),
        ("Bo Rae", ("Bo Ray",)),
        ("Bo J. Ray", ("Bo Ray",)),
        ("Cy Ode", ()),
        ("Wendell Lee", ()),
        ("Boris Ode", ()),
    ],
)
def test_whom_a_new_name_may_be(name, like):
    people = People(["Bo Ray", "Ann Lee"])
    people.one(name)
    assert (people.like(name) if people.new else ()) == like
