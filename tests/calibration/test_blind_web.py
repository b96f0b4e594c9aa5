"""Blindness over HTTP. Somebody who has not submitted a round walks every GET route, and the rating screen.

Two worlds are the same but for what the others gave in the round and before: values, kinds of outcome, quotes, reasons.
Whoever is blind must get the same answers in both, to the letter. So nothing leaks through a text, a count, an order,
an id (a rating's id is made from its judgement), a header or an error.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime

import pytest

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.people.passwords import Passwords
from agent.people.store import People
from agent.ratings.model import Failed, NearestMiss, NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import QUICK, Site, application, csrf, made_site
from tests.api.test_walk import DECLARED, TABLES
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
CALLS = ("blind-1", "blind-2")
MARK = "zebrafinch"  # in every text by somebody else; no page says it of its own accord
RUBRIC = rubric(criterion(), criterion("depth", name="Depth", description="How deep.", scale="1-5"), label="blind")
OTHER = {"manager": "ops_lead", "ops_lead": "manager"}
SEEN_BY = {"Vary", "ETag", "Cache-Control", "Link", "Location", "Content-Type", "HX-Redirect", "HX-Push-Url"}


def judgement(world, place):
    """What somebody gave: other values and other kinds of outcome in each world, with marked words."""
    quote = Quote(span=Span(turn=0, start=0, end=4), speaker="Rae", text=f"{MARK} {world} quote {place}")
    near = NearestMiss(turn=0, speaker="Rae", text=f"{MARK} {world} near", why=f"{MARK} {world} why")
    kinds = (
        Rated(value=1, quotes=(quote,)),
        NotApplicable(),
        Rated(value=1, nearest=near),
        Failed(kind="evidence", detail=f"{MARK} {world}", claimed=1),
    )
    return kinds[(place + (world == "b")) % len(kinds)]


def given(world, rater, place, supersedes="", **made):
    return [
        Rating(
            call=ident,
            criterion=found.id,
            rater=rater,
            judgement=judgement(world, place + n + k),
            reason=f"{MARK} {world} reason of {rater}",
            provenance=Provenance(rubric=RUBRIC.id, **made),
            at=AT,
            supersedes=supersedes,
        )
        for n, ident in enumerate(CALLS)
        for k, found in enumerate(RUBRIC.criteria)
    ]


def plant(site, world, blind):
    """A round that `blind` has not submitted, and ratings of its calls from before: by people, models and an import."""
    store, other = site.space.store, OTHER[blind]
    made = {"prompt": "rate_call@1#x", "model": "m", "request": "rq-1"}
    before = [*given(world, other, 0), *given(world, "model:m", 1, **made), *given(world, "import:crm", 2)]
    store[Ratings].add(before)
    store[Ratings].add(given(world, "model:m", 3, supersedes=before[4].id, **made)[:1])
    new = CalibrationRound(
        number=store[Rounds].next_number(),
        rubric=RUBRIC.id,
        raters=("manager", "ops_lead", "model"),
        calls=CALLS,
        opened_at=AT,
    )
    finals = {other: given(world, other, 2, **{"request": "rq-2"}), "model": given(world, "model:m", 4, draw=1, **made)}
    return store[Rounds].open(new, finals)


VARIED = (
    (re.compile(r'(name="csrf-token" content|name="csrf" value)="[^"]*"'), r"\1"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.,]+(\+00:00|Z)?"), "MOMENT"),
    (re.compile(r"\d{1,2} \w{3,9} \d{4}, \d\d:\d\d"), "MOMENT"),
    (re.compile(r"cursor=[^\"&]+|\"next\":\s*\"[^\"]+\""), "CURSOR"),
    (re.compile(r"\bcr_[\w-]+"), "SECRET"),
    # Each line's salt is drawn at random, so the hashes that chain the log differ whatever it holds.
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    # Not the ids of ratings (ra-): they tell a judgement to whoever tries all of them.
    (re.compile(r"\b(?!ra-)[a-z]{2}-[0-9a-f]{12,32}\b"), "ID"),
)


def told(answer):
    """All that an answer tells, but for names and moments that are new each time."""
    kind = answer.headers.get("content-type", "")
    text = answer.text if kind.startswith(("text/", "application/json", "application/problem+json")) else ""
    headers = {name: answer.headers.get(name, "") for name in sorted(SEEN_BY)}
    for pattern, name in VARIED:
        text = pattern.sub(name, text)
        headers = {key: pattern.sub(name, value) for key, value in headers.items()}
    return answer.status_code, headers, text


def addresses(site, number, blind):
    """Where each GET route is asked: at its entry's own place, and at the round and the calls that are blind."""
    found = {}
    for key in sorted(TABLES.keys() & DECLARED.keys()):
        entry, path = TABLES[key], key.split(" ")[1]
        if not key.startswith("GET ") or entry.roles is None or blind not in entry.roles:
            continue
        there = [path.format(**(entry.path(site) if callable(entry.path) else entry.path))]
        names = set(re.findall(r"{(\w+)}", path))
        there += [path.format(number=number)] if names == {"number"} else []
        there += [path.format(ident=ident) for ident in CALLS] if names == {"ident"} and "/calls/" in path else []
        takes_rubric = "rubric" in {field.name for field in DECLARED[key].route.dependant.query_params}
        for address in there:
            found[address, ""] = entry.query
            if takes_rubric:
                found[address, "rubric"] = {**entry.query, "rubric": RUBRIC.id}
    return found


