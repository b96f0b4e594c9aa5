"""Memory of a worker while 100,000 calls wait, and how long it takes to queue them.

    .venv/bin/python evals/bench/queued.py [--calls 100000 --part 10000]

A workspace with so many calls (rows generated from the sample's, sharing its transcripts), one job over all of them, and
one worker with 64 requests in flight in a process of its own. The model is a stand-in in that process that waits 20 ms
and gives the recorded reply; everything else is the worker's own path. It is stopped when `--part` calls are done; its
resident memory is read at each tenth of them. Exits with 1 where the most of it passes `--peak-mb`, or where it grew by
more than `--growth-mb` from the second tenth to the last.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.rubrics.store import Rubrics

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

ROWS_AT_ONCE = 5_000
IN_FLIGHT = 64
MODEL = "openai/stub-1"


def memory_mb() -> tuple[float, float]:
    """Resident now, and the most so far, MB."""
    status = Path("/proc/self/status").read_text()
    now, most = (int(status.split(f"{name}:")[1].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def fill(folder: Path, count: int) -> None:
    """A workspace with the rubric and `count` calls."""
    from sqlalchemy import insert

    from agent.db.schema import calls as table
    from agent.rubrics.file import read_rubric
    from agent.settings import Settings
    from agent.workspace import Workspace
    from evals.bench.numbered import SAMPLE, sample_calls

    space = Workspace(Settings.read(folder, {}))
    space.store[Rubrics].add(read_rubric(SAMPLE / "rubric.yaml", "bench"))
    rows = []
    with space.store.engine.begin() as connection:
        for call in sample_calls():
            rows.append((call.id, space.store[Calls]._values(connection, call)))
        for start in range(0, count, ROWS_AT_ONCE):
            made = []
            for n in range(start, min(count, start + ROWS_AT_ONCE)):
                ident, values = rows[n % len(rows)]
                new = f"{ident}-{n:06}"
                made.append({"id": new, **values, "body": values["body"].replace(f'"id":"{ident}"', f'"id":"{new}"')})
            connection.execute(insert(table), made)
    space.store.close()


def standing_in(folder: Path) -> Any:
    """A workspace whose rater answers by itself after a moment, and keeps nothing."""
    from agent.llm.model import Reply, Request
    from agent.llm.replies import validated
    from agent.llm.roles import Role
    from agent.llm.spending import Usage
    from agent.settings import Settings
    from agent.workspace import Workspace
    from evals.bench.numbered import recorded_replies

    replies = recorded_replies()

    class Answering:
        async def ask(self, request: Request[Any]) -> Reply[Any]:
            await asyncio.sleep(0.02)
            value, text = validated(request, replies[request.subject.rpartition("-")[0]])
            return Reply(value, request.id, text, Usage(), MODEL, "provider", seconds=0.02, asked=request)

    class Space(Workspace):
        @asynccontextmanager
        async def roles(self, *names: str, **given: Any) -> AsyncIterator[dict[str, Role]]:
            yield {name: Role(name, MODEL, Answering()) for name in names}

    return Space(Settings.read(folder, {"CLOSEREAD_MODEL": MODEL}))


async def work(folder: Path, part: int) -> dict[str, Any]:
    """Queue all calls and work on `part` of them."""
    from agent.app.queue.worker import Worker
    from agent.scoring.job import queue_scoring

    space = standing_in(folder)
    began = time.perf_counter()
    job = queue_scoring(space, by="bench")
    assert job is not None
    queued = time.perf_counter() - began
    after_queuing = memory_mb()
    worker = Worker(space, IN_FLIGHT)
    gc.freeze()  # as agent.app.cli.context.run does
    gc.set_threshold(20_000, 20, 50)
    running = asyncio.create_task(worker.run())
    seen: list[tuple[int, float]] = []
    began, cpu = time.perf_counter(), time.process_time()
    while not running.done():
        await asyncio.sleep(0.2)
        done = space.store[Jobs].progress(job.id).done
        if done >= (len(seen) + 1) * part // 10:
            seen.append((done, memory_mb()[0]))
        if done >= part:
            worker.stop()
            break
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    await running
    space.store.close()
    most = memory_mb()[1]
    return {"queued": queued, "after_queuing": after_queuing[1], "seen": seen, "wall": wall, "cpu": cpu, "most": most}


def main() -> int:
    """Print the memory by calls done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--part", type=int, default=10_000)
    parser.add_argument("--peak-mb", type=float, default=400.0)
    parser.add_argument("--growth-mb", type=float, default=20.0)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        print(json.dumps(asyncio.run(work(given.folder, given.part))))
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "w"
        fill(folder, given.calls)
        command = [sys.executable, __file__, "--folder", str(folder), "--part", str(given.part)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{given.calls:,} calls queued in {found['queued']:.1f} s, at most {found['after_queuing']:.0f} MB so far\n")
    print("| calls done | resident, MB |\n|---:|---:|")
    for count, resident in found["seen"]:
        print(f"| {count:,} | {resident:.0f} |")
    finished = found["seen"][-1][0]
    print(f"\nAt most {found['most']:.0f} MB; {finished / found['wall']:.0f} calls/s, ", end="")
    print(f"{1_000 * found['cpu'] / finished:.1f} ms of CPU a call with the queue's own.")
    growth = found["seen"][-1][1] - found["seen"][1][1]
    return 1 if found["most"] > given.peak_mb or growth > given.growth_mb else 0


if __name__ == "__main__":
    sys.exit(main())
