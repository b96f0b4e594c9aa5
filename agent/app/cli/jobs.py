"""Prints jobs at the terminal."""

from agent.app.cli.context import console, print_json, say
from agent.app.queue.liveness import count_workers
from agent.app.queue.model import Job
from agent.app.queue.views import JobView
from agent.db.store import Store


def job_line(job: JobView) -> str:
    """A job's state and progress in one line."""
    phase = f" ({job.progress.phase})" if job.progress.phase else ""
    reason = f": {job.reason}" if job.reason else ""
    total = f" of {job.progress.total}" if job.progress.total else ""
    counts = f"{job.progress.done} done, {job.progress.failed} failed{total}"
    return f"{job.id} {job.kind} is {job.state}{reason}{phase}; {counts}"


def say_started(store: Store, job: Job | None, json: bool) -> None:
    """Tell which job was started in the background, and how to follow it."""
    if job is None:
        say("every call is scored, or waits in another job: nothing to do")
        return
    if json:
        print_json(JobView.of(store, job))
    else:
        console().print(f"{job.id}: {job.calls} calls wait")
        say(f"to follow it: closeread job watch {job.id}")
    say_no_worker(store)


def say_no_worker(store: Store) -> None:
    """Tell how to start a worker, if none is running."""
    if not count_workers(store.engine):
        say("no worker is running; start one: closeread worker")
