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


@pytest.mark.parametrize(
    ("command", "table"),
    [
        ("interviews", "file,date,outcome,buyer,rep\na.txt,2026-03-01,won,Cy Ode,Bo Rae\n"),
        ("calls", "file,date,rep,customer\na.txt,2026-03-01,Bo Rae,Cy Ode\n"),
        ("deals", "deal_id,rep,opened,closed,outcome\nd1,Bo Rae,2026-01-01,2026-02-01,won\n"),
        ("coaching", "rep,cycle,start,end,criteria\nBo Rae,c1,2026-01-01,2026-02-01,asks_cost\n"),
        ("ratings", "call_id,date,rep,criterion,value\nx1,2026-01-01,Bo Rae,asks_cost,1\n"),
    ],
)
def test_every_kind_of_import_says_who_is_new_and_makes_spellings_one(closeread, tmp_path, command, table):
    """At the terminal and in the notes of `--json`, which the API and the page show; another spelling is nobody new."""
    space = Workspace(Settings.read(closeread.folder))
    space.store[Rubrics].add(rubric())
    space.store[Calls].add(call("c1", "Bo Ray"))
    space.store.close()
    (tmp_path / "a.txt").write_text("Bo Rae: What made you look around?\nCy Ode: The old tool was slow.\n")
    files = [tmp_path, "--manifest"] if command in ("interviews", "calls") else []

    def bring(written):
        (tmp_path / "t.csv").write_text(table.replace("Bo Rae", written))
        return closeread(command, "import", *files, tmp_path / "t.csv")

    new = bring("Bo Rae")
    assert new.code == 0, new.err
    assert "new reps: Bo Rae (like Bo Ray?)" in " ".join(new.err.split())
    assert "closeread people rename NEW KNOWN" in " ".join(new.err.split())
    assert closeread("people", "rename", "Bo Rae", "Bo Ray").code == 0
    for written in ("bo rae", "RAY,  Bo", "Bo Ray (bo@x.com)", "Bo\u00a0R\u00e1y"):
        again = bring(f'"{written}"')
        assert again.code == 0, again.err
        assert "new reps" not in again.err, written
    known = closeread("people", "names", "--json").json["items"]
    assert [one["name"] for one in known] == ["Bo Ray"]


def test_the_rarer_name_is_proposed_to_be_the_one_that_stands_in_more(space):
    """Whoever presses the button does not call everybody by the misspelled name."""
    for at, rep in enumerate(("priya ramann", "Priya Raman", "Priya Raman", "P. Raman", "Tom Becker")):
        space.store[Calls].add(call(f"c{at}", rep))
    like = {one.name: one.like for one in space.store[Names].known("rep")}
    assert like == {
        "P. Raman": ("Priya Raman",),
        "Priya Raman": (),
        "priya ramann": ("Priya Raman",),
        "Tom Becker": (),
    }
