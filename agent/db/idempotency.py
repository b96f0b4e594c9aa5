"""Replies to requests that carried an idempotency key: the same request again gets the same reply, and acts once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.db.collection import Collection
from agent.db.schema_server import idempotency
from agent.db.scoping import check_run
from agent.db.transcripts import now

KEPT = timedelta(days=1)
_ABANDONED = timedelta(minutes=10)  # a process that died in the middle has not stored a reply, and never will
_RUNNING = 0
_c = idempotency.c


@dataclass(frozen=True)
class StoredReply:
    """The stored reply to the first request with a key."""

    status: int
    headers: str
    body: str


Begun = StoredReply | Literal["new", "running", "other"]


class Idempotency(Collection):
    """Idempotency keys by owner (a token or a person). For the server itself: no signed-in scope may use it."""

    def begin(self, owner: str, key: str, request: str) -> Begun:
        """Claim the key for a request (identified by its hash). Returns "new"; or the stored reply; or "running" if
        the first request has not been answered yet; or "other" if the key was used for another request."""
        check_run(self._scope, "use idempotency keys")
        moment = datetime.now(UTC)
        abandoned = (_c.status == _RUNNING) & (_c.at < (moment - _ABANDONED).isoformat())
        self._do(delete(idempotency).where((_c.at < (moment - KEPT).isoformat()) | abandoned))
        mine = (_c.owner == owner, _c.key == key)
        row = {"request": request, "status": _RUNNING, "headers": "", "body": "", "at": now()}
        try:
            self._do(insert(idempotency).values(owner=owner, key=key, **row))
            return "new"
        except IntegrityError:
            stored = self._first(select(idempotency).where(*mine))
        if stored is None:
            return "running"
        if stored.request != request:
            return "other"
        return "running" if stored.status == _RUNNING else StoredReply(stored.status, stored.headers, stored.body)

    def keep(self, owner: str, key: str, reply: StoredReply) -> None:
        """Store the reply of a key that was begun."""
        check_run(self._scope, "use idempotency keys")
        values = {"status": reply.status, "headers": reply.headers, "body": reply.body}
        self._do(update(idempotency).where(_c.owner == owner, _c.key == key).values(**values))

    def release(self, owner: str, key: str) -> None:
        """Give back a key whose request changed nothing, so that it can be used again."""
        check_run(self._scope, "use idempotency keys")
        self._do(delete(idempotency).where(_c.owner == owner, _c.key == key, _c.status == _RUNNING))
