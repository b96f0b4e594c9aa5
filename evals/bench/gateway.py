"""What one structured request costs in CPU, and how close 64 of them in flight come to the ideal time.

    .venv/bin/python evals/bench/gateway.py

Each peer (evals/bench/peers/) runs in a process of its own against the same local server (tests/llm/stub.py, another
process), whose latencies are drawn log-normally (mean 2 s, sigma 0.4), the same ones in the same order for each peer.
Every request carries another transcript of the sample and the reply schema; every reply is validated into the reply
model.

- CPU: of the client's process, user and system, per request, warm-up left out.
- peak MB: resident memory of the client's process, with what it imports.
- efficiency: ideal time / wall time, ideal being what 64 slots need for these latencies and nothing else.

Figures hold for the machine of the run; compare the ratios to `aiohttp` (bare aiohttp and pydantic), run beside them.
docetl and inspect_ai would set back other packages of this program: uv makes each an environment of its own, the first
time from the package index.
"""

from __future__ import annotations

import argparse
import heapq
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from evals.bench.peers.asked import REPLY, ROOT, WARM_UP, langextract_reply

BESIDE = (
    "aiohttp",
    "closeread",
    "openai-create",
    "instructor-openai",
    "closeread-litellm",
    "litellm",
    "instructor-litellm",
    "langextract",
)
APART = {"docetl": "docetl_map.py", "inspect_ai": "inspect_generate.py"}
DEFAULT = [*BESIDE[:-1], *APART, BESIDE[-1]]  # the slowest last


def ideal(latencies: list[float], in_flight: int) -> float:
    """Seconds that `in_flight` slots need for `latencies`, taken in order by whichever slot is free first."""
    slots = [0.0] * in_flight
    for latency in latencies:
        heapq.heappush(slots, heapq.heappop(slots) + latency)
    return max(slots)


@contextmanager
def serving(reply: str, mean: float, sigma: float) -> Iterator[str]:
    """A fresh server; the address of its interface."""
    stub = [sys.executable, str(ROOT / "tests/llm/stub.py"), "--mean", str(mean), "--sigma", str(sigma)]
    server = subprocess.Popen([*stub, "--reply", reply], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip() + "/v1"
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def command(peer: str) -> list[str]:
    """What runs a peer."""
    peers = ROOT / "evals/bench/peers"
    if peer not in APART:
        return [sys.executable, str(peers / "beside.py"), peer]
    uv = str(Path(sys.executable).with_name("uv"))  # the Makefile puts it there
    return [uv, "run", "--quiet", "--no-project", "--python", sys.executable, "--script", str(peers / APART[peer])]


def run_peer(peer: str, given: argparse.Namespace) -> dict[str, float]:
    """The figures of one peer."""
    reply = langextract_reply() if peer == "langextract" else REPLY
    with serving(reply, given.mean, given.sigma) as base:
        told = [*command(peer), base, str(given.requests), str(given.in_flight)]
        done = subprocess.run(told, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(given: argparse.Namespace) -> None:
    """The table."""
    from tests.llm.stub import lognormal

    draw = lognormal(given.mean, given.sigma, 7)
    latencies = [draw() for _ in range(WARM_UP + given.requests)][WARM_UP:]
    best = ideal(latencies, given.in_flight)
    print(f"{given.requests} requests, {given.in_flight} in flight, latency {given.mean} s, sigma {given.sigma}")
    print("\n| peer | CPU a request, ms | x floor | efficiency | peak MB |\n| --- | --- | --- | --- | --- |")
    floor = 0.0
    for peer in given.peers:
        figures = run_peer(peer, given)
        floor = floor or figures["cpu_ms"]
        ratio = figures["cpu_ms"] / floor
        efficiency = best / figures["wall"]
        row = [peer, f"{figures['cpu_ms']:.2f}", f"{ratio:.1f}", f"{efficiency:.3f}", f"{figures['resident_mb']:.0f}"]
        print(f"| {' | '.join(row)} |", flush=True)


def peers(text: str) -> list[str]:
    """Names with commas between them. ArgumentTypeError where one is not there."""
    names = text.split(",")
    if unknown := [name for name in names if name not in (*BESIDE, *APART)]:
        raise argparse.ArgumentTypeError(f"there is no peer {unknown[0]!r}")
    return names


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=192)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--mean", type=float, default=2.0)
    parser.add_argument("--sigma", type=float, default=0.4)
    there = ", ".join((*BESIDE, *APART))
    parser.add_argument("--peers", type=peers, default=DEFAULT, help=f"of {there}; the first is the floor")
    compare(parser.parse_args())


if __name__ == "__main__":
    main()
