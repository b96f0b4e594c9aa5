"""The server's regular work beside answering requests: the slices' chores, such as sending to webhooks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from agent.app.chores import chores
from agent.core.errors import CloseReadError
from agent.db.planner import tell_planner
from agent.workspace import Workspace

log = logging.getLogger("closeread")

EVERY_SECONDS = 2.0
_A_MINUTE = 30  # rounds of the work beside the server


def beside(space: Workspace) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The application's lifespan, which runs the chores while the server runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_do_chores(space))
        task.add_done_callback(_say_why)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    return lifespan


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("webhooks and the review queue stand still until the server is started again", exc_info=error)


async def _do_chores(space: Workspace) -> None:
    for number in count(1):
        try:
            for chore in chores("server"):
                await chore(space)
            if number % _A_MINUTE == 0:
                await asyncio.to_thread(tell_planner, space.store.engine)
        except* (DBAPIError, CloseReadError) as group:
            log.warning("webhooks and the review queue wait: %s", group.exceptions[0])
        await asyncio.sleep(EVERY_SECONDS)
