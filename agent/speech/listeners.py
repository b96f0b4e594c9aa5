"""Deletes sound that is older than `privacy.yaml` allows."""

import asyncio
import logging
import time

from agent.app.chores import chore
from agent.speech.store import Recordings
from agent.workspace import Workspace

_EVERY = 3_600.0  # seconds
_looked: dict[str, float] = {}
log = logging.getLogger(__name__)


@chore("server", "worker")
async def let_go(space: Workspace) -> None:
    """Delete recordings that are older than they may be."""
    key, now = space.settings.database_url, time.monotonic()
    if now < _looked.get(key, 0.0):
        return
    _looked[key] = now + _EVERY
    days = space.settings.privacy().keep_sound_days
    if gone := await asyncio.to_thread(space.store[Recordings].drop_older, days):
        log.info("the sound of %d recordings is deleted: it was kept for %d days", gone, days)
