"""Time that passes by sleeping only."""

from __future__ import annotations

import asyncio


class Time:
    """A clock and a sleep that belong together; `waits` are what was slept, in order."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self) -> float:
        return self.now

    @property
    def slept(self) -> list[float]:
        """The waits that are waits."""
        return [wait for wait in self.waits if wait > 0]
