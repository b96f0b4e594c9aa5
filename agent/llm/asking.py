"""Asks a model: many requests at a time, and once more if our code finds faults in a reply."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from agent.core.errors import CloseReadError, InputTooLong, ModelError, ModelRefused, RecordingMissing
from agent.core.language import ENGLISH, speaking
from agent.llm.model import Reply, Request
from agent.llm.roles import Role

T = TypeVar("T", bound=BaseModel)
J = TypeVar("J")
R = TypeVar("R")

STOP_AFTER = 5


AGAIN = (
    "Give the complete reply once more with these points put right. Quotes are copied letter by letter from a "
    "single turn of the right speaker. If no passage shows a behavior, then it is not shown: say so."
)


async def ask_checked(
    role: Role, request: Request[T], faults: Callable[[T], Sequence[str]], again: str = AGAIN, *, tolerant: bool = False
) -> tuple[Reply[T], Reply[T] | None]:
    """The reply, and if `faults` found any in it, the reply to one re-ask that lists them and ends with `again`.

    Cached replies that still have faults are not used: both requests are sent anew. Not if the caller is `tolerant`,
    that is, leaves out what is faulty and takes the rest: then resuming stopped work pays for nothing twice.
    """
    first, second = await _asked_twice(role, request, faults, again)
    if second is not None and second.source == "cache" and not tolerant and faults(second.value):
        return await _asked_twice(role, replace(request, fresh=True), faults, again)
    return first, second


async def _asked_twice(
    role: Role, request: Request[T], faults: Callable[[T], Sequence[str]], again: str
) -> tuple[Reply[T], Reply[T] | None]:
    first = await role.ask(request)
    with speaking(ENGLISH):
        wrong = faults(first.value)
    if not wrong:
        return first, None
    listed = "\n".join(f"- {fault}" for fault in wrong)
    correction = f"Some of this cannot be used:\n{listed}\n\n{again}"
    return first, await role.ask(first.asked.follow_up(first.text, correction))


async def each(
    jobs: Iterable[J], work: Callable[[J], Awaitable[R]], concurrency: int, done: Callable[[J, R | ModelError], None]
) -> None:
    """Run `work` on every job, at most `concurrency` at a time; `done` is called with each result as it arrives.

    A `ModelError` is a result: one failed job does not stop the others. Any other `CloseReadError` (the budget is used
    up, the disk is full) ends the run: nothing new is started, requests in flight are waited for because they are paid
    for, and then the error is raised. A cancellation ends the run at once; results that `done` has received stay. Jobs
    are drawn as places become free, so a million jobs need no more memory than those in flight.

    `STOP_AFTER` errors of one kind in a row also end the run, and the last one is raised: the next thousand would end
    the same way and cost money.
    """
    remaining = iter(jobs)
    streak = _Streak()
    stopped: list[CloseReadError] = []

    async def work_off(job: J) -> None:
        result: R | ModelError
        try:
            result = await work(job)
        except ModelError as error:
            result = error
        done(job, result)
        streak.add(result)

    async def worker() -> None:
        for job in remaining:
            try:
                await work_off(job)  # releases the result while the next job waits
            except CloseReadError as error:
                stopped.append(error)
            if stopped or streak.ends_the_run:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, concurrency)):
            group.create_task(worker())
    if stopped:
        raise stopped[0]
    if streak.ends_the_run:
        raise streak.error()


class _Streak:
    """Counts errors of the same kind in a row. Errors caused by one text, not by the model, do not count."""

    def __init__(self) -> None:
        self._alike: list[ModelError] = []

    def add(self, result: object) -> None:
        if self.ends_the_run or isinstance(result, InputTooLong | ModelRefused | RecordingMissing):
            return
        if not isinstance(result, ModelError) or (self._alike and type(self._alike[-1]) is not type(result)):
            self._alike.clear()
        if isinstance(result, ModelError):
            self._alike.append(result)

    @property
    def ends_the_run(self) -> bool:
        return len(self._alike) >= STOP_AFTER

    def error(self) -> ModelError:
        last = self._alike[-1]
        said = f"stopped after {STOP_AFTER} failures alike in a row; what is done is kept; the last: {last}"
        return type(last)(said, advice=last.advice)


async def all_or_first_error(
    jobs: Sequence[J], work: Callable[[J], Awaitable[R]], concurrency: int, step: Callable[[], None]
) -> list[R]:
    """Results in the order of `jobs`, for work of which no part may be missing; `step` is called after each job.

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
