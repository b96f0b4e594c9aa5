"""Sessions, stored on the server: signing out ends every copy of a cookie, and a session that is not used ends by
itself."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from agent.core.errors import NotFound
from agent.db.collection import Collection
from agent.db.hashes import sha256
from agent.db.schema_server import people, sessions
from agent.db.scoping import check_run
from agent.db.transcripts import now

LASTS = timedelta(days=14)
IDLE = timedelta(hours=12)
"""A session that nobody uses for so long has ended."""
_NOTED_AGAIN = timedelta(minutes=1)
_c = sessions.c


class LiveSessions(Collection):
    """People's sessions. For the server itself: no signed-in scope may use them."""

    def begin(self, person: str) -> str:
        """Start a session for the person with that id; returns its secret. Sessions that have ended are deleted."""
        check_run(self._scope, "begin sessions")
        secret, moment = secrets.token_urlsafe(32), datetime.now(UTC)
        old = (_c.at < (moment - LASTS).isoformat()) | (_c.seen < (moment - IDLE).isoformat())
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(old))
            epoch = connection.execute(select(people.c.epoch).where(people.c.id == person)).scalar()
            if epoch is None:
                raise NotFound(f"there is no person {person!r}")
            row = {"hash": sha256(secret), "person": person, "epoch": epoch, "at": moment.isoformat()}
            connection.execute(insert(sessions).values(**row, seen=moment.isoformat()))
        return secret

    def whose(self, secret: str) -> str:
        """The id of the session's person; empty if it has ended (signed out, account closed, new password, not used
        for long)."""
        check_run(self._scope, "read sessions")
        mine = sessions.c.hash == sha256(secret)
        joined = select(sessions, people.c.epoch.label("epoch_now"), people.c.disabled)
        row = self._first(joined.join(people, people.c.id == _c.person).where(mine))
        moment = datetime.now(UTC)
        if row is None or row.disabled or row.epoch != row.epoch_now:
            return ""
        seen = datetime.fromisoformat(row.seen)
        if moment - seen > IDLE or moment - datetime.fromisoformat(row.at) > LASTS:
            return ""
        if moment - seen > _NOTED_AGAIN:
            self._do(update(sessions).where(mine).values(seen=now()))
        return str(row.person)

    def end(self, secret: str) -> None:
        """End a session, in every browser that has its cookie."""
        check_run(self._scope, "end sessions")
        self._do(delete(sessions).where(_c.hash == sha256(secret)))
