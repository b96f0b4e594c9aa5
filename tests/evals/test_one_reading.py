"""Suites of the prompts that make criteria: what an analyst notes, what a drafter writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.evals.loading import read_suite
from agent.evals.running import run_suite
from agent.evals.verbs import ROLE_OF, Wanted
from agent.ratings.model import Failed, Rated
from agent.settings import Settings
from agent.workspace import Workspace

EVALS = Path(__file__).parents[2] / "evals"


def replayed(tmp_path, name: str, prompt: str, folder: str = "demo", cases: tuple[str, ...] = ()):
    suite, environment = read_suite(EVALS / name), {"CLOSEREAD_MODEL": "openai/relay"}
    replay = EVALS / "recordings" / folder
    space = Workspace(Settings(tmp_path, f"sqlite:///{tmp_path / 'c.db'}", environment, replay=replay))

    async def run():
        async with space.roles(ROLE_OF[suite.file.kind]) as roles:
            wanted = Wanted(prompt=prompt, cases=cases)
            plan = wanted.plan(suite, roles[ROLE_OF[suite.file.kind]], space.prompt(prompt), None, space.stages)
            return await run_suite(plan, 4, lambda: None)

    return asyncio.run(run())


def values(run, criterion: str) -> list[int]:
    return [a.judgement.value for a in run.answers if a.criterion == criterion]


def test_drafts_are_held_against_what_the_method_asks_of_their_form(tmp_path):
    run = replayed(tmp_path, "drafts", "draft_criteria@1")
    assert len(run.cases) == 9
    assert sum(values(run, "two_sentences")) == 9
    assert sum(values(run, "short")) == 0
    assert sum(values(run, "absent")) == 8


def test_notes_are_held_against_the_behaviors_known_to_be_there(tmp_path):
    run = replayed(tmp_path, "notes", "code_interview@1")
    assert len(run.cases) == 8
    assert all(isinstance(a.judgement, Rated) for a in run.answers)
    assert [a.case for a in run.answers if not a.judgement.value] == ["dev-int-09"]
    two_buyers = [a for a in run.answers if a.case == "dev-int-16" and a.judgement.quotes]
    assert len({q.speaker for a in two_buyers for q in a.judgement.quotes}) == 2


def test_a_case_whose_reply_is_not_recorded_is_left_unanswered(tmp_path):
    run = replayed(tmp_path, "drafts", "draft_criteria@1", "ledgerline", ("discounted_in_the_same_breath",))
    assert list(run.unanswered) == ["discounted_in_the_same_breath"]
    assert not [a for a in run.answers if isinstance(a.judgement, Failed)]


@pytest.mark.parametrize("name", ["drafts", "notes"])
def test_what_is_asked_is_counted_before(tmp_path, name):
    suite = read_suite(EVALS / name)
    space = Workspace(Settings(tmp_path, f"sqlite:///{tmp_path / 'c.db'}", {"CLOSEREAD_MODEL": "openai/relay"}))
    role = space.planned_role(ROLE_OF[name])
    plan = Wanted().plan(suite, role, space.prompt(suite.file.prompt), None, space.stages)
    assert len(list(plan.requests())) == len(suite.cases)
