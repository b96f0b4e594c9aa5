"""Asking a model: many at a time, and with one second chance where code finds fault with a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from agent.core.errors import CloseReadError, ModelError
from agent.llm.model import Reply, Request
from agent.llm.roles import Role

T = TypeVar("T", bound=BaseModel)
J = TypeVar("J")
R = TypeVar("R")


async def ask_checked(
    role: Role, request: Request[T], faults: Callable[[T], Sequence[str]]
) -> tuple[Reply[T], Reply[T] | None]:
    """The reply and, where `faults` found any in it, the reply to one re-ask that names them."""
    first = await role.ask(request)
    found = faults(first.value)
    if not found:
        return first, None
    listed = "\n".join(f"- {fault}" for fault in found)
    correction = (
        f"Some of this cannot be used:\n{listed}\n\n"
        "Give the complete reply once more with these points put right. Quotes are copied letter by letter from a "
        "single turn of the right speaker. If no passage shows a behavior, then it is not shown: say so."
    )
    return first, await role.ask(first.asked.follow_up(first.text, correction))


async def each(
    jobs: Iterable[J],
    work: Callable[[J], Awaitable[R]],
    concurrency: int,
    done: Callable[[J, R | ModelError], None],
) -> None:
    """`work` on every job, at most `concurrency` at a time; `done` is called with each result as it comes.

    A `ModelError` is a result: one failed job does not stop the others. Any other error ends the run, and so does a
    cancellation; what `done` was told before stays done. Jobs are drawn as places come free, so a million of them
    take no more memory than those in flight.
    """
    remaining = iter(jobs)

    async def worker() -> None:
        for job in remaining:
            result: R | ModelError
            try:
                result = await work(job)
            except ModelError as error:
                result = error
            done(job, result)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, concurrency)):
                group.create_task(worker())
    except* CloseReadError as stopped:
        raise stopped.exceptions[0] from None


async def all_or_first_error(
    jobs: Sequence[J], work: Callable[[J], Awaitable[R]], concurrency: int, step: Callable[[], None]
) -> list[R]:
    """Results in the order of `jobs`, for work of which no part may be missing; `step` is called after each.

    All jobs are tried, so that a second run finds their replies in the cache; then the first error is raised.
    """
    results: dict[int, R | ModelError] = {}

    def done(job: tuple[int, J], result: R | ModelError) -> None:
        results[job[0]] = result
        step()

    await each(enumerate(jobs), lambda job: work(job[1]), concurrency, done)
    ordered = [results[i] for i in range(len(jobs))]
    errors = [r for r in ordered if isinstance(r, ModelError)]
    if errors:
        raise errors[0]
    return [r for r in ordered if not isinstance(r, ModelError)]
