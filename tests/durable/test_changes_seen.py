"""A commit of any process is seen by those that keep what they read before."""

import pytest
from sqlalchemy import func, insert, select

from agent.db.database import open_database, state_mark
from agent.db.schema import coaching


@pytest.mark.durable
def test_the_mark_is_another_one_after_each_commit_and_only_then(database):
    reader, writer = open_database(database), open_database(database)
    try:
        before = state_mark(reader)
        with writer.connect() as looking:
            looking.execute(select(func.count()).select_from(coaching))
        assert state_mark(reader) == before
        for cycle, engine in (("1", writer), ("2", reader)):  # of another process, and of the own one
            with engine.begin() as connection:
                connection.execute(insert(coaching).values(rep="Rae", cycle=cycle, start="", end="", body=""))
            after = state_mark(reader)
            assert after != before
            assert state_mark(reader) == after
            before = after
    finally:
        reader.dispose()
        writer.dispose()
