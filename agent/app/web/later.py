"""Runs work that a request starts and does not wait for: in one background thread, each piece of work once at a time.

Results are kept in the store; this module only knows what is running and how it ended. When the server stops, work not
yet begun is dropped: the next look starts it again.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import cast

from fastapi import Request

from agent.core.errors import CloseReadError

logger = logging.getLogger("closeread")

_KEPT = 200  # endings that are remembered
OURS = "it could not be worked out, which is our mistake; the server's log says why"


class Later:
    """The pieces of background work, by key."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="later")
        self._lock = Lock()
        self._work: dict[str, Future[None]] = {}

    def start(self, key: str, work: Callable[[], None]) -> None:
        """Run `work` soon, unless work with the same key is waiting or running, or has failed by a fault of the
        program."""
        with self._lock:
            before = self._work.get(key)
            if before is not None and (not before.done() or _broke(before)):
                return
            self._work.pop(key, None)
            self._work[key] = made = self._thread.submit(work)
            for old in [name for name, one in self._work.items() if one.done()][:-_KEPT]:
                del self._work[old]
        made.add_done_callback(_log)

    def busy(self, key: str) -> bool:
        future = self._work.get(key)
        return future is not None and not future.done()

    def problem(self, key: str) -> str:
        """Why the work failed, as a sentence; empty if it did not."""
        future = self._work.get(key)
        if future is None or not future.done() or future.cancelled() or (error := future.exception()) is None:
            return ""
        return str(error) if isinstance(error, CloseReadError) else OURS

    def wait(self, seconds: float) -> None:
        """Wait until all started work has ended, for callers that must not leave work behind."""
        for one in list(self._work.values()):
            one.exception(timeout=seconds)


def of(request: Request) -> Later:
    """The background work of the application that received this request."""
    state = request.app.state
    if not hasattr(state, "later"):
        state.later = Later()
    return cast(Later, state.later)


def _broke(one: Future[None]) -> bool:
    if not one.done() or one.cancelled():
        return False
    error = one.exception()
    return error is not None and not isinstance(error, CloseReadError)


def _log(one: Future[None]) -> None:
    if _broke(one):
        logger.error("work beside the server failed", exc_info=one.exception())
