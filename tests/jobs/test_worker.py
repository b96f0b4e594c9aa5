"""A worker with its real queue on SQLite, in this process; only the model is a fake."""

import asyncio
from types import SimpleNamespace

import pytest

from agent.app.queue import engine
from agent.app.queue.engine import queue_url
from agent.app.queue.job_work import JobWork
from agent.app.queue.kinds import KINDS, Whole
from agent.app.queue.model import Progress
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.app.queue.worker import Worker
from agent.core.errors import BudgetExceeded, DiskFull, InputError
from agent.db.audit import AuditLog
from agent.scoring.job import queue_scoring
from agent.scoring.rules import ScoringRules
from tests.jobs.made import REPLY, fake_space

RULES = "poll_seconds: 0.05\nfirst_wait_seconds: 0\n"


async def work(space, seconds=30):
    await asyncio.wait_for(Worker(space, 4).run(until_idle=True), seconds)


@pytest.fixture
def whole():
    """A kind of job that does what a test says."""
    named = {}

    def kind(work):
        KINDS["told"] = Whole(work)
        named["told"] = True
        return "told"

    yield kind
    for name in named:
        del KINDS[name]


async def test_jobs_are_done_the_most_urgent_first_and_told_to_webhooks(tmp_path):
    space = fake_space(tmp_path, 20, rules=RULES)
    _webhook(space, "job.finished,call.scored")
    _webhook(space, "job.paused")
    last = queue_scoring(space, by="Ann", draw=1, priority=900)
    first = queue_scoring(space, by="Ann", priority=1)
    await work(space)
    jobs = space.store[Jobs]
    assert [jobs.get(job.id).state for job in (first, last)] == ["done", "done"]
    assert jobs.get(first.id).started <= jobs.get(last.id).started
    assert jobs.progress(first.id) == jobs.progress(last.id) == Progress(total=20, done=20)
    assert len(space.asked) == 40
    told = _deliveries(space)
    assert sorted(told.count(event) for event in ("job.finished", "call.scored")) == [2, 40]
    assert len(told) == 42
    space.store.close()


@pytest.mark.slow
async def test_a_lost_queue_is_filled_again_from_the_tables(tmp_path):
    space = fake_space(tmp_path, 12, rules=RULES)
    job = queue_scoring(space, by="Ann")
    for chunk in space.store[JobWork].idle_chunks(job.id, 2):
        space.store[JobWork].take(chunk, f"{job.id}:{chunk.number}:lost")
    await work(space)
    assert space.store[Jobs].progress(job.id) == Progress(total=12, done=12)
    assert len(space.asked) == 12
    space.store.close()


@pytest.mark.parametrize("said", ["(sqlite3.OperationalError) database or disk is full", "a fault"])
async def test_a_piece_whose_end_the_queue_had_no_room_to_note_is_handed_out_again(tmp_path, said):
    space = fake_space(tmp_path, 12, rules=RULES)
    jobs, job_work, job = space.store[Jobs], space.store[JobWork], queue_scoring(space, by="Ann")
    chunk = job_work.idle_chunks(job.id, 1)[0]
    job_work.take(chunk, f"{job.id}:{chunk.number}:x")

    class Forgetful:
        async def states(self, tickets):
            return dict.fromkeys(tickets, engine.State(undone=False, error=said))

    worker = Worker(space, 4)
    worker._queue = Forgetful()
    await worker._mend(jobs.get(job.id))
    full = said != "a fault"
    assert (jobs.get(job.id).state, chunk in job_work.idle_chunks(job.id, 9)) == (
        ("queued", True) if full else ("failed", False)
    )
    space.store.close()


async def test_without_room_for_the_queue_a_worker_ends_and_says_so(tmp_path, monkeypatch):
    space = fake_space(tmp_path, 4, rules=RULES)
    job = queue_scoring(space, by="Ann")
    monkeypatch.setattr("agent.app.queue.worker.shutil.disk_usage", lambda _: SimpleNamespace(total=10**9, free=4096))
    with pytest.raises(DiskFull, match="no room left on the disk"):
        await work(space)
    monkeypatch.undo()
    await work(space)
    assert space.store[Jobs].get(job.id).state == "done"
    space.store.close()


