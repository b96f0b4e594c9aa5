"""A scoring rule is carried out once, whichever of its workers dies when: on SQLite and on PostgreSQL."""

import pytest

from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.core.people import Scope
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.scoring.rules import NewRule, ScoringRules
from agent.scoring.rules_verbs import add_rule
from tests.durable.harness import Books, with_team
from tests.jobs.made import fill
from tests.scoring.test_rules import NOON

pytestmark = pytest.mark.durable

CALLS = 40
# A worker that dies after the job is made and before the rule knows of it.
DIES = """
import os
from agent.scoring.rules import ScoringRules
ScoringRules.ran = lambda *of: os._exit(9)
"""


async def test_workers_that_die_in_the_middle_of_a_rule_leave_one_job_and_each_call_asked_once(tmp_path, database):
    books = Books(latency=0.05)

    async def work(team):
        fill(team.space, CALLS)
        store = team.space.store
        rubric = store[Rubrics].newest().id
        store[RubricStates].set(RubricState(rubric=rubric, state="deployed", at=NOON, by="Ola"))
        add_rule(Who(team.space, Scope(local=True), as_name="Ola"), NewRule(name="new", when="arrival"))
        team.before = DIES
        dying = await team.start_worker(4)
        await dying.wait()
        (job,) = store[Jobs].list()  # made, and the rule knows nothing of it
        assert store[ScoringRules].get("new").ran is None
        team.before = ""
        for _ in range(2):
            await team.start_worker(4)
        await team.until(lambda: store[Jobs].get(job.id).state == "done", 120)
        assert [one.id for one in store[Jobs].list()] == [job.id]
        assert len(store[Jobs].calls(job.id, "done")) == CALLS
        team.check(job.id, CALLS)
        assert books.repeated_without_a_kill() == []

    await with_team(tmp_path / "work", database, books, work)
