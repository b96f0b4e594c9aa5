"""Rules that score new calls by themselves: which calls, when, once, with which rubric and for how much."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from agent.app.chores import chores
from agent.app.queue.job_work import JobWork
from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError, NotFound
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.db.ledger import SqlLedger
from agent.llm.spending import Entry, Usage
from agent.people.names import Names
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.scoring import rules_work
from agent.scoring.left import left_over
from agent.scoring.listeners import score_by_rules
from agent.scoring.rules import NewRule, ScoringRules
from agent.scoring.rules_verbs import add_rule, pause_rule, remove_rule, resume_rule
from agent.scoring.rules_work import carry_out, night_of
from tests.builders import call, criterion, rubric
from tests.jobs.made import fake_space

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class Clocked:
    """A workspace with `calls` calls, a deployed rubric and a clock that stands until it is moved."""

    def __init__(self, folder, calls=6, deployed=True):
        self.space = fake_space(folder, calls)
        self.who = Who(self.space, Scope(local=True), as_name="Ola")
        self.now = NOON
        if deployed:
            self.deploy()

    def deploy(self):
        ident = self.space.store[Rubrics].newest().id
        self.space.store[RubricStates].set(RubricState(rubric=ident, state="deployed", at=NOON, by="Ola"))

    def rule(self, **given):
        return add_rule(self.who, NewRule(**{"name": "new", "when": "arrival"} | given))

    def look(self, **after):
        """What rules start when so much later somebody looks."""
        self.now += timedelta(**after or {"minutes": 1})
        return carry_out(self.space, self.now)

    def of(self, job):
        return list(self.space.store[Jobs].calls(job))

    def state(self, name="new"):
        return self.space.store[ScoringRules].get(name)

    def end(self, job, failed=0):
        """Let a job end: some of its calls given up, the others done."""
        jobs, work = self.space.store[Jobs], self.space.store[JobWork]
        while chunks := work.idle_chunks(job, 10):
            for chunk in chunks:
                work.take(chunk, f"t{chunk.number}")
        for at, ident in enumerate(self.of(job)):
            tickets = [f"t{chunk}" for chunk in range(20)]
            for ticket in tickets:
                if at < failed:
                    work.bury(job, ident, ticket, "the server is away")
                else:
                    work.settle(job, ident, ticket)
        jobs.finish(job)

    def pay(self, job, usd):
        entry = Entry(
            request="rq-1",
            role="rater",
            prompt="rate_call@1",
            subject="call-0000",
            model="openai/stub-1",
            source="provider",
            usage=Usage(),
            usd=usd,
            seconds=1.0,
            attempts=1,
            at=self.now,
            failure="",
        )
        self.space.store[SqlLedger].within(job, "").record(entry)


@pytest.fixture
def site(tmp_path):
    made = Clocked(tmp_path)
    yield made
    made.space.store.close()


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 11, 29, 0, 59, tzinfo=UTC), "2026-11-28"),  # 1:59 in Berlin
        (datetime(2026, 11, 29, 1, 0, tzinfo=UTC), "2026-11-29"),
        (datetime(2026, 11, 29, 23, 30, tzinfo=UTC), "2026-11-29"),  # half past midnight there
    ],
)
def test_which_night_is_due(now, night):
    assert night_of(NewRule(name="n", hour=2, zone="Europe/Berlin"), now) == night


def test_on_arrival_each_call_comes_into_one_job_whatever_became_of_it(site):
    site.rule()
    (job,) = site.look()
    assert len(site.of(job)) == 6
    assert site.look() == []  # it is under way
    site.end(job, failed=2)
    assert site.look() == []  # nothing is rated, and still nothing is asked twice
    site.space.store[Calls].add(call("call-new", "Rae", ("Rae", "What does it cost you?"), ("Cus", "Nine.")))
    (second,) = site.look()
    assert site.of(second) == ["call-new"]
    assert site.state().ran.job == second
    log = site.space.store[AuditLog].page(action="job_started")
    assert [(line.subject, line.person) for line in log] == [(second, "rule:new"), (job, "rule:new")]


def test_what_failed_waits_on_start_until_somebody_scores_the_rest(site):
    site.rule()
    (job,) = site.look()
    site.end(job, failed=2)
    (left,) = left_over(site.space.store)
    assert (left.job.id, left.calls, left.reason) == (job, 2, "the server is away")
    assert site.space.store[Jobs].retry(job) == 2
    assert left_over(site.space.store) == []


def test_nightly_once_a_night_and_late_where_nobody_was_there(site):
    site.now = datetime.now(UTC)  # a rule that is added now has seen to the night that is over
    site.rule(when="nightly", hour=2)
    site.now = site.now.replace(hour=2) + timedelta(days=site.now.hour >= 2)
    assert site.look(hours=-1) == []
    (job,) = site.look(hours=2)
    site.end(job)
    site.space.store[Calls].add(call("call-new", "Rae", ("Rae", "What does it cost you?"), ("Cus", "Nine.")))
    assert site.look(hours=1) == []
    (late,) = site.look(days=3, hours=5)  # the program was off for nights
    assert site.of(late) == ["call-new"]


def test_a_share_is_the_same_calls_always_and_about_as_many(tmp_path):
    site = Clocked(tmp_path, calls=0)
    rule = site.rule(share=20)
    taken = {f"call-{n}" for n in range(2_000) if rule.takes(f"call-{n}")}
    assert taken == {f"call-{n}" for n in range(2_000) if site.state().takes(f"call-{n}")}
    assert 320 < len(taken) < 480
    site.space.store.close()


def test_only_these_reps_stages_and_days(tmp_path):
    site = Clocked(tmp_path, calls=0)
    for ident, rep, stage, day in [
        ("call-a", "Rae", "demo", date(2026, 11, 29)),
        ("call-b", "Sam", "demo", date(2026, 11, 29)),
        ("call-c", "Rae", "close", date(2026, 11, 29)),
        ("call-d", "Rae", "demo", date(2026, 11, 1)),
    ]:
        made = call(ident, rep, (rep, f"What does {ident} cost you?"), ("Cus", "Nine."))
        site.space.store[Calls].add(made.model_copy(update={"stage": stage, "date": day}))
    site.rule(reps=("Rae",), stages=("demo",), since=date(2026, 11, 20))
    site.space.store[Names].change("rep", "Rae", "Rae Lind", "Ola")
    (job,) = site.look()
    assert site.of(job) == ["call-a"]
    with pytest.raises(InputError, match="no call has the rep 'Nobody'"):
        site.rule(name="other", reps=("Nobody",))
    site.space.store.close()


def test_never_with_a_rubric_that_is_not_deployed(tmp_path):
    site = Clocked(tmp_path, deployed=False)
    site.rule()
    assert site.look() == []
    assert "no rubric is deployed" in site.state().ran.stopped
    assert site.look() == []
    assert len(site.space.store[AuditLog].page(action="rule_stopped")) == 1  # told once
    site.deploy()
    deployed = site.space.store[Rubrics].newest().id
    site.space.store[Rubrics].add(rubric(criterion(description="Another wording."), label="newer"))
    (job,) = site.look()
    assert site.space.store[Jobs].get(job).params["rubric"] == deployed
    assert site.state().ran.stopped == ""
    site.space.store.close()


def test_a_budget_is_the_jobs_and_when_it_is_used_up_the_next_day_goes_on(site):
    site.rule(usd_a_day=5.0, usd_a_month=7.0)
    (job,) = site.look()
    jobs = site.space.store[Jobs]
    assert jobs.get(job).params["budget_usd"] == 5.0
    site.pay(job, 4.0)
    jobs.pause(job, "the budget of $5.00 is used up")
    assert site.look() == []  # today somebody may resume it
    jobs_calls = site.of(job)
    at = datetime.now(UTC)
    site.now = at
    (second,) = site.look(days=1)
    assert jobs.get(job).state == "cancelled"
    assert site.of(second) == jobs_calls
    assert jobs.get(second).params["budget_usd"] == pytest.approx(3.0 if site.now.month == at.month else 5.0)


def test_used_up_before_anything_is_asked(site):
    site.rule(usd_a_day=5.0)
    (job,) = site.look()
    site.pay(job, 6.0)
    site.end(job)
    site.space.store[Calls].add(call("call-new", "Rae", ("Rae", "What does it cost you?"), ("Cus", "Nine.")))
    assert site.look() == []
    assert site.state().ran.stopped == "its budget of the day is used up"
    (second,) = site.look(days=1)
    assert site.of(second) == ["call-new"]


def test_a_person_who_cancels_is_not_overruled(site):
    site.rule()
    (job,) = site.look()
    site.space.store[Jobs].cancel(job, "Ola")
    assert site.look() == []


def test_what_breaks_off_is_begun_anew_and_nothing_is_taken_twice(site, monkeypatch):
    site.rule()

    def killed(*args, **what):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(rules_work, "start_scoring", killed)
        with pytest.raises(KeyboardInterrupt):
            site.look()
    assert carry_out(site.space, site.now) == []  # somebody took it up a moment ago
    with monkeypatch.context() as broken:
        broken.setattr(ScoringRules, "ran", killed)
        with pytest.raises(KeyboardInterrupt):
            site.look()
    (job,) = [job.id for job in site.space.store[Jobs].list()]
    site.end(job)
    assert site.look() == []
    assert len(site.space.store[Jobs].list()) == 1


def test_resting_resuming_and_taking_out(site):
    site.rule()
    with pytest.raises(Conflict, match="there is a rule 'new' already"):
        site.rule()
    assert not pause_rule(site.who, "new").on
    assert site.look() == []
    assert resume_rule(site.who, "new").on
    assert len(site.look()) == 1
    remove_rule(site.who, "new")
    assert site.space.store[ScoringRules].all() == []
    with pytest.raises(NotFound):
        pause_rule(site.who, "new")


async def test_workers_do_it_beside_their_work(site):
    site.rule()
    assert score_by_rules in chores("worker")
    await score_by_rules(site.space)
    assert [job.by for job in site.space.store[Jobs].list()] == ["rule:new"]
