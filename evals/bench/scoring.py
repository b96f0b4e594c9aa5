"""What one scored call costs on the whole path, and how close many in flight come to the ideal time.

    .venv/bin/python evals/bench/scoring.py [--in-flight 256 --calls 1024]

The whole path: the prompt rendered, the request made, sent and answered, the reply validated, its quotes located, the
reply kept in the cache, the ledger and the ratings in SQLite; through agent.scoring.verbs, as `closeread score run`
does it. The program runs in a process of its own, against a server (evals/bench/numbered.py, also a process of its own)
that answers each call with the reply recorded for it, after a latency drawn log-normally (mean 2 s, sigma 0.4).

- CPU: of the program's process, user and system, per scored call, warm-up left out.
- peak MB: resident memory of that process, with what it imports.
- efficiency: ideal time / wall time, ideal being what that many slots need for these latencies and nothing else.

Exits with 1 where a bound is passed: CPU `--cpu-ms`, peak `--peak-mb`, efficiency `--least`. The figures that
were reached stand in docs/operations/benchmarks.md.
What the request alone costs, here and with other libraries: evals/bench/gateway.py.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agent.calls.store import Calls
from agent.rubrics.store import Rubrics

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

WARM_UP = 8


def peak_mb() -> float:
    """The most that this process had resident, MB. Not `ru_maxrss`: a new program inherits its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def score(folder: Path, base: str, in_flight: int, profile: str) -> dict[str, float]:
    """Score what is in the workspace `folder`; what it took. The first calls are the warm-up."""
    from agent.scoring.running import Scoring
    from agent.settings import Settings
    from agent.workspace import Workspace

    space = Workspace(Settings.read(folder, {"CLOSEREAD_MODEL": "openai/stub-1", "CLOSEREAD_API_BASE": base}))
    scoring = Scoring(space, space.store[Rubrics].get(""), space.prompt("rate_call"), 0)
    calls = scoring.missing((), False)
    gc.freeze()  # as agent.app.cli.context.run does
    gc.set_threshold(20_000, 5, 50)
    before = peak_mb()
    await scoring.run(calls[:WARM_UP], WARM_UP, None)
    profiler = _profiler() if profile else None
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = await scoring.run(calls[WARM_UP:], in_flight, None)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if profiler is not None:
        profiler.disable()
        profiler.dump_stats(profile)
    done = len(calls) - WARM_UP
    assert (outcome.calls, len(outcome.unanswered)) == (done, 0), outcome
    resident = peak_mb()
    failed = outcome.statuses["failed"]
    return {"cpu_ms": cpu / done * 1e3, "wall": wall, "resident_mb": resident, "before_mb": before, "failed": failed}


def _profiler():  # type: ignore[no-untyped-def]
    import cProfile

    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    return profiler


def prepare(folder: Path, count: int, words: int) -> None:
    """A workspace with the sample's rubric and numbered calls."""
    from agent.rubrics.file import read_rubric
    from agent.settings import Settings
    from agent.workspace import Workspace
    from evals.bench.numbered import SAMPLE, numbered_calls

    space = Workspace(Settings.read(folder, {}))
    space.store[Rubrics].add(read_rubric(SAMPLE / "rubric.yaml", "bench"))
    for call in numbered_calls(count, words):
        space.store[Calls].add(call)
    space.store.close()


def measure(given: argparse.Namespace) -> dict[str, float]:
    """Workspace, server and program, the last two in processes of their own."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "workspace"
        prepare(folder, given.calls + WARM_UP, given.words)
        command = [sys.executable, str(ROOT / "evals/bench/numbered.py"), "--mean", str(given.mean)]
        server = subprocess.Popen([*command, "--sigma", str(given.sigma)], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            base = server.stdout.readline().strip() + "/v1"
            program = [sys.executable, __file__, "--folder", str(folder), "--base", base]
            program += ["--in-flight", str(given.in_flight), "--profile", given.profile]
            done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True, env=_plain())
        finally:
            server.terminate()
            said, _ = server.communicate()
    asked: dict[str, float] = json.loads(said)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**figures, **asked}


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CLOSEREAD_")}


def report(given: argparse.Namespace, found: dict[str, float]) -> int:
    """The table's row; 1 where a bound is passed."""
    from evals.bench.gateway import ideal
    from tests.llm.stub import lognormal

    draw = lognormal(given.mean, given.sigma, 7)
    latencies = [draw() for _ in range(WARM_UP + given.calls)][WARM_UP:]
    efficiency = ideal(latencies, given.in_flight) / found["wall"]
    load = os.getloadavg()[0]
    print(
        f"{given.calls} calls, {given.in_flight} in flight, latency {given.mean} s, sigma {given.sigma}; load {load:.1f}"
    )
    print(f"requests {found['requests']:.0f}, for {found['calls']:.0f} calls; failed ratings {found['failed']:.0f}\n")
    print("| CPU a call, ms | efficiency | peak MB | of it before the first request |\n| --- | --- | --- | --- |")
    row = [f"{found['cpu_ms']:.2f}", f"{efficiency:.3f}", f"{found['resident_mb']:.0f}", f"{found['before_mb']:.0f}"]
    print(f"| {' | '.join(row)} |")
    bounds = {
        "CPU a call": found["cpu_ms"] <= given.cpu_ms,
        "peak memory": found["resident_mb"] <= given.peak_mb,
        "efficiency": efficiency >= given.least,
    }
    missed = [name for name, held in bounds.items() if not held]
    if missed:
        print(f"\nmissed: {', '.join(missed)}")
    return 1 if missed else 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=512)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--words", type=int, default=0, help="lengthen each call to so many words")
    parser.add_argument("--mean", type=float, default=2.0)
    parser.add_argument("--sigma", type=float, default=0.4)
    parser.add_argument("--cpu-ms", type=float, default=6.0)
    parser.add_argument("--peak-mb", type=float, default=150.0)
    parser.add_argument("--least", type=float, default=0.0, help="efficiency")
    parser.add_argument("--profile", default="", help="file for cProfile's figures")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        print(json.dumps(asyncio.run(score(given.folder, given.base, given.in_flight, given.profile))))
        return 0
    return report(given, measure(given))


if __name__ == "__main__":
    sys.exit(main())
