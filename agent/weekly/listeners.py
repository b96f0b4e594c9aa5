"""The week is told once, on the day and at the hour that `weekly.yaml` names."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.app.chores import chore
from agent.app.verb import Who
from agent.core.people import Scope
from agent.settings import WeeklyRules
from agent.webhooks.store import Webhooks
from agent.weekly.reminders import remind
from agent.weekly.views import WeekView, week_of
from agent.workspace import Workspace

EVENT = "week.summary"
_LOOK_EVERY = 60.0  # seconds
_LATE = timedelta(days=1)  # what was due longer ago is not sent any more: the program was off
_looked: dict[str, float] = {}


@chore("server", "worker")
async def tell_the_week(space: Workspace) -> None:
    """Send the week's summary to every webhook that wants it, and reminders to people, once, whatever
    number of programs run this."""
    key, now = space.settings.database_url, time.monotonic()
    if now < _looked.get(key, 0.0):
        return
    _looked[key] = now + _LOOK_EVERY
    day = due_day(space.settings.weekly(), datetime.now(UTC))
    if day is not None:
        await asyncio.to_thread(publish, space, day)
    await asyncio.to_thread(remind, space, datetime.now(UTC))


def due_day(rules: WeeklyRules, now: datetime) -> date | None:
    """The day on which the summary fell due last, if that is not too long ago; None otherwise."""
    here = now.astimezone(ZoneInfo(rules.zone))
    back = (here.weekday() - rules.weekday) % 7
    due = (here - timedelta(days=back)).replace(hour=rules.hour, minute=0, second=0, microsecond=0)
    return due.date() if timedelta(0) <= here - due < _LATE else None


def publish(space: Workspace, day: date) -> int:
    """Write a delivery of the week before `day` for each webhook that wants it and has none yet; how many."""
    webhooks = space.store[Webhooks]
    if not webhooks.wanting(EVENT, day.isoformat()):
        return 0
    week = week_of(Who(space, Scope(local=True)), day - timedelta(days=1))
    return webhooks.publish_once(EVENT, day.isoformat(), data_of(week))


def data_of(week: WeekView) -> dict[str, Any]:
    """What is sent: the days, and the sentences that the page shows."""
    return {"first": week.first.isoformat(), "last": week.last.isoformat(), "sentences": week.sentences}
