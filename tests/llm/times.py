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


class Held(Time):
    """Time in which every wait lasts until `go_on` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if seconds > 0:
            await self.go_on.wait()
        self.now = max(self.now, 1000.0 + seconds)

    async def until(self, waiting: int) -> None:
        """Until so many wait."""
        while len(self.slept) < waiting:
            await asyncio.sleep(0.01)
