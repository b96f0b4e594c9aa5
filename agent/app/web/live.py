"""Sends a job's progress to the browser as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sse_starlette import ServerSentEvent

T = TypeVar("T", bound=BaseModel)

LOOK_SECONDS = 1.0
# A stream ends after this long and the browser reconnects: then the sign-in and the rights are checked again.
LONGEST_SECONDS = 300.0


async def changes(
    look: Callable[[], T], ended: Callable[[T], bool], allowed: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Sends an event `progress` whenever `look` returns something new, and `end` when it has `ended`. Stops once the
    person is no longer `allowed` (signed out, or account closed). `look` and `allowed` read the store and run in a
    thread."""
    before: T | None = None
    for _ in range(int(LONGEST_SECONDS / LOOK_SECONDS)):
        if not await run_in_threadpool(allowed):
            return
        now = await run_in_threadpool(look)
        if now != before:
            yield ServerSentEvent(now.model_dump_json(), event="progress")
            before = now
        if ended(now):
            yield ServerSentEvent(now.model_dump_json(), event="end")
            return
        await asyncio.sleep(LOOK_SECONDS)
