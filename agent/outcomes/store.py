"""Deals from a CRM export. The export is the record: a deal that comes again replaces the stored one."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from agent.calls.model import Deal
from agent.db.collection import Collection
from agent.db.schema import deals
from agent.db.scoping import check_run, own

_IDS_AT_ONCE = 500  # SQLite and PostgreSQL both limit the parameters of one statement


class Deals(Collection):
    """The workspace's deals."""

    def add(self, new: Sequence[Deal]) -> Counter[str]:
        """Store deals; those already there are replaced. Returns how many were new, changed, unchanged.

        Forbidden unless an ops lead.
        """
        check_run(self._scope, "import deals")
        before = {deal.id: deal for deal in self.all([deal.id for deal in new])}
        done: Counter[str] = Counter()
        fresh = []
        for deal in new:
            known = before.get(deal.id)
            how = "new" if known is None else "unchanged" if known == deal else "changed"
            done[how] += 1
            if how != "unchanged":
                fresh.append(deal)
        changed = [deal.id for deal in fresh if deal.id in before]
        with self._engine.begin() as connection:
            for part in _parts(changed):
                connection.execute(delete(deals).where(deals.c.id.in_(part)))
            if fresh:
                connection.execute(insert(deals), [_row(deal) for deal in fresh])
        return done

    def all(self, ids: Sequence[str] | None = None) -> list[Deal]:
        """All deals, or the stored ones of `ids`, by opening day; for a rep, only their own."""
        query = own(select(deals), deals.c.rep, self._scope).order_by(deals.c.opened, deals.c.id)
        parts = [query] if ids is None else [query.where(deals.c.id.in_(part)) for part in _parts(ids)]
        stored = [_deal(row) for part in parts for row in self._rows(part)]
        return stored if ids is None else sorted(stored, key=lambda deal: (deal.opened, deal.id))

    def reps(self) -> list[str]:
        """Who has deals, by the opening day of the first; for a rep, only they."""
        first = func.min(deals.c.opened)
        query = own(select(deals.c.rep), deals.c.rep, self._scope).group_by(deals.c.rep).order_by(first, deals.c.rep)
        return list(self._values(query))


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE)]


def _deal(row: Row[Any]) -> Deal:
    return Deal(
        id=row.id,
        rep=row.rep,
        opened=date.fromisoformat(row.opened),
        closed=date.fromisoformat(row.closed) if row.closed else None,
        stage=row.stage,
        outcome=row.outcome,
        amount_usd=row.amount_usd,
        ending=row.ending,
    )


def _row(deal: Deal) -> dict[str, object]:
    closed = "" if deal.closed is None else deal.closed.isoformat()
    return {**deal.model_dump(exclude={"opened", "closed"}), "opened": deal.opened.isoformat(), "closed": closed}
