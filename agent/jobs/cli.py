"""`closeread job` and `closeread worker`."""

import time
from contextlib import ExitStack
from typing import Annotated

import typer

from agent.app.cli.context import Concurrency, Json, console, me, print_json, run, say, table, workspace
from agent.app.cli.jobs import job_line, say_no_worker
from agent.app.cli.progress import phases
from agent.app.cli.watching import LogFormat, MetricsHost, MetricsPort, check_tracing, serve_metrics
from agent.app.queue.store import Jobs
from agent.app.queue.views import JobDetailView, JobView
from agent.app.queue.worker import Worker  # with dbos
from agent.app.view import Page
from agent.core.observing import logs, traces
from agent.db.ledger import SqlLedger
from agent.jobs import verbs
from agent.speech.probing import cannot_hear

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
    jobs = [JobView.of(store, job) for job in store[Jobs].list([state] if state else [], limit=limit)]
    if json:
        return print_json(Page(items=jobs))
    right = ["done", "failed", "of"]
    rows = [
        [
            *(job.id, job.kind, job.state, job.progress.done, job.progress.failed, job.progress.total),
            *(job.priority, job.by, f"{job.at:%Y-%m-%d %H:%M}", job.reason),
        ]
        for job in jobs
    ]
    table("", ["id", "kind", "state", *right, "priority", "by", "at", "reason"], rows, right=right)
    say_no_worker(store)


@app.command()
def show(ctx: typer.Context, job: JobArgument, json: Json = False) -> None:
    """One job: what it does, how far it is, the calls it gave up on and why, what it has cost."""
    store = workspace(ctx).store
    job_detail = JobDetailView.of(store, store[Jobs].get(job))
    if json:
        return print_json(job_detail)
    typer.echo(f"{job_line(job_detail)}, ${job_detail.spent_usd:.2f}")
    console().print(f"by {job_detail.by} at {job_detail.at:%Y-%m-%d %H:%M} UTC, priority {job_detail.priority}")
    console().print(
        ", ".join(f"{name} {value}" for name, value in job_detail.params.items() if value not in (None, "", False))
    )
    if job_detail.dead_letters:
        table("", ["call", "attempts", "reason"], [[d.call, d.attempts, d.reason] for d in job_detail.dead_letters])
        if job_detail.progress.failed > len(job_detail.dead_letters):
            say(f"the newest {len(job_detail.dead_letters)} of {job_detail.progress.failed}")
        say(f"to try these again: closeread job retry {job}")
    if job_detail.state == "paused":
        say(f"to go on: closeread job resume {job}")
    if job_detail.live:
        say_no_worker(store)


@app.command()
def watch(ctx: typer.Context, job: JobArgument) -> None:
    """Follow a job until it ends or is paused. Leaving (Ctrl-C) does not stop it."""
    store = workspace(ctx).store
    watched = store[Jobs].get(job)
    say_no_worker(store)
    with phases(lambda: store[SqlLedger].spent_usd(job=job)) as phase:
        steps, shown = {}, {}
        while True:
            progress = store[Jobs].progress(job)
            name = progress.phase or watched.kind
            if name not in steps:
                steps[name], shown[name] = phase(name, progress.total), 0
            for _ in range(progress.done + progress.failed - shown[name]):
                steps[name]()
            shown[name] = progress.done + progress.failed
            watched = store[Jobs].get(job)
            if not watched.live:
                break
            time.sleep(1.0)
    typer.echo(job_line(JobView.of(store, watched)))


@app.command()
def cancel(ctx: typer.Context, job: JobArgument) -> None:
    """Stop a job. What is done is kept; requests in flight are finished and kept too."""
    who = me(ctx)
    typer.echo(job_line(JobView.of(who.space.store, verbs.cancel_job(who, job))))


@app.command()
def resume(ctx: typer.Context, job: JobArgument) -> None:
    """Go on with a job that was paused, cancelled or failed."""
    who = me(ctx)
    typer.echo(job_line(JobView.of(who.space.store, verbs.resume_job(who, job))))
    say_no_worker(who.space.store)


@app.command()
def retry(ctx: typer.Context, job: JobArgument) -> None:
    """Try the calls once more that a job gave up on."""
    who = me(ctx)
    count = verbs.retry_job(who, job)
    console().print(f"{count} calls of {job} wait again" if count else f"{job} has given up on no call")
    if count:
        say_no_worker(who.space.store)


def worker(
    ctx: typer.Context,
    concurrency: Concurrency = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when no job is left.")] = False,
    drain: Annotated[
        float, typer.Option(min=0.0, help="Seconds to finish requests in flight when told to stop.")
    ] = 60.0,
    log_format: LogFormat = "text",
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
) -> None:
    """Work on background jobs until told to stop (Ctrl-C, SIGTERM). Start as many as wanted, on PostgreSQL on as many
    machines as wanted.
    """
    logs.set_up(log_format)
    check_tracing()
    space = workspace(ctx)
    if missing := cannot_hear(space):
        say(missing)
    with ExitStack() as closing:
        closing.callback(space.store.close)
        if traces.wanted():
            closing.callback(traces.start())
        if metrics_port is not None:
            closing.callback(serve_metrics(metrics_port, metrics_host, space.store[Jobs].waiting_and_settled))
        working = Worker(space, concurrency or space.concurrency, drain)
        run(lambda: working.run(until_idle))
