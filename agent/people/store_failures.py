"""Failed sign-ins: too many in a short time, for one name or from one address, and nobody may try for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, insert, select

from agent.core.people import Scope
from agent.db.schema_server import sign_in_failures
from agent.db.scoping import check_run

WINDOW = timedelta(minutes=15)
_c = sign_in_failures.c


class SignInFailures:
    """Attempts that have not succeeded, by key ("name:…", "address:…"), each with how many are allowed."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def begin(self, limits: Mapping[str, int]) -> bool:
        """Count an attempt under every key, or say no (False) where one has no more attempts left.

        Counting comes before the password is looked at, in one transaction: a hundred attempts at once are a hundred.
        An attempt that was turned away is not counted, or somebody could be kept out for ever.
        """
        check_run(self._scope, "count sign-ins")
        moment = datetime.now(UTC)
        since = (moment - WINDOW).isoformat()
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failures).where(_c.at < since))
            query = select(_c.key, func.count()).where(_c.key.in_(limits)).group_by(_c.key)
            counted = {key: count for key, count in connection.execute(query)}
            if any(counted.get(key, 0) >= limit for key, limit in limits.items()):
                return False
            rows = [{"key": key, "at": moment.isoformat()} for key in limits]
            connection.execute(insert(sign_in_failures), rows)
        return True

    def succeeded(self, name_key: str, address_key: str) -> None:
        """Forget the failures of the name, and this one attempt from the address."""
        check_run(self._scope, "count sign-ins")
        last = select(func.max(_c.seq)).where(_c.key == address_key).scalar_subquery()
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failures).where((_c.key == name_key) | (_c.seq == last)))
