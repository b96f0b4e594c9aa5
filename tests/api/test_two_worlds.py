"""Two worlds that differ only in what a viewer may not see look the same to that viewer: every page, every route of the
API, every file and stream that can be got. What differs is another rep's calls, ratings, coaching and disputes, or what
others rated in a round that is still blind."""

import re
from datetime import UTC, date, datetime

import pytest

from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.model import Session
from agent.coaching.store import Coaching
from agent.disputes.model import Dispute
from agent.disputes.store import Disputes
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.ratings.model import NearestMiss, NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.api.conftest import OTHER_REP, csrf, made_site
from tests.api.test_walk import KEYS, TABLES, sent
from tests.builders import call

AT = datetime(2026, 11, 1, tzinfo=UTC)
# What no two runs have in common: ids and secrets drawn at random, moments.
_RANDOM = re.compile(
    r"\b[a-z]{2,4}-[0-9a-f]{8,}\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z]*|[A-Za-z0-9_-]{32,}={0,2}"
    r"|\b\d{1,2} \w{3,9} 2026,? (?:at )?\d\d:\d\d|\b\d\d:\d\d(?::\d\d)?\b|v=[0-9a-f]+|\b\d+(?:\.\d+)? (?:ms|s)\b"
)
GETS = [key for key in KEYS if key.startswith("GET ")]


def rated(ident, rubric, value, rater="manager"):
    judgement = Rated(value=value, nearest=NearestMiss(turn=0, speaker="x", text="What", why="w"))
    made = Provenance(rubric=rubric)
    return Rating(call=ident, criterion="asks_cost", rater=rater, judgement=judgement, provenance=made, at=AT)


def own_things(store, rubric):
    """What both worlds have: ratings of the rep's own calls."""
    store[Ratings].add([rated("call-1", rubric, 1), rated("call-2", rubric, 0)])


def of_another_rep(store, rubric, number):
    """Another rep's things, in world `number`."""
    words = ("CANARY-alpha", "CANARY-beta")[number]
    for at in range(2 + 3 * number):
        lines = ((OTHER_REP, f"{words} number {at}: what does it cost?"), ("Cus", f"{words} says nine."))
        made = call(f"sam-{at}", OTHER_REP, *lines).model_copy(update={"customer": f"{words} Ltd", "account": words})
        store[Calls].add(made)
        store[Ratings].add([rated(made.id, rubric, number)])
    period = CoachingPeriod(
        rep=OTHER_REP,
        cycle=f"{words}-cycle",
        start=date(2026, 10, 1),
        end=date(2026, 10, 20 + number),
        criteria=("asks_cost",),
    )
    store[CoachingPeriods].add([period])
    store[Coaching].log(Session(rep=OTHER_REP, date=date(2026, 10, 3 + number), note=words, at=AT))
    if number:
        first = rated("sam-0", rubric, number)
        store[Disputes].open(
            Dispute(
                id="di-sam",
                rating=first.id,
                call="sam-0",
                criterion="asks_cost",
                rep=OTHER_REP,
                by="Sam",
                comment=words,
                at=AT,
            )
        )


def hidden_round(store, rubric, number):
    """A blind round in which somebody else has handed in; what, depends on the world."""
    opened = CalibrationRound(number=1, rubric=rubric, raters=("manager", "ops_lead"), calls=("call-3",), opened_at=AT)
    found = store[Rounds].open(opened, {})
    draft = Draft(call="call-3", criterion="asks_cost", judgement=Rated(value=number), reason=f"CANARY-{number}")
    store[Rounds].save(found, "ops_lead", [draft])
    store[Rounds].submit(found, "ops_lead", ["asks_cost"], AT)


WORLDS = {"rep": of_another_rep, "manager": hidden_round, "viewer": hidden_round}


def seen(folder, role, number):
    """What every GET gives that role in one world."""
    with made_site(folder) as site:
        store = site.space.store
        rubric = store[Rubrics].all()[0].rubric.id
        own_things(store, rubric)
        WORLDS[role](store, rubric, number)
        program, browser = site.program(role), site.browser(role)
        token = csrf(browser, "/")
        found = {}
        for key in GETS:
            roles = TABLES[key].roles
            if roles is None or role not in roles or callable(TABLES[key].path):
                continue
            client = program if "/api/" in key else browser
            answer = sent(client, site, key, token)
            found[key] = (answer.status_code, _RANDOM.sub("·", answer.text))
    return found


@pytest.mark.parametrize("role", WORLDS)
def test_worlds_that_differ_in_what_is_hidden_look_the_same(tmp_path, role):
    first, second = (seen(tmp_path / str(number), role, number) for number in (0, 1))
    assert first.keys() == second.keys()
    assert len(first) > 15
    assert {key for key in first if "CANARY" in first[key][1] + second[key][1]} == set()
    assert {key: _first_difference(first[key], second[key]) for key in first if first[key] != second[key]} == {}


def _first_difference(one, other):
    if one[0] != other[0]:
        return one[0], other[0]
    at = next(i for i, (a, b) in enumerate(zip(one[1] + "\0", other[1] + "\1", strict=False)) if a != b)
    return one[1][max(0, at - 60) : at + 60], other[1][max(0, at - 60) : at + 60]


def test_an_ops_lead_sees_the_difference(tmp_path):
    """Else the test above would compare nothing."""
    WORLDS["ops_lead"] = of_another_rep
    try:
        found = seen(tmp_path / "one", "ops_lead", 0)
    finally:
        del WORLDS["ops_lead"]
    assert len([key for key, (_, text) in found.items() if "CANARY" in text]) >= 5


ASKED = [
    {"call": "call-3", **more}
    for more in (
        {},
        {"rater": "ops_lead"},
        {"status": "rated"},
        {"status": "not_applicable"},
        {"criterion": "asks_cost", "rater": "ops_lead", "status": "rated"},
        {"criterion": "asks_cost", "rater": "ops_lead", "status": "not_applicable"},
        {"criterion": "asks_cost", "rater": "ops_lead", "status": "failed"},
    )
]


@pytest.mark.parametrize("role", ["manager", "viewer", "rep"])
def test_no_filter_tells_what_somebody_rated_blind(tmp_path, role):
    """Nor how: rated, or not applicable."""
    answers = []
    for number, judgement in enumerate((Rated(value=1), NotApplicable())):
        with made_site(tmp_path / str(number)) as site:
            store, rubric = site.space.store, site.space.store[Rubrics].all()[0].rubric.id
            opened = CalibrationRound(
                number=1, rubric=rubric, raters=("manager", "ops_lead"), calls=("call-3",), opened_at=AT
            )
            found = store[Rounds].open(opened, {})
            store[Rounds].save(found, "ops_lead", [Draft(call="call-3", criterion="asks_cost", judgement=judgement)])
            store[Rounds].submit(found, "ops_lead", ["asks_cost"], AT)
            program = site.program(role)
            answers.append([_RANDOM.sub("·", program.get("/api/v1/ratings", params=asked).text) for asked in ASKED])
    assert answers[0] == answers[1]
