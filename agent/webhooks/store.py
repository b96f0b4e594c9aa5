"""The tables of webhooks and deliveries: who is told what, what was sent, and what is due.

A delivery is claimed by moving its due moment on before it is sent. So several senders never send one at the same
time, and what a sender that died had claimed becomes due again by itself.
"""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, insert, select, update

from agent.core.errors import Advice, Conflict, InputError, NotFound
from agent.db.collection import Collection
from agent.db.database import read, transact
from agent.db.schema_server import deliveries, webhooks
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.webhooks.model import EVENTS, NAMED_ONLY, PING, ClaimedDelivery, Delivery, NewWebhook, Webhook

R = TypeVar("R")

_w, _d = webhooks.c, deliveries.c


class Webhooks(Collection):
    """The workspace's webhooks. Only an ops lead (and the sender) may see or change them."""

    def create(self, url: str, events: Sequence[str], by: str) -> NewWebhook:
        """Store a new webhook with its secret (`whsec_` and base64, as Standard Webhooks describes).

        InputError for an unknown event. The caller checks whether the address is allowed.
        """
        if unknown := sorted(set(events) - set(EVENTS)):
            raise InputError(f"there is no event {unknown[0]!r}; there are: {', '.join(EVENTS)}")
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        ident = f"wh-{secrets.token_hex(8)}"
        row = {"id": ident, "url": url, "secret": secret, "events": ",".join(dict.fromkeys(events)), "by": by}
        self._write(lambda c: c.execute(insert(webhooks).values(**row, at=now(), disabled="")))
        return NewWebhook(**vars(self.get(ident)), secret=secret)

    def get(self, ident: str) -> Webhook:
        """The webhook with that id. NotFound if there is none."""
        rows = self._all(select(webhooks).where(_w.id == ident))
        if not rows:
            raise NotFound(f"there is no webhook {ident!r}")
        return _webhook(rows[0])

    def all(self) -> list[Webhook]:
        """All webhooks, newest first."""
        return [_webhook(row) for row in self._all(select(webhooks).order_by(_w.at.desc(), _w.id))]

    def disable(self, ident: str, disabled: bool = True) -> Webhook:
        """Stop sending to it, or start again."""
        self.get(ident)
        self._write(
            lambda c: c.execute(update(webhooks).where(_w.id == ident).values(disabled=now() if disabled else ""))
        )
        return self.get(ident)

    def deliveries(self, webhook: str, after: int | None = None, limit: int = 50) -> list[Delivery]:
        """What was and will be sent to a webhook, newest first, after the number `after`."""
        self.get(webhook)
        query = select(deliveries).where(_d.webhook == webhook).order_by(_d.seq.desc()).limit(limit)
        return [_delivery(row) for row in self._all(query if after is None else query.where(_d.seq < after))]

    def delivery(self, webhook: str, number: int) -> Delivery:
        """One delivery of a webhook. NotFound if there is none."""
        rows = self._all(select(deliveries).where(_d.webhook == webhook, _d.seq == number))
        if not rows:
            raise NotFound(f"there is no delivery {number} of the webhook {webhook!r}")
        return _delivery(rows[0])

    def redeliver(self, webhook: str, number: int) -> Delivery:
        """Send a delivery once more, with attempts counted anew, under the same id. Conflict while its webhook is
        disabled."""
        if self.get(webhook).disabled is not None:
            raise Conflict("this webhook is disabled", advice=_enable(webhook))
        self.delivery(webhook, number)
        values = {"state": "due", "attempts": 0, "due": now(), "reason": ""}
        self._write(lambda c: c.execute(update(deliveries).where(_d.seq == number).values(**values)))
        return self.delivery(webhook, number)

    def ping(self, ident: str) -> Delivery:
        """Store a test event for one webhook, whatever events it wants."""
        if self.get(ident).disabled is not None:
            raise Conflict("this webhook is disabled", advice=_enable(ident))
        row = _due_row(ident, PING, ident, {})
        number = self._write(lambda c: c.execute(insert(deliveries).values(**row)).inserted_primary_key[0])  # type: ignore[index]
        return self.delivery(ident, number)

    def publish(self, kind: str, subject: str, data: dict[str, Any]) -> int:
        """Store one delivery for each enabled webhook that wants events of `kind`; returns how many.

        `data`: ids and counts only. The scope is not checked: whoever causes an event does not see any webhook by that.
        """
        rows = read(self._engine, lambda c: c.execute(select(_w.id, _w.events).where(_w.disabled == "")).all())
        due = [_due_row(row.id, kind, subject, data) for row in rows if _wants(row.events, kind)]
        if due:
            transact(self._engine, lambda c: c.execute(insert(deliveries), due))
        return len(due)

    def wanting(self, kind: str, subject: str) -> list[str]:
        """The ids of enabled webhooks that want events of `kind` and have no delivery of one about `subject`."""
        check_run(self._scope, "see webhooks")
        return read(self._engine, lambda connection: _untold(connection, kind, subject))

    def publish_once(self, kind: str, subject: str, data: dict[str, Any]) -> int:
        """Like `publish`, only for webhooks that were not told about `subject` yet, even if others publish the same
        now; returns how many."""

        def work(connection: Connection) -> int:
            # A write first: it holds the rows (SQLite: the file) until the end, so another's look comes after ours.
            connection.execute(update(webhooks).where(_w.disabled == "").values(disabled=""))
            due = [_due_row(ident, kind, subject, data) for ident in _untold(connection, kind, subject)]
            if due:
                connection.execute(insert(deliveries), due)
            return len(due)

        return self._write(work)

    # What the sender does.

    def claim(self, limit: int, lease_seconds: float, only: int | None = None) -> list[ClaimedDelivery]:
        """Reserve up to `limit` due deliveries (or `only` that one) for `lease_seconds`, in which nobody else sends
        them; the longest due come first."""
        columns = (deliveries, _w.url, _w.secret)
        query = select(*columns).join(webhooks, _w.id == _d.webhook).where(_w.disabled == "").limit(limit)
        moment = datetime.now(UTC)
        query = query.where(_d.state == "due", _d.due <= moment.isoformat()).order_by(_d.due, _d.seq)
        rows = self._all(query if only is None else query.where(_d.seq == only))
        if not rows:
            return []
        until = (moment + timedelta(seconds=lease_seconds)).isoformat()

        def work(connection: Connection) -> list[ClaimedDelivery]:
            mine = []
            for row in rows:
                same = (_d.seq == row.seq, _d.state == "due", _d.due == row.due)
                if connection.execute(update(deliveries).where(*same).values(due=until)).rowcount:
                    mine.append(ClaimedDelivery(_delivery(row), row.url, row.secret))
            return mine

        return self._write(work)

    def delivered(self, number: int) -> None:
        """Note that a delivery was accepted."""
        self._settle(number, {"state": "delivered", "reason": ""})

    def missed(self, number: int, reason: str, next_due: datetime | None) -> None:
        """Note that a delivery was not accepted; it is given up if `next_due` is None.

        A webhook that accepted nothing for as long as the given-up delivery was tried is disabled.
        """
        if next_due is not None:
            self._settle(number, {"due": next_due.isoformat(), "reason": reason[:400]})
            return
        self._settle(number, {"state": "failed", "reason": reason[:400]})
        self._write(lambda connection: _disable_dead(connection, number))

    def hold(self, webhook: str, until: datetime) -> None:
        """Send nothing to a webhook before `until`, so that one which does not answer does not delay the others."""
        waiting = (_d.webhook == webhook, _d.state == "due", _d.due < until.isoformat())
        self._write(lambda c: c.execute(update(deliveries).where(*waiting).values(due=until.isoformat())))

    def _settle(self, number: int, values: dict[str, Any]) -> None:
        query = update(deliveries).where(_d.seq == number).values(attempts=_d.attempts + 1, **values)
        self._write(lambda c: c.execute(query))

    def _write(self, work: Callable[[Connection], R]) -> R:
        check_run(self._scope, "change webhooks")
        return transact(self._engine, work)

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        check_run(self._scope, "see webhooks")
        return read(self._engine, lambda connection: connection.execute(query).all())


