"""Many processes open the same database at once: it is migrated once, and all of them may use it."""

import subprocess
import sys

import pytest

from tests.durable.harness import ROOT

pytestmark = pytest.mark.durable

OPEN = """
import sys, time
from agent.store.workspace import Store
while time.time() < float(sys.argv[2]):
    pass
store = Store.open(sys.argv[1])
print(len(store.calls.all()))
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
    code = "from agent.store.workspace import Store; import sys; Store.open(sys.argv[1]).close()"
    for wait in (0.9, 1.0, 1.1, 1.2, 1.3):
        process = subprocess.Popen([sys.executable, "-c", code, database], cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    done = subprocess.run([sys.executable, "-c", code, database], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
