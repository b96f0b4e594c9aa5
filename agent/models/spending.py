"""What models cost this month: against the budget, by model, by rubric and by job."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.app.queue.store import Jobs
from agent.core.errors import NotFound
from agent.db.ledger import SqlLedger
from agent.llm.budget import WARNED_AT
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.db.ledger import Booked
    from agent.workspace import Workspace

MOST = 30  # jobs that are named


@dataclass(frozen=True)
class Share:
    """A part of what was spent. `id` is empty for what was booked on none; `name` is for people."""

    id: str
    name: str
    requests: int
    input_tokens: int
    output_tokens: int
    usd: float
    unpriced: int


@dataclass(frozen=True)
class Spending:
    """The month (UTC) so far. `budget_usd` None: there is no monthly budget. The parts are the dearest first."""

    since: datetime
    usd: float
    unpriced: int
    budget_usd: float | None
    by_model: tuple[Share, ...]
    by_rubric: tuple[Share, ...]
    by_job: tuple[Share, ...]

    @property
    def used(self) -> float | None:
        """Spent out of the budget: 1 is all of it."""
        return None if self.budget_usd is None else self.usd / self.budget_usd

    @property
    def warned(self) -> bool:
        """Whether so much is spent that a warning is due."""
        return self.used is not None and self.used >= WARNED_AT


def month_begin(now: datetime | None = None) -> datetime:
    """When the calendar month began (UTC)."""
    return (now or datetime.now(UTC)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spending(space: Workspace, now: datetime | None = None) -> Spending:
    """What this month's requests cost, by the ledger."""
    since = month_begin(now)
    booked = space.store[SqlLedger].booked(since.isoformat())
    labels = {stored.rubric.id: stored.rubric.label for stored in space.store[Rubrics].all()}
    jobs = _shares(booked, lambda b: b.job, lambda ident: ident)[:MOST]
    return Spending(
        since=since,
        usd=sum(b.usd for b in booked),
        unpriced=sum(b.unpriced for b in booked),
        budget_usd=space.settings.models().monthly_budget_usd,
        by_model=_shares(booked, lambda b: b.model, lambda ident: ident),
        by_rubric=_shares(booked, lambda b: b.rubric, lambda ident: labels.get(ident, ident)),
        by_job=tuple(_named(space, share) for share in jobs),
    )


def _shares(booked: Iterable[Booked], part: Callable[[Booked], str], name: Callable[[str], str]) -> tuple[Share, ...]:
    groups: dict[str, list[Booked]] = {}
    for one in booked:
        groups.setdefault(part(one), []).append(one)
    shares = [
        Share(
            id=ident,
            name=name(ident) if ident else "",
            requests=sum(b.requests for b in group),
            input_tokens=sum(b.input_tokens for b in group),
            output_tokens=sum(b.output_tokens for b in group),
            usd=sum(b.usd for b in group),
            unpriced=sum(b.unpriced for b in group),
        )
        for ident, group in groups.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.usd, -share.requests, share.id)))


def _named(space: Workspace, share: Share) -> Share:
    """A job's share with what the job was."""
    if not share.id:
        return share
    try:
        job = space.store[Jobs].get(share.id)
    except NotFound:
        return share
    return replace(share, name=f"{job.kind.replace('_', ' ')}, {job.at:%Y-%m-%d}, by {job.by}")
