"""What people do in another language leaves English behind: in the database with its audit log and jobs, in prompts, in
files of data. Every message is told in strange letters here, so that a single one of them is found."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import inspect, text

from agent.coaching.verbs import make_plan
from agent.core import language
from agent.core.language import _, speaking
from agent.db.audit import AuditLog
from agent.llm.roles import Role
from agent.people.store import People
from tests.api.conftest import made_site
from tests.api.test_marked_pages import Strange, strange
from tests.app.acts import all_of, asking
from tests.coaching.walk import planned
from tests.llm.fakes import FakeModel
from tests.llm.test_prompts import library

PAGES = [(act, route) for act in all_of("ACTS") for route in (*act.routes, *act.walks) if "/api/" not in route]
# A message of the strange catalog, or a day as Germans write it.
TOLD = re.compile(
    "[\uff21-\uff3a\uff41-\uff5a]|\\d\\. (?:Januar|Februar|M\u00e4rz|April|Mai|Juni|Juli|August|[A-Z]\\w+ber) 20"
)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("english")) as site:
        for person in site.people.values():
            site.space.store[People].choose_language(person.id, "de")
        yield site


@pytest.fixture(name="strangely")
def _told_strangely(monkeypatch):
    monkeypatch.setattr(language, "catalog", lambda code: Strange())
    yield
    language._retold.cache_clear()
    language._patterns.cache_clear()


def kept(site):
    """All values of all tables."""
    with site.space.store.engine.connect() as connection:
        return {
            (name, str(value))
            for name in inspect(connection).get_table_names()
            for row in connection.execute(text(f'select * from "{name}"'))
            for value in row
        }


def test_what_is_kept_is_english_whoever_acts(site, strangely):
    """Every act that a page has, by people who read another language."""
    answers = [asking(site, act, route)() for act, route in PAGES]
    assert [answer.text[:500] for answer in answers if answer.status_code >= 400] == []
    assert len(answers) > 50
    assert [(name, value) for name, value in kept(site) if TOLD.search(value)] == []


def test_a_plan_is_the_same_whoever_makes_it(site):
    made = []
    planned(site)
    for code in ("en", "de"):
        with speaking(code):
            made.append(make_plan(site.who("manager"), "Rae", ["asks_cost"], "v1"))
    english, german = made
    assert [one.reason for one in german.criteria] == [one.reason for one in english.criteria] != [""]
    assert (german.notes, german.criteria[0].notes) == (english.notes, english.criteria[0].notes)
    assert english.notes[0].startswith("These are figures over: ")


def test_the_brief_has_german_headings_and_an_english_line_in_the_audit_log(site):
    planned(site)
    brief = site.program("manager").get("/coaching/Rae/brief?format=html").text
    assert "Vereinbart" in brief
    assert site.space.store[AuditLog].page(limit=1)[0].subject == "Coaching brief: Rae"


def test_an_error_of_an_act_is_told_in_the_language_of_its_reader(site):
    form = {"criterion": "asks_cost", "rubric": "v1"}
    answer = site.program("manager").post("/coaching/Nobody/plan", data=form)
    assert answer.status_code == 404
    assert "there is no rep" not in answer.text
    assert "Es gibt keinen Verkäufer 'Nobody' mit Bewertungen" in unescape(answer.text)


def test_a_table_as_a_file_is_the_same_for_all(site, strangely):
    asked = site.program("manager")
    assert TOLD.search(asked.get("/calls").text)
    for query in ("file=csv", "table=1.csv"):
        answer = asked.get(f"/calls?{query}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert not TOLD.search(answer.text)


class Figures:
    def __str__(self):
        return _("{n} of {all} calls", n=3, all=12)


def test_a_prompt_is_the_same_byte_by_byte(tmp_path, strangely):
    prompt, role = library(tmp_path).get("greet@1"), Role("rater", "m", FakeModel(lambda request: ""))
    english = role.request(prompt, dict, {"who": Figures()})
    with speaking("de"):
        assert str(Figures()) == strange("{n} of {all} calls").format(n=3, all=12)
        assert role.request(prompt, dict, {"who": Figures()}).messages == english.messages
