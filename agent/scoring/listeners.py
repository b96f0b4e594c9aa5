"""Lets every worker carry out scoring rules; each rule is handled by one worker at a time."""

import asyncio
import time
from datetime import UTC, datetime

from agent.app.chores import chore
from agent.scoring.earlier_schedules import take_over_all
from agent.scoring.rules_work import carry_out
from agent.workspace import Workspace

_LOOK_EVERY = 5.0  # seconds; each rule is looked at more seldom
_looked: dict[str, float] = {}


@chore("worker")
async def score_by_rules(space: Workspace) -> None:
    """Start the jobs that rules ask for."""
    key, now = space.settings.database_url, time.monotonic()
    if key not in _looked:
        await asyncio.to_thread(take_over_all, space)
    if now >= _looked.get(key, 0.0):
        _looked[key] = now + _LOOK_EVERY
        await asyncio.to_thread(carry_out, space, datetime.now(UTC))
