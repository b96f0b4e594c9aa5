"""Starts a worker in a process of its own beside another program. Neither waits for the other, and the worker ends
with the program."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from agent.app.queue.worker import Worker
from agent.core.observing import logs
from agent.settings import Settings
from agent.workspace import Workspace

# Seconds that requests in flight get when the program ends; those still unanswered are sent again later.
DRAIN_SECONDS = 20.0


@contextmanager
def worker_beside(workspace: Path, log_format: Literal["text", "json"] = "text") -> Iterator[None]:
    """Run a worker for the jobs of `workspace` during the `with` block. It also ends if this process is killed.

    It is a new interpreter, not a fork: this process may have threads and connections that a copy could not use.
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