@pytest.mark.slow
async def test_a_job_done_in_one_go_tells_its_progress_and_its_end(tmp_path, whole):
    seen = []

    async def count(space, job, tell):
        for done in range(3):
            tell(Progress(total=3, done=done, phase="counting"))
            seen.append(space.store[Jobs].progress(job.id).done)
            await asyncio.sleep(0)

    space = fake_space(tmp_path, 1, rules=RULES)
    job = start(space, whole(count), {"n": 3}, by="Ann")
    await work(space)
    assert seen == [0, 1, 2]
    assert space.store[Jobs].get(job.id).state == "done"
    space.store.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "state"),
    [(InputError("no interview about a won deal"), "failed"), (BudgetExceeded("the limit of $1.00"), "paused")],
)
async def test_an_error_ends_a_job_and_resuming_tries_again(tmp_path, whole, error, state):
    left = [error]

    async def fail_once(space, job, tell):
        if left:
            raise left.pop()

    space = fake_space(tmp_path, 1, rules=RULES)
    job = start(space, whole(fail_once), {}, by="Ann")
    await work(space)
    stopped = space.store[Jobs].get(job.id)
    assert (stopped.state, stopped.reason) == (state, str(error))
    space.store[Jobs].resume(job.id)
    await work(space)
    assert space.store[Jobs].get(job.id).state == "done"
    space.store.close()


@pytest.mark.slow
async def test_cancelling_stops_a_job_that_is_done_in_one_go(tmp_path, whole):
    ended = []

    async def forever(space, job, tell):
        try:
            space.store[Jobs].cancel(job.id, "Ann")
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(job.id)
            raise

    space = fake_space(tmp_path, 1, rules=RULES)
    job = start(space, whole(forever), {}, by="Ann")
    await work(space)
    assert ended == [job.id]
    assert space.store[Jobs].get(job.id).state == "cancelled"
    space.store.close()


@pytest.mark.parametrize(
    ("context", "on"),
    [
        ({"prompt": "rate_call", "rubric": "", "budget_usd": 5.0}, True),
        ({"prompt": "rate_call", "rubric": "v1"}, False),
    ],
)
@pytest.mark.slow
async def test_what_an_earlier_version_did_by_the_clock_is_a_rule_now(tmp_path, context, on):
    """`job schedule` wrote dbos's own schedules."""
    space = fake_space(tmp_path, 5, rules=RULES)
    url, earlier = space.settings.database_url, {"by": "schedule nights", "priority": 500, **context}
    with engine._Client(queue_url(url)) as client:
        client.apply_schedules(
            [
                {
                    "schedule_name": "nights",
                    "workflow_name": "closeread.scheduled",
                    "schedule": "0 3 * * 1-5",
                    "cron_timezone": "Europe/Berlin",
                    "context": earlier,
                    "automatic_backfill": True,
                }
            ]
        )
    worker = Worker(space, 4)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(25):
        while engine.earlier_schedules(url):
            await asyncio.sleep(0.1)
    worker.stop()
    await running
    (rule,) = space.store[ScoringRules].all()
    assert (rule.name, rule.on, rule.hour, rule.zone, rule.since) == ("nights", on, 3, "Europe/Berlin", None)
    assert rule.usd_a_day == context.get("budget_usd")
    assert [line.action for line in space.store[AuditLog].page()][-1] == "rule_added"
    space.store.close()


def test_the_queue_stands_beside_the_workspace_or_in_its_postgresql():
    assert str(queue_url("sqlite:////a/closeread.db")) == "sqlite:////a/closeread-jobs.db"
    assert queue_url("postgresql://u:p@h/db").render_as_string(False) == "postgresql+psycopg://u:p@h/db"


def _webhook(space, events):
    from sqlalchemy import insert

    from agent.db.schema_server import webhooks

    row = {"id": f"wh-{events[:8]}", "url": "http://127.0.0.1", "secret": "", "events": events, "by": "", "at": ""}
    with space.store.engine.begin() as connection:
        connection.execute(insert(webhooks).values(**row, disabled=""))


def _deliveries(space):
    from sqlalchemy import select

    from agent.db.schema_server import deliveries

    with space.store.engine.connect() as connection:
        return list(connection.execute(select(deliveries.c.event)).scalars())


@pytest.mark.slow
def test_an_extraction_without_interviews_is_refused_before_a_job_is_made(tmp_path):
    from agent.jobs.verbs import queue_extraction

    space = fake_space(tmp_path, 1, lambda request: REPLY, RULES)
    with pytest.raises(InputError, match="no interviews yet"):
        queue_extraction(space, by="Ann")
    assert space.store[Jobs].list() == []
    space.store.close()
