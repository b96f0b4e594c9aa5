"""Lets every worker look at the sources; each source is handled by one worker at a time."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

from agent.app.chores import chore
from agent.app.verb import Who
from agent.core.errors import CloseReadError
from agent.core.people import Scope
from agent.sources.store import Sources
from agent.sources.verbs import take_source
from agent.workspace import Workspace

log = logging.getLogger(__name__)

_LOOK_EVERY = 20.0  # seconds; each source is looked at more seldom
_looked: dict[str, float] = {}


@chore("worker")
async def take_from_sources(space: Workspace) -> None:
    """Import what is new in the sources that are due."""
    key, now = space.settings.database_url, time.monotonic()
    if now >= _looked.get(key, 0.0):
        _looked[key] = now + _LOOK_EVERY
        await asyncio.to_thread(take_due, space, datetime.now(UTC))


def take_due(space: Workspace, now: datetime) -> list[str]:
    """Look at every source that is due at `now`; returns the ids of the resulting uploads."""
    made = []
    for source in space.store[Sources].all():
        due = (now - timedelta(minutes=source.minutes)).isoformat()
        if not space.store[Sources].claim(source.name, due):
            continue
        who = Who(space, Scope.everything(), as_name=f"source:{source.name}")
        try:
            taken = take_source(who, source.name)
        except CloseReadError as error:  # the next look may find it mended
            log.warning("source %s: %s", source.name, error)
            continue
        except Exception as error:
            log.error("source %s", source.name, exc_info=error)
            space.store[Sources].looked(
                source.name, f"could not be taken: {type(error).__name__}; see the worker's log"
            )
            continue
        made += [taken.upload] if taken.upload else []
    return made
