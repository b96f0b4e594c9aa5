"""Every command and every route of the API that takes a rubric takes the one in use where none is named, though a newer
draft is there, and its answer names which it was."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from agent.main import COMMANDS, app
from agent.profiles.verbs import draw_baselines
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.api.conftest import made_site
from tests.app.acts import written
from tests.builders import criterion, rubric
from tests.cli.conftest import Shell
from tests.coaching.walk import planned
from tests.disputes.walk import dispute_of
from tests.outcomes.walk import decided
from tests.patterns.made import extracted
from tests.scoring.walk import bind

TABLE = "call_id,date,rep,criterion,value\nbrought-1,2026-09-01,Rae,asks_cost,1\n"
ROUNDS = "round,call_id,rater,criterion,value\n1,call-1,ana,asks_cost,1\n1,call-1,ben,asks_cost,1\n"


def file(site, name, text):
    path = site.space.settings.workspace / name
    path.write_text(text, encoding="utf-8")
    return str(path)


COMMANDS_ASKED = {
    "week": lambda site: [],
    "rubric export": lambda site: [],
    "rubric show": lambda site: [],
    "rubric compliance": lambda site: ["--add", "recording_told"],
    "rubric lint": lambda site: ["--dry-run"],
    "rubric trial": lambda site: ["--dry-run"],
    "rubric fit": lambda site: ["--dry-run"],
    "calls list": lambda site: [],
    "calibrate import": lambda site: [file(site, "rounds.csv", ROUNDS)],
    "disputes counts": lambda site: [],
    "score run": lambda site: ["--dry-run"],
    "score show": lambda site: ["call-1"],
    "ratings import": lambda site: [file(site, "ratings.csv", TABLE)],
    "baseline make": lambda site: [],
    "baseline show": lambda site: [],
    "gaps": lambda site: [],
    "coach plan": lambda site: ["Rae", "--no-model"],
    "coach track": lambda site: [],
    "outcomes": lambda site: [],
    "telling": lambda site: [],
    "funnel": lambda site: [],
    "weights propose": lambda site: [],
    "export scoring-guide": lambda site: [written(site, "guide.md")],
    "export scorecard": lambda site: ["--rep", "Rae", written(site, "card.md")],
    "export report": lambda site: [written(site, "team.md")],
    "export summary": lambda site: [written(site, "summary.md")],
    "report": lambda site: [written(site, "report.html")],
}
OTHER_COMMANDS = {
    "export scores": "rows for a CRM: each names its rubric",
    "rubric deploy": "has to be told which",
    "weights accept": "makes a version that is newer still: asked below on a site of its own",
    "calibrate open": "means the newest, since a draft is what is to be calibrated, and says so",
    "ratings list": "a filter: without it ratings against every rubric, each with its own",
    "eval run": "a file",
    "eval import csv": "a file",
}
ROUTES_ASKED: dict[str, dict[str, Any]] = {
    "GET /movement": {},
    "POST /plans": {"json": {"who": "Rae", "criteria": ["asks_cost"]}},
    "GET /plans/{rep}/proposal": {},
    "GET /calls/{ident}": {},
    "GET /dispute-counts": {},
    "GET /documents/scorecard": {"params": {"rep": "Rae", "format": "md"}},
    "GET /documents/team-report": {"params": {"format": "md"}},
    "GET /documents/report": {},
    "GET /documents/summary": {"params": {"format": "md"}},
    "GET /outcomes": {},
    "GET /funnel": {},
    "GET /weights": {},
    "GET /telling": {},
    "GET /profiles/{rep}": {},
    "GET /gaps": {},
    "POST /baselines": {"json": {"rep": "Rae"}},
    "GET /baselines": {},
    "POST /calls/{ident}/ratings": {"json": {"criterion": "asks_cost", "value": "0", "reason": "Nobody asks."}},
    "POST /imports/{kind}": {"files": {"file": ("again.csv", TABLE.encode(), "text/csv")}},
    "GET /week": {},
}
OTHER_ROUTES = {
    "GET /documents/scores": "rows for a CRM: each names its rubric",
    "POST /weights": "has to be told which",
    "POST /rounds": "means the newest, since a draft is what is to be calibrated; its answer names it",
    "GET /ratings": "a filter: without it ratings against every rubric, each with its own",
    "GET /calls": "a list of calls, each with what counts",
    "GET /profiles": "a list of reps: each answer of GET /profiles/{rep} names it",
    "POST /evals/suites": "makes cases of calls; the suite holds the criteria",
    "POST /jobs": "starts a job: what it does stands in the job",
    "POST /calls/{ident}/score": "starts a job: what it does stands in the job",
}
PLACES = {"rep": "Rae", "ident": "rated-Rae-0", "kind": "ratings"}


@contextmanager
def with_draft(folder):
    """Version 1 is deployed and rated; a draft that words the same criterion otherwise came later."""
    with made_site(folder) as site:
        store = site.space.store
        decided(site)
        bind(site)
        extracted(site.space)
        store[RubricStates].set(RubricState(rubric=rubric().id, state="deployed", at=datetime.now(UTC)))
        store[Rubrics].add(rubric(criterion(description="The rep asks what it costs in money."), label="draft-9"))
        yield site


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with with_draft(tmp_path_factory.mktemp("rubrics")) as site:
        yield site


def told(site, text):
    """Whether an answer names version 1, and whether it is about the draft."""
    draft = site.space.store[Rubrics].get("draft-9")
    # What to do next is another matter: there the draft waits to be calibrated.
    kept = [line for line in text.replace("draft-9 is newer and not in use", "").split("\n") if "next:" not in line]
    said = "\n".join(kept)
    return bool(re.search(rf"\bv1\b|{rubric().id}", said)), "draft-9" in said or draft.id in said


def commands_that_take_a_rubric():
    group: Any = typer.main.get_group(app)
    found = set()

    def look(words, command):
        for name, inner in getattr(command, "commands", {}).items():
            look(f"{words} {name}", inner)
        for one in command.params:
            if one.name == "rubric" or (one.name == "reference" and words.startswith("rubric ")):
                found.add(words)

    for name in COMMANDS:
        look(name, group.get_command(None, name))
    return found


def test_every_command_that_takes_a_rubric_is_asked_or_says_why_not():
    assert commands_that_take_a_rubric() == COMMANDS_ASKED.keys() | OTHER_COMMANDS.keys()


@pytest.mark.parametrize("words", COMMANDS_ASKED)
def test_a_command_takes_the_rubric_in_use_and_names_it(site, capsys, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "1000")
    arguments = COMMANDS_ASKED[words](site)
    out = [] if not words.startswith(("export", "report")) else ["--out", arguments.pop()]
    shell = Shell(site.space.settings.workspace, capsys)(*words.split(), *arguments, *out)
    assert shell.code == 0, shell.err
    assert told(site, shell.out + shell.err) == (True, False), shell.out + shell.err


def test_weights_are_taken_over_for_the_rubric_in_use(tmp_path, capsys):
    with with_draft(tmp_path) as site:
        shell = Shell(site.space.settings.workspace, capsys)
        shell("weights", "accept", "--link", "time", "--weight", "asks_cost=0.5", "--label", "heavier")
        assert shell.code == 0, shell.err
        assert "rubric v1, which is deployed" in shell.err
        assert site.space.store[Rubrics].get("heavier").criteria[0].description == rubric().criteria[0].description


def test_opening_a_round_says_that_it_is_about_the_draft(site, capsys):
    shell = Shell(site.space.settings.workspace, capsys)
    shell("calibrate", "open", "--raters", "ana,ben", "--pick", "2", "--dry-run")
    assert "draft-9: Draft: not calibrated yet" in shell.err


def routes_that_take_a_rubric(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            bodies = [one["schema"] for one in operation.get("requestBody", {}).get("content", {}).values()]
            shapes = [
                document["components"]["schemas"].get(one.get("$ref", "").rpartition("/")[2], {}) for one in bodies
            ]
            queries = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
            if "rubric" in queries.union(*(shape.get("properties", {}) for shape in shapes)):
                yield f"{method.upper()} {path.removeprefix('/api/v1')}"


def test_every_route_that_takes_a_rubric_is_asked_or_says_why_not(site):
    document = site.anonymous().get("/api/v1/openapi.json").json()
    assert set(routes_that_take_a_rubric(document)) == ROUTES_ASKED.keys() | OTHER_ROUTES.keys()


@pytest.mark.parametrize("route", ROUTES_ASKED)
def test_a_route_takes_the_rubric_in_use_and_names_it(site, route):
    planned(site)
    draw_baselines(site.who("ops_lead"))
    method, path = route.split(" ")
    sent = ROUTES_ASKED[route]
    answer = site.program("ops_lead").request(method, f"/api/v1{path.format(**PLACES)}", **sent)
    assert answer.status_code < 300, answer.text
    assert told(site, answer.text) == (True, False), answer.text


PAGES = ("/profiles", "/profiles/Rae", "/coaching", "/coaching/movement", "/coaching/Rae", "/coaching/Rae/plan")
PAGES += ("/outcomes", "/outcomes/weights", "/disputes", "/week")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_the_rubric_in_use_and_lets_another_be_chosen(site, page):
    if page == "/disputes":
        dispute_of(site)
    browser = site.browser("ops_lead")
    shown = browser.get(page).text
    assert "Rubric v1, which is deployed; draft-9 is newer and not in use." in shown
    draft = site.space.store[Rubrics].get("draft-9")
    assert f'<option value="{draft.id}">draft-9</option>' in shown
    assert f'action="{page}"' in shown
    other = browser.get(f"{page}?rubric=draft-9")
    if other.status_code == 404:  # nobody is rated against the draft, so there is nothing to plan with
        assert page in ("/profiles/Rae", "/coaching/Rae/plan")
        return
    assert "Rubric draft-9, the one asked for." in other.text or "No call" in other.text or "profiles" in page
    assert browser.get(f"{page}?rubric=nowhere").status_code == 404
