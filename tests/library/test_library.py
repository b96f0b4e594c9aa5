"""`from agent import Workspace`: what its documentation says, and what a notebook shows."""

import doctest
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import agent
from agent import Table, Workspace, library
from agent.app.view import View
from agent.core.errors import ConfigError, Conflict, NoWorkspace
from agent.db.audit import AuditLog
from tests.builders import ROOT, SAMPLE

PAGE = ROOT / "docs" / "python.md"


@pytest.fixture(name="space", scope="module")
def _space(tmp_path_factory):
    with Workspace.with_sample(tmp_path_factory.mktemp("library") / "space") as space:
        yield space


def test_the_examples_of_the_methods_and_of_the_page_hold(space, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = {"space": space, "SAMPLE": SAMPLE}
    tests = [test for test in doctest.DocTestFinder().find(library, globs=names) if test.examples]
    tests.append(doctest.DocTestParser().get_doctest(PAGE.read_text(), names, PAGE.name, str(PAGE), 0))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in tests:
        runner.run(test)
    assert len(tests) > 5
    assert (runner.failures, runner.tries > 15) == (0, True)


def test_every_public_method_is_on_the_page():
    methods = {name for name in vars(Workspace) if not name.startswith("_")}
    assert 15 <= len(methods) <= 22
    assert [name for name in methods if f"`{name}" not in PAGE.read_text()] == []


def test_a_workspace_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(NoWorkspace):
        Workspace(tmp_path / "mistyped")
    assert not (tmp_path / "mistyped").exists()


def test_imports_say_what_was_wrong_and_leave_an_entry(tmp_path):
    (tmp_path / "a.txt").write_text("Rae: Hello there.\nCus: Hello.\n")
    (tmp_path / "m.csv").write_text("file,date,Owner\na.txt,2026-10-01,Rae\nb.txt,2026-10-01,Rae\n")
    with Workspace(tmp_path / "space", create=True) as space:
        made = space.import_calls(tmp_path, tmp_path / "m.csv", {"Owner": "rep"})
        assert [line.file for line in made.lines] == [str(tmp_path / "m.csv")]
        assert [call.id for call in space.calls()] == ["a"]
        assert space.import_rubric(SAMPLE / "rubric.yaml").label == space.rubric().label
        (entry, *_) = [e for e in space._space.store[AuditLog].page() if "upload" in e.action or "import" in e.action]
        assert entry.person == "a Python program"


def test_the_sample_is_in_the_audit_log_comes_again_and_mixes_with_nothing(space, tmp_path):
    folder = space._space.settings.workspace
    held = len(space.calls()), len(space.interviews()), len(space.ratings())
    with Workspace.with_sample(folder) as again:
        assert (len(again.calls()), len(again.interviews()), len(again.ratings())) == held
        entries = [one for one in again._space.store[AuditLog].page(limit=500) if one.action == "sample_imported"]
    assert [(one.person, one.subject) for one in entries] == [("a Python program", "ledgerline")] * 2
    (tmp_path / "one.txt").write_text("Ann: Why did you choose them?\nBo Li: They asked what a late close costs.\n")
    (tmp_path / "m.csv").write_text("file,date,outcome,buyer,rep\none.txt,2026-11-01,won,Bo Li,Rae\n")
    with Workspace(tmp_path / "own", create=True) as own:
        assert own.import_interviews(tmp_path, tmp_path / "m.csv").counts["new"] == 1
    with pytest.raises(Conflict, match="the sample would mix with them"):
        Workspace.with_sample(tmp_path / "own")


def test_a_notebook_shows_a_table_and_nothing_in_it_is_markup():
    class Row(View):
        name: str
        count: int | None = None
        more: tuple[int, ...] = ()

    shown = Table([Row(name="<b>", count=1), Row(name="x")])._repr_html_()
    assert "<th>name</th><th>count</th></tr>" in shown
    assert "&lt;b&gt;" in shown
    assert "<td>x</td><td></td>" in shown
    assert repr(Table([])) == "<Table of nothing>"
    assert "<table>" in Table([])._repr_html_()


def test_pandas_is_taken_where_it_is_and_asked_for_where_not(space, monkeypatch):
    frame = space.calls().to_pandas()
    assert frame.shape[0] == len(space.calls())
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="pip install pandas"):
        space.calls().to_pandas()


async def test_models_are_asked_from_a_notebook_whose_own_loop_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(ROOT / "evals" / "recordings" / "demo"))
    with warnings.catch_warnings(), Workspace(tmp_path / "space", create=True) as space:
        warnings.simplefilter("ignore")
        for kind, bring in (("interviews", space.import_interviews), ("calls", space.import_calls)):
            bring(SAMPLE / kind, SAMPLE / kind / f"{kind}.csv")
        assert len(space.extract_patterns().patterns) > 5
        drafted = space.draft_criteria("draft")
        first = space.calls()[0].id
        outcome = space.score([first], rubric=drafted.label)
        assert (outcome.calls, outcome.unanswered) == (1, {})
        assert {rating.call for rating in space.ratings(first)} == {first}


def test_types_are_shipped_and_importing_the_package_imports_nothing_heavy():
    assert (Path(agent.__file__).parent / "py.typed").is_file()
    code = "import sys, agent; print([m for m in ('pydantic', 'sqlalchemy', 'agent.library') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        agent.Nothing  # noqa: B018
