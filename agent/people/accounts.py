"""Finds the account behind a token or a session, for the web application."""

from agent.app.web.context import Account
from agent.core.people import Scope
from agent.people.store import People, Tokens
from agent.people.store_sessions import LiveSessions
from agent.workspace import Workspace


class StoredAccounts:
    """Looks up accounts in the workspace's tokens and people."""

    def __init__(self, space: Workspace) -> None:
        self._people, self._tokens = space.store[People], space.store[Tokens]
        self._sessions = space.store[LiveSessions]

    def by_token(self, secret: str) -> Account | None:
        """The account that a token's secret stands for."""
        bearer = self._tokens.of_secret(secret)
        if bearer is None:
            return None
        person = self._people.get(bearer.person) if bearer.person else None
        return Account(bearer.scope, person, bearer.token)

    def by_session(self, key: str) -> Account | None:
        """The account of a session; the visit is noted."""
        ident = self._sessions.whose(key)
        if not ident:
            return None
        person = self._people.get(ident)
        self._people.seen(person)
        return Account(Scope(name=person.name, role=person.role, rep=person.rep), person)
