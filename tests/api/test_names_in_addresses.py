"""Names with slashes, question marks, quotes, dots or letters of any script: every page, API route and file about them is
found at the address that the pages write, and answers as for a plain name."""

import re
from html import unescape
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest

from agent.app.web import routes
from agent.app.web.segments import segment
from agent.calls.store import Calls
from agent.coaching.verbs import log_session, make_plan
from agent.interviews.store import Interviews
from agent.text.manifest import read_call_manifest
from agent.text.tables import filled
from tests.api.conftest import BASE, csrf, made_site
from tests.api.season import AFTER, BEFORE, fill_season
from tests.builders import call, interview

PLAIN = "Plain Jane"
# What ends a segment or changes the path stands alone; the rest is written by the same rule in whatever company.
NAMES = (
    "AC/DC",
    "a/../b",
    "%2F",
    "..hidden",
    "What? C# 100%",
    "\"Quo\" 'te' <b>bold</b> x&y=z;+ Åsa Ωmega",
)
# Of a rep, or with a rep's name for the id.
OF_REPS = re.compile(r"\{rep\}|/(calls|interviews)/\{ident\}")


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("names")) as site:
        fill_season(site, reps=(PLAIN, *NAMES))
        for name in (PLAIN, *NAMES):
            about = {"customer": name, "account": name}
            site.space.store[Calls].add(call(name, name).model_copy(update=about))
            site.space.store[Interviews].add(
                interview(name, "won", f"{name} said so.").model_copy(update={"rep": name})
            )
            log_session(site.who("manager"), name, "Ask for the cost.")
            make_plan(site.who("manager"), name, ["asks_cost"])
        yield site


def of_reps(kind):
    return sorted(r.path for r in routes.declared() if r.method == "GET" and OF_REPS.search(r.path) and kind(r.path))


def address(path, name):
    return re.sub(r"\{(rep|ident)\}", segment(name), path).replace("{cycle}", "cycle_1")


def test_a_season_was_made(site):
    assert BEFORE + AFTER == 24
    assert len(of_reps(lambda path: True)) > 12


@pytest.mark.parametrize("path", of_reps(lambda path: True))
def test_a_route_answers_as_for_a_plain_name(site, path):
    asked = site.program("ops_lead") if path.startswith("/api/") else site.ops_browser
    right = asked.get(address(path, PLAIN)).status_code
    assert {name: asked.get(address(path, name)).status_code for name in NAMES} == dict.fromkeys(NAMES, right)


def test_what_is_not_there_is_not_there(site):
    browser = site.ops_browser
    assert browser.get("/profiles/AC/DC").status_code == 404
    assert browser.get(f"/profiles/{segment('AC/DC')}/nothing").status_code == 404
    assert browser.get(f"/static{segment('/')}..{segment('/')}server.py").status_code == 404


def links_of(page):
    return {unescape(link) for link in re.findall(r'(?:href|action)="([^"]+)"', page)}


def test_every_link_about_a_name_leads_somewhere(site):
    browser, seen, found = site.ops_browser, set(), []
    waiting = [*("/", "/profiles", "/coaching", "/calls", "/patterns", "/disputes", "/coaching/movement")]
    waiting += [f"/search?q={quote(name, safe='')}" for name in NAMES]
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        found.append((path, answer.status_code))
        for link in links_of(answer.text) if "text/html" in answer.headers.get("content-type", "") else ():
            full = urlsplit(urljoin(f"{BASE}{path}", link))
            there = full.path + (f"?{full.query}" if full.query else "")
            told = next((name for name in NAMES if segment(name) in there or name in unquote(there)), None)
            kind = (told, full.path.count("/"), full.path.rpartition("/")[2], full.query[:12])
            if full.netloc == urlsplit(BASE).netloc and told and kind not in seen:
                seen.add(kind)
                waiting.append(there)
    wrong = [(path, status) for path, status in found if status not in (200, 303, 405)]
    assert wrong == []
    assert len(found) > 5 * len(NAMES)


def test_forms_about_a_name_do_what_they_say(site):
    browser = site.browser("manager")
    page = f"/coaching/{segment('AC/DC')}"
    form = {"note": "Ask on Friday.", "date": "2026-10-03", "csrf": csrf(browser, page)}
    sent = browser.post(f"{page}/sessions", data=form)
    assert (sent.status_code, sent.headers["location"].partition("#")[0]) == (303, page)
    assert "Ask on Friday." in browser.get(sent.headers["location"]).text


def test_a_file_about_a_name_has_a_harmless_name(site):
    for form in ("docx", "pdf"):
        sent = site.ops_browser.get(f"/coaching/{segment('AC/DC')}/brief?format={form}")
        assert sent.status_code == 200
        shown = sent.headers["content-disposition"]
        name = unquote(shown.rpartition("''")[2] if "''" in shown else shown.rpartition("=")[2]).strip('"')
        assert name.endswith(f".{form}")
        assert not set(name) & set('/\\"\r\n:*?<>|')


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_of_dots_alone_is_refused_at_the_import(tmp_path, name):
    (tmp_path / "m.csv").write_text(f"file,date,rep\na.txt,2026-03-01,{name}\n")
    (problem,) = read_call_manifest(tmp_path / "m.csv").problems
    assert "no address can hold" in str(problem)
    with pytest.raises(ValueError, match="no address can hold"):
        filled({"rep": name}, "rep")
