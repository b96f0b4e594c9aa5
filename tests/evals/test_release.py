import asyncio
import re
import shutil
from dataclasses import replace

import pytest

from agent.app.verb import Who
from agent.core.errors import ConfigError, GateClosed, NotFound, NoWorkspace
from agent.core.people import Scope
from agent.evals.archive import Archive
from agent.evals.gating import judge
from agent.evals.prompts import release_prompt
from agent.evals.release import passed_gate, release, to_release
from agent.evals.report import report_of
from agent.evals.running import Plan, run_suite
from agent.evals.suite_files import Gates
from agent.llm.prompts import PromptLibrary
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import ROOT, role
from tests.evals.made import answering, suite, table

MADE = suite(table(20, lambda i: i % 2))
RIGHT = answering(lambda case, c, d: int(case[-2:]) % 2)
GENEROUS = "When in doubt, say that the behavior was shown."


def obedient(request):
    """A rater that reads its prompt: generous where it is told to be."""
    generous = GENEROUS in request.messages[0].content
    return (answering(lambda *_: 1) if generous else RIGHT)(request)


@pytest.fixture
def library(tmp_path):
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    first = (tmp_path / "prompts" / "rate_call" / "003.md").read_text()
    second = first.replace("version: 3", "version: 90").replace("status: released", "status: draft")
    second = second.replace("\nRules:\n", f"\nRules:\n- {GENEROUS}\n")
    (tmp_path / "prompts" / "rate_call" / "090.md").write_text(
        re.sub("^changed: .*$", "changed: a try", second, flags=re.MULTILINE)
    )
    return PromptLibrary(tmp_path / "prompts")


def kept(archive, library, reference, answer, made=MADE):
    run = asyncio.run(run_suite(Plan(made, made.cases, role(answer), library.get(reference)), 4, lambda: None))
    archive.keep(run, report_of(run, {}))
    return run


def test_a_draft_is_released_only_with_a_gate_that_passed(library, tmp_path):
    archive = Archive(tmp_path / "evals")
    draft, before = to_release(library, "rate_call")
    assert (draft.meta.version, before.meta.status) == (90, "released")
    with pytest.raises(GateClosed, match="no passed gate"):
        passed_gate(archive, lambda name: MADE, draft, before)
    old = kept(archive, library, before.id.partition("#")[0], RIGHT)
    new = kept(archive, library, "rate_call@90", RIGHT)
    archive.keep_verdict(judge(new, old, Gates()))
    assert passed_gate(archive, lambda name: MADE, draft, before).candidate == new.id
    release(library, draft)
    assert library.get("rate_call").meta.version == 90
    assert library.get("rate_call").id == draft.id


def test_a_worse_prompt_is_refused_and_a_forged_verdict_too(library, tmp_path):
    archive = Archive(tmp_path / "evals")
    draft, before = to_release(library, "rate_call@90")
    old = kept(archive, library, before.id.partition("#")[0], obedient)
    new = kept(archive, library, "rate_call@90", obedient)
    verdict = judge(new, old, Gates())
    assert not verdict.passed
    with pytest.raises(GateClosed, match="do not ship"):
        verdict.require()
    forged = verdict.model_copy(
        update={"checks": [check.model_copy(update={"result": "passed"}) for check in verdict.checks]}
    )
    assert forged.passed
    archive.keep_verdict(forged)
    with pytest.raises(GateClosed, match="1 were judged and none passed"):
        passed_gate(archive, lambda name: MADE, draft, before)


def test_another_model_proves_nothing_about_a_prompt(library, tmp_path):
    archive = Archive(tmp_path / "evals")
    draft, before = to_release(library, "rate_call")
    old = kept(archive, library, before.id.partition("#")[0], RIGHT)
    new = kept(archive, library, "rate_call@90", RIGHT).model_copy(update={"model": "better/model"})
    archive.keep(new, report_of(new, {}))
    archive.keep_verdict(judge(new, old, Gates()))
    with pytest.raises(GateClosed):
        passed_gate(archive, lambda name: MADE, draft, before)


def test_what_is_no_draft_is_not_released(library):
    with pytest.raises(NotFound, match="no draft"):
        to_release(library, "check_criterion")
    with pytest.raises(ConfigError, match="status: draft"):
        release(library, library.get("rate_call@1"))


def test_a_gate_on_part_of_the_suite_releases_nothing(library, tmp_path):
    archive = Archive(tmp_path / "evals")
    draft, before = to_release(library, "rate_call")
    part = replace(MADE, cases=MADE.cases[:2])
    old = kept(archive, library, before.id.partition("#")[0], RIGHT, part)
    new = kept(archive, library, "rate_call@90", RIGHT, part)
    verdict = judge(new, old, Gates())
    assert verdict.passed
    archive.keep_verdict(verdict)
    with pytest.raises(GateClosed):
        passed_gate(archive, lambda name: MADE, draft, before)


def test_a_prompt_of_ones_own_goes_the_same_way(tmp_path):
    shipped = ROOT / "prompts"
    shelf = PromptLibrary(shipped, own=tmp_path / "prompts")
    path = shelf.draft("rate_call", 3)
    draft, before = to_release(shelf, "rate_call@101")
    assert (draft.path, before.path.parent.parent) == (path, shipped)
    archive = Archive(tmp_path / "evals")
    with pytest.raises(GateClosed, match="no passed gate"):
        passed_gate(archive, lambda name: MADE, draft, before)
    new, old = kept(archive, shelf, "rate_call@101", RIGHT), kept(archive, shelf, "rate_call@3", RIGHT)
    archive.keep_verdict(judge(new, old, Gates()))
    assert passed_gate(archive, lambda name: MADE, draft, before).candidate == new.id
    release(shelf, draft)
    assert shelf.get("rate_call").id == draft.id
    assert (tmp_path / "prompts" / "lock.toml").is_file()


def test_where_there_is_no_workspace_nothing_is_released(library, tmp_path):
    def refused(settings):
        raise NoWorkspace(str(settings.workspace))

    first = (tmp_path / "prompts" / "check_criterion" / "001.md").read_text()
    draft = tmp_path / "prompts" / "mine" / "001.md"
    draft.parent.mkdir()
    draft.write_text(first.replace("name: check_criterion", "name: mine").replace("status: released", "status: draft"))
    space = Workspace(Settings.read(tmp_path / "none", {}), start=refused)
    space.prompts = PromptLibrary(tmp_path / "prompts")
    files = {path: path.read_bytes() for path in (tmp_path / "prompts").rglob("*.*")}
    with pytest.raises(NoWorkspace):
        release_prompt(Who(space, Scope(local=True)), "mine")
    assert {path: path.read_bytes() for path in (tmp_path / "prompts").rglob("*.*")} == files
    space.start = Settings.make_folder
    assert release_prompt(Who(space, Scope(local=True)), "mine").released.startswith("mine@1")
