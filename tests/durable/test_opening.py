"""Many processes open the same database at once: it is migrated once, and all of them may use it."""

import subprocess
import sys

import pytest

from agent.calls.store import Calls
from agent.ratings.store import Ratings
from tests.builders import call
from tests.durable.harness import ROOT
from tests.durable.test_once import ratings

pytestmark = pytest.mark.durable

OPEN = """
import sys, time
from agent.calls.store import Calls
from agent.db.store import Store
while time.time() < float(sys.argv[2]):
    pass
store = Store.open(sys.argv[1])
print(len(store[Calls].all()))
store.close()
"""


def test_eight_processes_open_a_fresh_database_at_once(database):
    import time

    start = str(time.time() + 4)  # when all have imported what they need
    command = [sys.executable, "-c", OPEN, database, start]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)
    ]
    said = [process.communicate(timeout=50) for process in running]
    assert [(process.returncode, out.strip()) for process, (out, _) in zip(running, said, strict=True)] == [
        (0, "0")
    ] * 8, said


def test_a_migration_that_is_killed_leaves_nothing_half_made(tmp_path):
    """SQLite: the whole migration is one transaction, so that the next start finds either nothing or all of it."""
    database = f"sqlite:///{tmp_path}/closeread.db"
    code = "from agent.db.store import Store; import sys; Store.open(sys.argv[1]).close()"
    for wait in (0.9, 1.0, 1.1, 1.2, 1.3):
        process = subprocess.Popen([sys.executable, "-c", code, database], cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    done = subprocess.run([sys.executable, "-c", code, database], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# SQLite's index of names in a call's body: SQLAlchemy cannot read it back, and the schema does not name it.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index ix_calls_names")
def test_migrations_make_exactly_the_schema(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from agent.db import schema_counting, schema_jobs, schema_reviews, schema_server  # noqa: F401  their tables join
    from agent.db.database import open_database
    from agent.db.schema import metadata

    engine = open_database(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_numbers_of_ratings_outlast_32_bits(database):
    from sqlalchemy import text

    from agent.db.store import Store

    store = Store.open(database)
    for n in (1, 2):
        store[Calls].add(call(f"call-{n}", "Rae", ("Rae", f"What did month {n} cost you?")))
    store[Ratings].add(ratings("call-1", 1))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE ratings SET seq = 2147483647 WHERE seq = 2"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('ratings_seq_seq', 2147483647)"))
    assert store[Ratings].add(ratings("call-2", 1)) == 2
    assert store[Ratings].add(ratings("call-2", 1)) == 0
    assert len(store[Ratings].current()) == 4
    store.close()
