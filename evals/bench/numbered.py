"""The sample's calls many times over, each with a number of its own, and a server that answers each with its recorded reply.

    .venv/bin/python evals/bench/numbered.py --mean 2 --sigma 0.4

prints the server's address; ended by SIGTERM it prints how many requests came, and for how many calls.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.calls.intake import load_calls  # noqa: E402
from agent.calls.model import Call  # noqa: E402
from agent.core.transcript import Transcript, Turn  # noqa: E402
from agent.llm.recording import read_recordings  # noqa: E402
from tests.llm.stub import Step, Stub, lognormal, says  # noqa: E402

SAMPLE = ROOT / "sample/ledgerline"
RECORDED = ROOT / "evals/recordings/ledgerline/rate_call.jsonl"
CRITERIA = 7
_NUMBER = re.compile(rb"That was call number (\d+)\.")


def sample_calls() -> list[Call]:
    """The calls of the sample that have a recorded reply, in the order of their ids."""
    replies = recorded_replies()
    return [one for one in load_calls(SAMPLE / "calls", SAMPLE / "calls" / "calls.csv").loaded if one.id in replies]


def recorded_replies() -> dict[str, str]:
    """By call: the reply that was recorded with all criteria, first draw, oldest prompt, as JSON."""
    whole = [one for one in read_recordings(RECORDED) if len(one.reply["ratings"]) == CRITERIA and one.draw == 0]
    return {one.subject: json.dumps(one.reply) for one in sorted(whole, key=lambda one: one.prompt, reverse=True)}


def lengthened(call: Call, number: int, words: int) -> Call:
    """The call with its turns repeated up to `words`; its number makes its transcript its own."""
    turns = list(call.transcript.turns)
    said = list(turns)
    count = here = sum(len(turn.text.split()) for turn in turns)
    while count < words:
        said += turns
        count += here
    # Numbered words, so that neither the database nor the cache sees the same transcript twice.
    last = Turn(index=0, speaker=turns[-1].speaker, text=f"That was call number {number}.")
    numbered = tuple(turn.model_copy(update={"index": at}) for at, turn in enumerate([*said, last]))
    transcript = Transcript(turns=numbered, roles=call.transcript.roles)
    return call.model_copy(update={"id": f"{call.id}-{number:06}", "transcript": transcript})


def numbered_calls(count: int, words: int = 0) -> list[Call]:
    """`count` calls, the sample's in turn."""
    calls = sample_calls()
    return [lengthened(calls[n % len(calls)], n, words) for n in range(count)]


def number_in(body: bytes) -> int:
    """The number of the call in a request's body."""
    found = _NUMBER.search(body)
    assert found is not None
    return int(found[1])


def answering(latency: Callable[[], float], seen: Counter[int] | None = None) -> Step:
    """Each numbered call's recorded reply, after a while; `seen` counts requests by call."""
    replies = recorded_replies()
    ready = [says(replies[call.id]) for call in sample_calls()]

    async def step(request: web.Request) -> web.StreamResponse:
        number = number_in(await request.read())
        if seen is not None:
            seen[number] += 1
        await asyncio.sleep(latency())
        return await ready[number % len(ready)](request)

    return step


async def _serve(latency: Callable[[], float]) -> None:
    seen: Counter[int] = Counter()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with Stub(answering(latency, seen)) as stub:
        print(stub.base, flush=True)
        await ended.wait()
    print(json.dumps({"requests": sum(seen.values()), "calls": len(seen)}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mean", type=float, default=2.0)
    parser.add_argument("--sigma", type=float, default=0.4)
    given = parser.parse_args()
    asyncio.run(_serve(lognormal(given.mean, given.sigma, 7)))
