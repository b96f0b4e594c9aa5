"""`closeread job`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.app.cli.context import Json, console, print_json, say, table, workspace
from agent.app.queue.store import Jobs
from agent.db.ledger import SqlLedger

if TYPE_CHECKING:
    from agent.app.queue.model import Job, Progress
    from agent.db.store import Store
    from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Background jobs: what runs, what failed, and by the clock.")

JobArgument = Annotated[str, typer.Argument(help="Id of the job.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="Only this state: queued, running, paused, done, failed, cancelled.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    json: Json = False,
) -> None:
    """Background jobs, newest first."""
    store = workspace(ctx).store
    found = [(job, store[Jobs].progress(job.id)) for job in store[Jobs].list([state] if state else [], limit=limit)]
    if json:
        print_json([job_data(job, progress) for job, progress in found])
        return
    right = ["done", "failed", "of"]
    rows = [
        [j.id, j.kind, j.state, p.done, p.failed, p.total, j.priority, j.by, f"{j.at:%Y-%m-%d %H:%M}", j.reason]
        for j, p in found
    ]
    table("", ["id", "kind", "state", *right, "priority", "by", "at", "reason"], rows, right=right)
    say_no_worker(store)


@app.command()
def show(ctx: typer.Context, job: JobArgument, json: Json = False) -> None:
    """One job: what it does, how far it is, its dead letters with reasons, what it has cost."""
    store = workspace(ctx).store
    found, progress = store[Jobs].get(job), store[Jobs].progress(job)
    letters, spent = store[Jobs].dead_letters(job), store[SqlLedger].spent_usd(job=job)
    if json:
        failed = [letter.model_dump(mode="json") for letter in letters]
        print_json({**job_data(found, progress), "spent_usd": spent, "dead_letters": failed})
        return
    console().print(f"{line(found, progress)}, ${spent:.2f}")
    console().print(f"by {found.by} at {found.at:%Y-%m-%d %H:%M} UTC, priority {found.priority}")
    console().print(
        ", ".join(f"{name} {value}" for name, value in found.params.items() if value not in (None, "", False))
    )
    if letters:
        table("", ["call", "attempts", "reason"], [[d.call, d.attempts, d.reason] for d in letters])
        say(f"to try these again: closeread job retry {job}")
    if found.state == "paused":
        say(f"to go on: closeread job resume {job}")
    if found.live:
        say_no_worker(store)


@app.command()
def watch(ctx: typer.Context, job: JobArgument) -> None:
    """Follow a job until it ends or is paused. Leaving (Ctrl-C) does not stop it."""
    import time

    from agent.app.cli.progress import phases

    store = workspace(ctx).store
    found = store[Jobs].get(job)
    say_no_worker(store)
    with phases(lambda: store[SqlLedger].spent_usd(job=job)) as phase:
        steps, shown = {}, {}
        while True:
            progress = store[Jobs].progress(job)
            name = progress.phase or found.kind
            if name not in steps:
                steps[name], shown[name] = phase(name, progress.total), 0
            for _ in range(progress.done + progress.failed - shown[name]):
                steps[name]()
            shown[name] = progress.done + progress.failed
            found = store[Jobs].get(job)
            if not found.live:
                break
            time.sleep(1.0)
    console().print(line(found, store[Jobs].progress(job)))


@app.command()
def cancel(ctx: typer.Context, job: JobArgument) -> None:
    """Stop a job. What is done is kept; requests in flight are finished and kept too."""
    store = workspace(ctx).store
    found = store[Jobs].cancel(job, "the command line")
    console().print(line(found, store[Jobs].progress(job)))


@app.command()
def resume(ctx: typer.Context, job: JobArgument) -> None:
    """Go on with a job that was paused, cancelled or failed."""
    store = workspace(ctx).store
    found = store[Jobs].resume(job)
    console().print(line(found, store[Jobs].progress(job)))
    say_no_worker(store)


@app.command()
def retry(ctx: typer.Context, job: JobArgument) -> None:
    """Try a job's dead letters once more."""
    store = workspace(ctx).store
    count = store[Jobs].retry(job)
    console().print(f"{count} calls of {job} wait again" if count else f"{job} has no dead letters")
    if count:
        say_no_worker(store)


@app.command()
def schedule(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the schedule.")] = "nightly",
    cron: Annotated[str, typer.Option(help="When, as a crontab: minute hour day month weekday.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone of the crontab, as Europe/Berlin.")] = "UTC",
    rubric: Annotated[str, typer.Option(help="Id or label of the rubric; default: the newest at that time.")] = "",
    prompt: Annotated[str, typer.Option(help="Prompt, as name or name@version.")] = "rate_call",
    priority: Annotated[int, typer.Option(min=1, max=1000, help="Smaller goes first.")] = 500,
    budget: Annotated[float | None, typer.Option(min=0.0, help="Stop each run before this many US dollars.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the schedule out.")] = False,
    json: Json = False,
) -> None:
    """Score the calls that have no ratings yet by the clock: --cron "0 2 * * *". Without --cron: what is scheduled."""
    from agent.app.queue.engine import Schedule, Schedules

    space = workspace(ctx)
    store, schedules = space.store, Schedules(space.settings.database_url)
    if remove:
        schedules.remove(name)
        say(f"{name} is taken out")
    elif cron:
        given: dict[str, Any] = {"rubric": rubric, "prompt": prompt, "priority": priority, "budget_usd": budget}
        schedules.set(Schedule(name, cron, zone, {"by": f"schedule {name}", **given}))
        say_no_worker(store)
    found = schedules.list()
    if json:
        print_json([{"name": s.name, "cron": s.cron, "zone": s.zone, **s.context} for s in found])
    else:
        rows = [
            [s.name, s.cron, s.zone, s.context.get("rubric") or "newest", s.context.get("prompt", "")] for s in found
        ]
        table("", ["name", "cron", "zone", "rubric", "prompt"], rows)


def start_in_background(space: Workspace, json: bool, **what: Any) -> None:
    """For `score run --background`: make the job and say how to follow it. `what` as `start_scoring` takes it."""
    from agent.jobs.starting import start_scoring

    job = start_scoring(space, by="the command line", **what)
    if job is None:
        say("every call is scored, or waits in another job: nothing to do")
        return
    if json:
        print_json(job_data(job, space.store[Jobs].progress(job.id)))
    else:
        console().print(f"{job.id}: {job.calls} calls wait")
        say(f"to follow it: closeread job watch {job.id}")
    say_no_worker(space.store)


def job_data(job: Job, progress: Progress) -> dict[str, Any]:
    """For --json."""
    return {**job.model_dump(mode="json"), "progress": progress.model_dump(mode="json")}


def line(job: Job, progress: Progress) -> str:
    """A job in one line."""
    phase = f" ({progress.phase})" if progress.phase else ""
    reason = f": {job.reason}" if job.reason else ""
    total = f" of {progress.total}" if progress.total else ""
    return f"{job.id} {job.kind} is {job.state}{reason}{phase}; {progress.done} done, {progress.failed} failed{total}"


def say_no_worker(store: Store) -> None:
    """Say how to start a worker where none is running."""
    from agent.app.queue.liveness import count_workers

    if not count_workers(store.engine):
        say("no worker is running; start one: closeread worker")