def _disable_dead(connection: Connection, number: int) -> None:
    given_up = connection.execute(select(_d.webhook, _d.at).where(_d.seq == number)).one()
    # `due` of what was delivered is when its last attempt was claimed, and the lease.
    taken = select(_d.seq).where(_d.webhook == given_up.webhook, _d.state == "delivered", _d.due > given_up.at)
    if connection.execute(taken.limit(1)).first() is None:
        same = (_w.id == given_up.webhook, _w.disabled == "")
        connection.execute(update(webhooks).where(*same).values(disabled=now()))


def _enable(webhook: str) -> Advice:
    return Advice(f"webhook enable {webhook}", f"/admin/webhooks/{webhook}", "enable it first")


def _untold(connection: Connection, kind: str, subject: str) -> list[str]:
    rows = connection.execute(select(_w.id, _w.events).where(_w.disabled == "").order_by(_w.id)).all()
    wanting = [row.id for row in rows if _wants(row.events, kind)]
    sent = connection.execute(select(_d.webhook, _d.body).where(_d.event == kind, _d.webhook.in_(wanting)))
    told = {row.webhook for row in sent if json.loads(row.body)["subject"] == subject}
    return [ident for ident in wanting if ident not in told]


def _wants(events: str, kind: str) -> bool:
    names = {name.strip() for name in events.split(",") if name.strip()}
    return kind in names or (kind not in NAMED_ONLY and (not names or "*" in names))


def body_of(kind: str, subject: str, at: str, data: dict[str, Any]) -> str:
    """An event as JSON, as it is sent."""
    return json.dumps({"event": kind, "subject": subject, "at": at, "data": data}, ensure_ascii=False)


def _due_row(webhook: str, kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    at = now()
    body = body_of(kind, subject, at, data)
    blank = {"state": "due", "attempts": 0, "due": at, "reason": ""}
    return {"webhook": webhook, "event": kind, "at": at, "body": body, **blank}


def _webhook(row: Row[Any]) -> Webhook:
    events = tuple(name for name in row.events.split(",") if name not in ("", "*"))
    disabled = datetime.fromisoformat(row.disabled) if row.disabled else None
    at = datetime.fromisoformat(row.at)
    return Webhook(id=row.id, url=row.url, events=events, by=row.by, at=at, disabled=disabled)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        number=row.seq,
        webhook=row.webhook,
        event=row.event,
        state=row.state,
        attempts=row.attempts,
        due=datetime.fromisoformat(row.due),
        at=datetime.fromisoformat(row.at),
        reason=row.reason,
        body=row.body,
    )
