"""The audit log's chain where several processes' connections write at once, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agent.db.audit import AuditLog
from agent.db.store import Store

pytestmark = pytest.mark.durable


def test_many_writers_make_one_chain_while_it_is_checked(database):
    Store.open(database).close()
    together = threading.Barrier(9)

    def write(writer):
        store = Store.open(database)
        together.wait()
        for number in range(20):
            store[AuditLog].append("counted", f"{writer}-{number}", person=f"writer {writer}")
        store.close()

    def look(_):
        store = Store.open(database)
        together.wait()
        found = [store[AuditLog].verify() for _ in range(20)]
        store.close()
        return found

    with ThreadPoolExecutor(9) as pool:
        writers = [pool.submit(write, number) for number in range(8)]
        seen = pool.submit(look, 0).result()
        for one in writers:
            one.result()
    assert [one.faults for one in seen if one.wrong] == []
    store = Store.open(database)
    found = store[AuditLog].verify()
    assert (found.wrong, found.lines) == (0, 160)
    for statement in ("UPDATE audit_log SET person = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(statement))
    assert store[AuditLog].forget(["writer 3"], person="lead") == 20
    assert store[AuditLog].verify().wrong == 0
    store.close()
