"""What models cost this month: against the budget, by model, by rubric and by job."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import select

from agent.app.queue.store import Jobs
from agent.app.view import View
from agent.core.errors import NotFound
from agent.core.wording import day
from agent.db.ledger import Booked, Spent, SqlLedger
from agent.db.schema import rubrics
from agent.llm.budget import WARNED_AT
from agent.workspace import Workspace

MOST = 30  # jobs that are named


class ShareView(View):
    """A part of the spending. `id` is empty for what was booked on none; `unpriced` requests are not in `usd`."""

    id: str
    name: str
    requests: int
    input_tokens: int
    output_tokens: int
    usd: float
    unpriced: int


class SpendingView(View):
    """The calendar month (UTC) so far. `budget_usd` null: there is no monthly budget. The
    parts are the dearest first."""

    since: datetime
    usd: float
    unpriced: int
    budget_usd: float | None
    by_model: list[ShareView]
    by_rubric: list[ShareView]
    by_job: list[ShareView]

    @property
    def used(self) -> float | None:
        """Spent out of the budget: 1 is all of it."""
        return None if self.budget_usd is None else self.usd / self.budget_usd

    @property
    def warned(self) -> bool:
        """Whether so much is spent that a warning is due."""
        return self.used is not None and self.used >= WARNED_AT


class CostView(Spent, View):
    """What one model took with one prompt, over all time. `seconds`: mean time to an answer of the provider."""


class CostList(View):
    """What model requests have taken so far, by model and prompt."""

    items: list[CostView]


def costs(space: Workspace) -> CostList:
    """What every request so far took, by model and prompt."""
    return CostList(items=[CostView.model_validate(row) for row in space.store[SqlLedger].totals()])


def month_begin(now: datetime | None = None) -> datetime:
    """When the calendar month began (UTC)."""
    return (now or datetime.now(UTC)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spending(space: Workspace, now: datetime | None = None) -> SpendingView:
    """What this month's requests cost, by the ledger."""
    since = month_begin(now)
    booked = space.store[SqlLedger].booked(since.isoformat())
    with space.store.engine.connect() as connection:
        labels = {ident: label for ident, label in connection.execute(select(rubrics.c.id, rubrics.c.label))}
    jobs = _shares(booked, lambda b: b.job, lambda ident: ident)[:MOST]
    return SpendingView(
        since=since,
        usd=sum(b.usd for b in booked),
        unpriced=sum(b.unpriced for b in booked),
        budget_usd=space.settings.models().monthly_budget_usd,
        by_model=_shares(booked, lambda b: b.model, lambda ident: ident),
        by_rubric=_shares(booked, lambda b: b.rubric, lambda ident: labels.get(ident, ident)),
        by_job=[_named(space, share) for share in jobs],
    )


def _shares(booked: Iterable[Booked], part: Callable[[Booked], str], name: Callable[[str], str]) -> list[ShareView]:
    groups: dict[str, list[Booked]] = {}
    for one in booked:
        groups.setdefault(part(one), []).append(one)
    shares = [
        ShareView(
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
    return sorted(shares, key=lambda share: (-share.usd, -share.requests, share.id))


def _named(space: Workspace, share: ShareView) -> ShareView:
    """A job's share with what the job was."""
    if not share.id:
        return share
    try:
        job = space.store[Jobs].get(share.id)
    except NotFound:
        return share
    return share.model_copy(update={"name": f"{job.kind.replace('_', ' ')}, {day(job.at)}, by {job.by}"})