def reopened(folder):
    """The site in a folder where there is one."""
    space = Workspace(Settings.read(folder / "space", {}))
    people = {person.role: person for person in space.store[People].all() if person.name == person.role}
    return Site(application(space, Passwords(QUICK)), space, people)


def walked(folder, blind, number, asked, world):
    """Everything that `blind` gets to see, by address."""
    site = reopened(folder)
    found = plant(site, world, blind)
    assert found.number == number
    program = site.program(blind)
    seen = {address: told(program.get(address[0], params=query)) for address, query in asked.items()}
    # Counting with a filter is a way to ask: is there a rating by this rater, and is it a failed one?
    for status in ("rated", "not_applicable", "failed"):
        for rater in ("", OTHER[blind], "model:m"):
            asking = {"call": CALLS[0], "criterion": RUBRIC.criteria[0].id, "status": status, "rater": rater}
            seen["filtered", status, rater] = told(program.get("/api/v1/ratings", params=asking))
    seen |= screens(site.browser(blind), number)
    site.space.store.close()
    return seen


def screens(browser, number):
    """The rating screen as it is used: each cell looked at and rated, wrong input, looking for others' ratings."""
    page, seen = f"/calibration/{number}/rate", {}
    token = {"csrf": csrf(browser, page)}
    for ident in CALLS:
        for found in RUBRIC.criteria:
            cell = {"call": ident, "criterion": found.id}
            seen[page, str(cell)] = told(browser.get(page, params=cell))
            for value in ("1", "7", "n/a"):
                sent = token | cell | {"value": value, "turn": "0"}
                seen[page, str(cell), value] = told(browser.post(page, data=sent, headers={"HX-Request": "true"}))
    seen["status"] = told(browser.get(f"/calibration/{number}"))
    seen["submit"] = told(browser.get(f"/calibration/{number}/submit"))
    for name, cell in (("correct", {"call": "blind-1", "criterion": "depth"}), ("adjudicate", {"call": "blind-1"})):
        seen[name] = told(browser.post(f"/calibration/{number}/{name}", data=token | cell | {"criterion": "depth"}))
    for topic in ("ratings", "report", "record", "log", "drafts"):
        seen[topic] = told(browser.get(f"/api/v1/rounds/{number}/{topic}"))
    return seen


@pytest.fixture(name="worlds", scope="module", params=["manager", pytest.param("ops_lead", marks=pytest.mark.slow)])
def _worlds(request, tmp_path_factory):
    """Both worlds grow out of one workspace, in one folder: everything else in them is the same."""
    folder, kept = tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("kept") / "space"
    with made_site(folder) as site:
        site.space.store[Rubrics].add(RUBRIC)
        for ident in CALLS:
            site.space.store[Calls].add(call(ident, "Rae"))
        there = addresses(site, "<number>", request.param)
        number = site.space.store[Rounds].next_number()  # known only now: entries open rounds of their own
        asked = {(place.replace("<number>", str(number)), kind): query for (place, kind), query in there.items()}
    shutil.copytree(folder / "space", kept)
    worlds = []
    for world in "ab":
        shutil.rmtree(folder / "space")
        shutil.copytree(kept, folder / "space")
        worlds.append(walked(folder, request.param, number, asked, world))
    return worlds


def test_no_word_of_anybody_else_is_told(worlds):
    for seen in worlds:
        assert [address for address, (_, _, text) in seen.items() if MARK in text] == []


def test_what_others_gave_changes_nothing_that_is_told(worlds):
    first, second = worlds
    assert first.keys() == second.keys()
    assert [address for address in first if first[address] != second[address]] == []


def test_the_walk_sees_the_screens_and_says_what_is_hidden(worlds):
    for seen in worlds:
        assert len(seen) > 100
        assert {address for address, (status, _, _) in seen.items() if status >= 500} == set()
        assert seen["status"][0] == seen["submit"][0] == 200
        assert seen["report"][0] == seen["record"][0] == 409
        assert '"withheld":8' in seen["ratings"][2]


def test_once_submitted_the_same_words_are_told(tmp_path):
    """The walk could find the words if they were there."""
    with made_site(tmp_path) as site:
        site.space.store[Rubrics].add(RUBRIC)
        for ident in CALLS:
            site.space.store[Calls].add(call(ident, "Rae"))
        found = plant(site, "a", "manager")
        assert MARK not in site.program("manager").get(f"/api/v1/rounds/{found.number}/ratings").text
        assert MARK in site.program("ops_lead").get(f"/api/v1/rounds/{found.number}/ratings").text
