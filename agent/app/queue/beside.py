"""A worker beside another program: a process of its own, so that neither waits for the other, which ends with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

# Seconds for requests in flight when the program ends; what is not answered then is asked again later.
DRAIN_SECONDS = 20.0


@contextmanager
def worker_beside(workspace: Path, log_format: Literal["text", "json"] = "text") -> Iterator[None]:
    """While inside, a worker works on the jobs of `workspace`; it also ends when this process is killed.

    A new interpreter and no fork: this process may have threads and connections that a copy could not use.
    """
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(workspace.absolute(), theirs, log_format), name="closeread-worker")
    process.start()
    theirs.close()
    try:
        yield
    finally:
        ours.close()  # the worker sees the end of the pipe, as it does if this process dies
        process.join(DRAIN_SECONDS + 10)
        if process.is_alive():
            process.terminate()
            process.join(5)


def _work(workspace: Path, parent: Connection, log_format: Literal["text", "json"]) -> None:
    import asyncio

    from agent.app.queue.worker import Worker
    from agent.core.observing import logs
    from agent.settings import Settings
    from agent.workspace import Workspace

    logs.set_up(log_format)
    space = Workspace(Settings.read(workspace))
    working = Worker(space, space.concurrency, DRAIN_SECONDS)

    async def until_the_parent_ends() -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.remove_reader(parent.fileno())
            working.stop()

        loop.add_reader(parent.fileno(), stop)
        await working.run()

    try:
        asyncio.run(until_the_parent_ends())
    finally:
        space.store.close()
