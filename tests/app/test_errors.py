"""Errors say what is wrong in words that hold everywhere; what to do about it each front end says in its own."""

from __future__ import annotations

import ast
import pickle
import re

import pytest

from agent.app.slices import modules
from agent.core.errors import Advice, CloseReadError, ConfigError, ImportProblem, InputError, NotFound
from tests.api.conftest import csrf
from tests.builders import ROOT
from tests.cli.conftest import Shell

COMMAND = re.compile(r"\bcloseread [a-z]|(?<![\w-])--[a-z]{2,}")
PAGE = re.compile(r"\bon the page [A-Z]|(?<![\w.])/(upload|jobs|calibration|rubric|admin|profiles|coaching)\b")
OF_OTHERS = ("--ctx-size", "--max-model-len")  # options of servers that a model runs on
MADE_BY_COMMANDS = re.compile(r"/(cli[a-z_]*|serve)\.py$|/app/cli/")


def _texts(call: ast.Call):
    """The words of an error, without those of its advice."""
    for argument in (*call.args, *(word.value for word in call.keywords if word.arg != "advice")):
        skipped = {
            id(inner)
            for node in ast.walk(argument)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Advice"
            for inner in ast.walk(node)
        }
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield node.value


def said():
    """Of every error that is made anywhere: the file, the line, its words."""
    modules("")
    kinds, left = set(), [CloseReadError]
    while left:
        kind = left.pop()
        kinds.add(kind.__name__)
        left += kind.__subclasses__()
    for path in sorted((ROOT / "agent").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if name in kinds or name in ("problem", "HttpProblem", "Undefined"):
                    yield path, node.lineno, " ".join(_texts(node))


def test_no_error_names_a_command_or_an_option_and_none_names_a_page():
    found = list(said())
    assert len(found) > 400
    for path, line, text in found:
        told = text
        for other in OF_OTHERS:
            told = told.replace(other, "")
        place = f"{path.relative_to(ROOT)}:{line}: {text}"
        assert not PAGE.search(told), place
        if not MADE_BY_COMMANDS.search(str(path)):  # what only a command can meet may name its options
            assert not COMMAND.search(told), place


def test_advice_is_said_in_the_words_of_each_front_end():
    advice = Advice("calls import FILE", "/upload?kind=call", "bring it again", '--map "A=rep"', "choose the column")
    assert advice.at_the_terminal() == 'bring it again; say --map "A=rep"; run: closeread calls import FILE'
    assert advice.on_a_page() == "bring it again; choose the column"
    assert NotFound("there is no call", advice=advice).at_the_terminal().startswith("there is no call; bring")
    assert ConfigError("x").at_the_terminal() == "x"


@pytest.mark.parametrize("hint", ["export it again", Advice(text="rename it", option="--map", there="choose it")])
def test_a_problem_of_a_file_says_its_hint_once(hint):
    problem = pickle.loads(pickle.dumps(ImportProblem("a.csv", 3, "no column", hint)))
    text = hint if isinstance(hint, str) else hint.text
    assert str(problem) == f"a.csv:3: no column ({text})"
    assert problem.at_the_terminal() == str(problem) + ("" if isinstance(hint, str) else "; say --map")
    assert problem.told.on_a_page() == (text if isinstance(hint, str) else "rename it; choose it")


def test_an_error_keeps_what_it_is_about_apart_from_what_is_wrong():
    error = pickle.loads(pickle.dumps(InputError("turn 3 is the buyer's", where="call-1")))
    assert (str(error), error.where, error.what) == ("call-1: turn 3 is the buyer's", "call-1", "turn 3 is the buyer's")
    assert (InputError("no").where, InputError("no").what) == ("", "no")


def test_one_error_on_a_page_in_the_api_and_at_the_terminal(site, capsys):
    page = site.browser("manager").get("/rubric/none")
    assert page.status_code == 404
    assert "There is no rubric &#39;none&#39;." in page.text
    assert '<a href="/rubric">See what is there</a>' in page.text
    assert not COMMAND.search(page.text)
    answer = site.program("manager").get("/api/v1/rubrics/none").json()
    assert (answer["detail"], answer["page"]) == ("there is no rubric 'none'", "/rubric")
    shell = Shell(site.space.settings.workspace, capsys)("rubric", "show", "none")
    assert shell.err == "error: there is no rubric 'none'; run: closeread rubric list\n"


def test_a_column_that_is_missing_is_chosen_in_the_form_and_mapped_at_the_terminal(site, tmp_path, capsys):
    table = tmp_path / "deals.csv"
    table.write_text("Deal,Owner\nd1,Rae\n")
    browser = site.browser("ops_lead")
    files = [("files", ("deals.csv", table.read_bytes(), "text/csv"))]
    sent = browser.post("/upload", data={"kind": "deals", "csrf": csrf(browser, "/")}, files=files)
    page = browser.get(sent.headers["location"]).text
    assert "under Columns" in page
    assert "--map" not in page
    shell = Shell(site.space.settings.workspace, capsys)("deals", "import", str(table))
    assert "--map" in shell.err
    assert "under Columns" not in shell.err


def test_links_to_the_upload_choose_what_is_brought(site):
    ops = site.browser("ops_lead")
    assert 'value="deals" checked' in ops.get("/upload?kind=deals").text
    assert ops.get("/upload?kind=nothing").status_code == 422
