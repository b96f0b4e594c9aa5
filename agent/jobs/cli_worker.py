"""`closeread worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.cli.context import Concurrency, run, workspace
from agent.app.cli.watching import LogFormat, MetricsHost, MetricsPort, check_tracing, serve_metrics
from agent.app.queue.store import Jobs


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
    from contextlib import ExitStack

    from agent.app.queue.worker import Worker
    from agent.core.observing import logs, traces

    logs.set_up(log_format)
    check_tracing()
    space = workspace(ctx)
    with ExitStack() as closing:
        closing.callback(space.store.close)
        if traces.wanted():
            closing.callback(traces.start())
        if metrics_port is not None:
            closing.callback(serve_metrics(metrics_port, metrics_host, space.store[Jobs].waiting_and_settled))
        working = Worker(space, concurrency or space.concurrency, drain)
        run(lambda: working.run(until_idle))
