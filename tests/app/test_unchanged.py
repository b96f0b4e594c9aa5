"""What was worked out of the whole workspace is kept while nothing changes, and not a moment longer."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from agent.app.unchanged import while_unchanged
from agent.core.language import speaking
from agent.interviews.store import Interviews
from tests.api.conftest import csrf
from tests.builders import interview, owner


@contextmanager
def statements(engine):
    """What is asked of the database meanwhile."""
    asked = []

    def note(_connection, _cursor, statement, *_others):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


class Made:
    """Counts how often it is made."""

    times = 0

    def __call__(self):
        self.times += 1
        return self.times

    def of(self, who, name="it"):
        return while_unchanged(who, name, self)


@pytest.fixture(name="clock", autouse=True)
def _clock(monkeypatch):
    """Seconds, which stand still."""
    clock = SimpleNamespace(now=1_000_000.0)
    monkeypatch.setattr("agent.app.unchanged.time", SimpleNamespace(time=lambda: clock.now))
    return clock


@pytest.fixture(name="made")
def _made():
    return Made()


def test_it_is_made_once_for_each_person_and_language(site, made):
    assert [made.of(site.who("manager")) for _ in range(3)] == [1, 1, 1]
    assert made.of(site.who("viewer")) == 2
    assert made.of(site.who("manager"), "another") == 3
    with speaking("de"):
        assert made.of(site.who("manager")) == 4
    assert made.of(site.who("manager")) == 1


def test_it_is_made_anew_after_any_commit(site, made):
    who = site.who("manager")
    assert made.of(who) == 1
    site.space.store[Interviews].add(interview("another"))
    assert made.of(who) == 2
    # As another process does it.
    with closing(sqlite3.connect(site.space.store.engine.url.database)) as other:
        other.execute("UPDATE people SET rep = 'Zoe' WHERE rep = 'Rae'")
        assert made.of(who) == 2
        other.commit()
    assert made.of(who) == 3


def test_it_is_made_anew_where_the_configuration_changes(site, made):
    who, file = site.who("manager"), site.space.settings.workspace / "config" / "calibration.yaml"
    assert made.of(who) == 1
    file.write_text("{}")
    assert made.of(who) == 2
    os.utime(file, ns=(0, 0))
    assert made.of(who) == 3
    file.unlink()
    assert made.of(who) == 4


def test_it_is_made_anew_after_a_minute(site, made, clock):
    who = site.who("manager")
    assert [made.of(who), made.of(who)] == [1, 1]
    clock.now += 60
    assert made.of(who) == 2


def test_at_the_command_line_nothing_is_kept(site, made):
    who = owner(site.space)
    assert [made.of(who), made.of(who)] == [1, 2]


def test_a_page_that_has_nothing_to_say_of_the_workspace_does_not_ask_it_again(site):
    """Who is asking, and what is on the page: the menu's marks and the next step are known."""
    browser = site.ops_browser
    browser.get("/help")
    with statements(site.space.store.engine) as asked:
        assert browser.get("/help").status_code == 200
    assert len(asked) <= 3, asked


def test_what_waits_stands_in_the_menu_at_once(site):
    browser, other = site.browser("ops_lead"), site.browser("manager")
    left_out = "is left out until it is said who in it is the buyer"
    assert left_out not in browser.get("/help").text
    open_one = interview("open").model_copy(
        update={"transcript": interview().transcript.model_copy(update={"roles": {}})}
    )
    site.space.store[Interviews].add(open_one)
    assert left_out in browser.get("/help").text
    assert left_out not in other.get("/help").text
    files = [("files", ("a.txt", b"Rae: Hello?", "text/plain"))]
    sent = browser.post("/upload", data={"kind": "call", "csrf": csrf(browser, "/")}, files=files)
    assert sent.headers["location"] in browser.get("/").text
