"""A worker beside another program: works on jobs, and ends with the program however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.app.queue.beside import worker_beside
from agent.app.queue.liveness import count_workers
from agent.app.queue.store import Jobs
from agent.interviews.store import Interviews
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import interview

PROGRAM = """
import sys, time
from pathlib import Path
from agent.app.queue.beside import worker_beside
if __name__ == "__main__":
    with worker_beside(Path(sys.argv[1])):
        print("begun", flush=True)
        time.sleep(120)
"""


def wait(condition, seconds=60.0):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    space.store[Jobs].live()  # makes the folder and the database
    yield space
    space.store.close()


@pytest.mark.slow
def test_it_works_on_jobs_and_ends_with_the_block(space):
    for outcome in ("won", "lost"):
        space.store[Interviews].add(interview(f"i-{outcome}", outcome))
    job = space.store[Jobs].create("extract", {}, "Ann")  # no model is bound: a worker pauses it
    with worker_beside(space.settings.workspace):
        wait(lambda: count_workers(space.store.engine) == 1)
        wait(lambda: space.store[Jobs].get(job.id).state == "paused")
        assert "no model is bound" in space.store[Jobs].get(job.id).reason
    assert count_workers(space.store.engine) == 0


@pytest.mark.slow
def test_it_ends_when_the_program_is_killed(space, tmp_path):
    script = Path(tmp_path / "program.py")
    script.write_text(PROGRAM)
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    program = subprocess.Popen([sys.executable, script, space.settings.workspace], env=here)
    wait(lambda: count_workers(space.store.engine) == 1)
    program.send_signal(signal.SIGKILL)
    program.wait()
    wait(lambda: count_workers(space.store.engine) == 0)
