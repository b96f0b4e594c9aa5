"""Every verb: refused to every role that may not, and one line in the audit log from each front end that calls it."""

from __future__ import annotations

import asyncio
import inspect
from importlib import import_module
from pkgutil import walk_packages

import pytest

import agent
from agent.app.verb import VERBS, Who
from agent.app.web import routes
from agent.core.errors import Forbidden
from agent.core.people import ROLES, Scope
from agent.db.audit import AuditLog
from tests.api.conftest import REP, made_site
from tests.app.acts import all_of, asking
from tests.cli.conftest import Shell
from tests.cli.every import every_command

for found in walk_packages(agent.__path__, "agent."):
    if not found.name.startswith("agent.db.migrations"):
        import_module(found.name)
ACTS = all_of("ACTS")
NO_VERB = all_of("NO_VERB")
NOT_ACTED = all_of("NOT_ACTED")
each = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("verbs")) as site:
        yield site


def who(site, role):
    made = Who(site.space, Scope(name=role, role=role, rep=REP if role == "rep" else ""))
    made.person = site.people[role]
    return made


def newest(site):
    return site.space.store[AuditLog].page(limit=1)[0].position if site.space.store[AuditLog].page(limit=1) else 0


def lines_since(site, position):
    return [entry for entry in site.space.store[AuditLog].page(limit=20) if entry.position > position]


def test_every_verb_is_in_the_tables_once():
    there = [name.removeprefix("agent.") for name in VERBS]
    assert sorted([*(act.name for act in ACTS), *NOT_ACTED]) == sorted(there)


def test_every_route_that_changes_something_calls_a_verb():
    """A route without a verb says why."""
    named = {route for act in ACTS for route in (*act.routes, *act.walks)}
    changing = {f"{route.method} {route.path}" for route in routes.declared() if route.method not in ("GET", "HEAD")}
    assert changing - named - NO_VERB.keys() == set()
    assert (named | NO_VERB.keys()) - {f"{route.method} {route.path}" for route in routes.declared()} == set()


@each
def test_a_verb_is_refused_to_every_other_role(site, act):
    others = sorted(set(ROLES) - set(act.verb.roles))
    args = act.args(site) if others else ()
    before = newest(site)
    for role in others:
        with pytest.raises(Forbidden):
            act.verb(who(site, role), *args, **act.kwargs)
        assert lines_since(site, before) == []


@each
def test_a_verb_writes_one_line_in_the_audit_log(site, act):
    args = act.args(site)
    before = newest(site)
    made = act.verb(who(site, act.verb.roles[0]), *args, **act.kwargs)
    if inspect.iscoroutine(made):
        asyncio.run(made)
    assert [(line.action, line.person) for line in lines_since(site, before)] == [(act.verb.action, act.verb.roles[0])]


@pytest.mark.parametrize(
    ("act", "route"),
    [(act, route) for act in ACTS for route in (*act.routes, *act.walks)],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_page_and_api_leave_one_line_as_well(site, act, route):
    ask = asking(site, act, route)
    before = newest(site)
    answer = ask()
    assert answer.status_code < 400, answer.text[:2000]
    assert sorted(line.action for line in lines_since(site, before)) == sorted(
        [act.verb.action, *act.also.get(route, ())]
    )


@pytest.mark.parametrize("act", [act for act in ACTS if act.command], ids=lambda act: act.name)
def test_the_command_line_leaves_one_line_as_well(site, capsys, act):
    typed = act.command(site)
    before = newest(site)
    shell = Shell(site.space.settings.workspace, capsys)(*typed)
    assert shell.code == 0, shell.err
    wanted = [act.verb.action, *act.also.get("command", ())]
    assert sorted(line.action for line in lines_since(site, before)) == sorted(wanted)
    person = lines_since(site, before)[0].person
    assert person.endswith("at the command line") or ({"--as", "--by"} & {*map(str, typed)} and person in typed)


# Commands that the tables of verbs do not type, and why.
NO_VERB_COMMANDS = {
    **dict.fromkeys(
        ["interviews import", "ratings import", "coaching import", "deals import", "interviews correct"],
        "the verb that `calls import` and `calls correct` call, with another kind of file",
    ),
    **dict.fromkeys(
        ["interviews sides", "eval import annomi"], "as `calls sides` and `eval import csv`, with other documents"
    ),
    **dict.fromkeys(
        ["patterns extract", "patterns update", "criteria draft", "guide draft", "guide review", "rubric trial"],
        "asks a model, and calls the verb with what came of it",
    ),
    "calibrate rate": "asks questions, or reads a sheet; tests/calibration/test_rounds.py holds its entry in the round's log",
    **dict.fromkeys(
        [
            *("agreement", "guide lint", "rubric lint", "score show", "ratings list", "coaching list", "deals list"),
            *("formats", "eval pairs", "eval schema", "prompts check", "cost", "cache show"),
            "job watch",
            *("source list", "interviews speakers", "interviews manifest", "calls speakers", "calls manifest"),
            "guide export",
        ],
        "reads; a file is written only where the person names one",
    ),
    "prompts lock": "writes the hashes of the shipped prompts, for whoever works on the program",
    "model check": "asks each model one question; nothing is kept",
    **dict.fromkeys(["demo", "init", "restore"], "makes the workspace in which a log begins"),
    **dict.fromkeys(["serve", "worker", "mcp"], "runs until it is stopped; what is asked of it calls the verbs"),
}


def test_every_command_calls_a_verb_or_changes_nothing(site):
    """What is read is in the tables of `--json`; the others say why."""
    typed = {" ".join(map(str, act.command(site))) for act in ACTS if act.command}
    reading = {words for words, entry in all_of("JSON").items() if entry.route.startswith("GET ")}
    left = {
        words
        for words in every_command()
        if words not in reading and not any(line == words or line.startswith(f"{words} ") for line in typed)
    }
    assert left == NO_VERB_COMMANDS.keys()
