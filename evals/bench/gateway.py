"""What one structured request costs in CPU, and how close 64 of them in flight come to the ideal time.

    .venv/bin/python evals/bench/gateway.py

Each peer runs in a process of its own against the same local server (tests/llm/stub.py, also a process of its own),
whose latencies are drawn log-normally (mean 2 s, sigma 0.4), the same ones in the same order for each peer. Every
request carries another transcript of the sample and the reply schema; every reply is validated into the reply model.

- CPU: of the client's process, user and system, per request, warm-up left out.
- peak MB: resident memory of the client's process, with what it imports.
- efficiency: ideal time / wall time, ideal being what 64 slots need for these latencies and nothing else.

Figures hold for the machine of the run; compare the ratios to `aiohttp` (bare aiohttp and pydantic), run beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

CALLS = ROOT / "sample" / "ledgerline" / "calls"
WARM_UP = 8
CRITERIA = 7


class CriterionRating(BaseModel):
    """One criterion's rating as a model gives it."""

    model_config = ConfigDict(extra="forbid")
    criterion: str
    quotes: list[str]
    reason: str
    level: int


class CallRatings(BaseModel):
    """All criteria of one call."""

    model_config = ConfigDict(extra="forbid")
    ratings: list[CriterionRating]


REPLY = json.dumps(
    {
        "ratings": [
            {
                "criterion": f"cr-{n}",
                "quotes": ["So what happens at the end of the quarter when that is late?"],
                "reason": "The rep asks what follows from the problem and waits for the answer.",
                "level": 1,
            }
            for n in range(CRITERIA)
        ]
    }
)
Ask = Callable[[str, str], Awaitable[CallRatings]]


def chat(text: str) -> list[dict[str, str]]:
    """The messages of one request."""
    return [{"role": "system", "content": "Rate the call by the criteria."}, {"role": "user", "content": text}]


def schema_format() -> dict[str, Any]:
    """The `response_format`, built once by whoever builds it once."""
    schema = CallRatings.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": "CallRatings", "schema": schema, "strict": True}}


@asynccontextmanager
async def closeread(base: str) -> AsyncIterator[Ask]:
    """This program's gateway."""
    from agent.llm.gateway import Gateway
    from agent.llm.model import Message, Request
    from agent.llm.wire import Endpoint

    async with Gateway(Endpoint(api_base=base, api_key="test")) as gateway:

        async def ask(text: str, subject: str) -> CallRatings:
            messages = tuple(Message.model_validate(m) for m in chat(text))
            return (await gateway.ask(Request(messages, CallRatings, "openai/stub-1", subject=subject))).value

        yield ask


@asynccontextmanager
async def bare_aiohttp(base: str) -> AsyncIterator[Ask]:
    """The floor: a pooled session, the schema built once, pydantic."""
    import aiohttp

    reply_format = schema_format()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(text: str, subject: str) -> CallRatings:
            body = {"model": "stub-1", "messages": chat(text), "response_format": reply_format}
            async with session.post(f"{base}/chat/completions", json=body) as response:
                content = json.loads(await response.read())["choices"][0]["message"]["content"]
            return CallRatings.model_validate_json(content)

        yield ask


def openai_client(base: str) -> Any:
    """openai's client over aiohttp, as the gateway uses it."""
    import openai

    return openai.AsyncOpenAI(
        api_key="test", base_url=base, max_retries=0, http_client=openai.DefaultAioHttpClient(timeout=60)
    )


@asynccontextmanager
async def openai_create(base: str) -> AsyncIterator[Ask]:
    """openai's `.create` with a schema built once."""
    reply_format: Any = schema_format()
    async with openai_client(base) as client:

        async def ask(text: str, subject: str) -> CallRatings:
            reply = await client.chat.completions.create(
                model="stub-1", messages=chat(text), response_format=reply_format
            )
            return CallRatings.model_validate_json(reply.choices[0].message.content)

        yield ask


@asynccontextmanager
async def instructor_openai(base: str) -> AsyncIterator[Ask]:
    """instructor over openai."""
    import instructor

    async with openai_client(base) as client:
        wrapped = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA)

        async def ask(text: str, subject: str) -> CallRatings:
            return await wrapped.chat.completions.create(
                model="stub-1", messages=chat(text), response_model=CallRatings, max_retries=0
            )

        yield ask


@asynccontextmanager
async def bare_litellm(base: str) -> AsyncIterator[Ask]:
    """litellm with a schema built once."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    reply_format = schema_format()

    async def ask(text: str, subject: str) -> CallRatings:
        reply = await litellm.acompletion(
            model="hosted_vllm/stub-1", api_base=base, api_key="test", messages=chat(text), response_format=reply_format
        )
        return CallRatings.model_validate_json(reply.choices[0].message.content)

    yield ask
    await litellm.close_litellm_async_clients()


@asynccontextmanager
async def closeread_litellm(base: str) -> AsyncIterator[Ask]:
    """This program's gateway on its litellm path."""
    from agent.llm.gateway import Gateway
    from agent.llm.model import Message, Request
    from agent.llm.wire import Endpoint

    os.environ["HOSTED_VLLM_API_BASE"] = base
    async with Gateway(Endpoint(api_key="test")) as gateway:

        async def ask(text: str, subject: str) -> CallRatings:
            messages = tuple(Message.model_validate(m) for m in chat(text))
            return (await gateway.ask(Request(messages, CallRatings, "hosted_vllm/stub-1", subject=subject))).value

        yield ask


@asynccontextmanager
async def instructor_litellm(base: str) -> AsyncIterator[Ask]:
    """instructor over litellm."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import instructor
    import litellm

    wrapped = instructor.from_litellm(litellm.acompletion, mode=instructor.Mode.JSON_SCHEMA)

    async def ask(text: str, subject: str) -> CallRatings:
        return await wrapped.chat.completions.create(
            model="hosted_vllm/stub-1",
            api_base=base,
            api_key="test",
            messages=chat(text),
            response_model=CallRatings,
            max_retries=0,
        )

    yield ask
    await litellm.close_litellm_async_clients()


@asynccontextmanager
async def langextract(base: str) -> AsyncIterator[Ask]:
    """langextract over openai: its own prompt with one example, its parsing, quotes located by its aligner.

    It has no schema for the reply and no asyncio: each request takes a thread. The quote of the reply is put into the
    text, as looking for one that is not there would take its aligner many times longer.
    """
    import langextract as lx
    from langextract.providers.openai import OpenAILanguageModel

    quote = json.loads(REPLY)["ratings"][0]["quotes"][0]
    attributes = {"reason": "The rep asks what follows.", "level": "1"}
    found = lx.data.Extraction(extraction_class="cr-0", extraction_text=quote, attributes=attributes)
    example = lx.data.ExampleData(text=quote, extractions=[found])

    model = OpenAILanguageModel("stub-1", api_key="test", base_url=base)

    def extract(text: str) -> CallRatings:
        done: Any = lx.extract(
            text_or_documents=f"{text}\n{quote}",
            prompt_description="Rate the call by the criteria.",
            examples=[example],
            model=model,
            max_char_buffer=1_000_000,
            show_progress=False,
            use_schema_constraints=False,
        )
        assert all(one.char_interval is not None for one in done.extractions)
        return CallRatings(
            ratings=[
                CriterionRating(
                    criterion=one.extraction_class,
                    quotes=[one.extraction_text],
                    reason=one.attributes["reason"],
                    level=int(one.attributes["level"]),
                )
                for one in done.extractions
            ]
        )

    with ThreadPoolExecutor(512) as threads:

        async def ask(text: str, subject: str) -> CallRatings:
            return await asyncio.get_running_loop().run_in_executor(threads, extract, text)

        yield ask


def langextract_reply() -> str:
    """REPLY as langextract asks for it."""
    rows = json.loads(REPLY)["ratings"]
    found = [
        {row["criterion"]: row["quotes"][0], f"{row['criterion']}_attributes": {"reason": row["reason"], "level": "1"}}
        for row in rows
    ]
    return json.dumps({"extractions": found})


PEERS = {
    "aiohttp": bare_aiohttp,
    "closeread": closeread,
    "openai-create": openai_create,
    "instructor-openai": instructor_openai,
    "closeread-litellm": closeread_litellm,
    "litellm": bare_litellm,
    "instructor-litellm": instructor_litellm,
    "langextract": langextract,
}


DEFAULT = ",".join(peer for peer in PEERS if peer != "litellm")


async def measure(peer: str, base: str, requests: int, in_flight: int) -> dict[str, float]:
    """CPU milliseconds a request, wall seconds and peak resident MB (Linux counts ru_maxrss in KB) of one peer."""
    texts = [path.read_text() for path in sorted(CALLS.glob("*.txt"))]
    async with PEERS[peer](base) as ask:
        # One after the other's latency would take long; together they also open the pool.
        await asyncio.gather(*(ask(texts[n % len(texts)], f"warm-{n}") for n in range(WARM_UP)))
        numbers = iter(range(requests))

        async def slot() -> None:
            for n in numbers:
                found = await ask(f"{texts[n % len(texts)]}\n{n}", f"call-{n}")
                assert len(found.ratings) == CRITERIA

        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(slot() for _ in range(in_flight)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_ms": cpu / requests * 1e3, "wall": wall, "resident_mb": resident}


def ideal(latencies: list[float], in_flight: int) -> float:
    """Seconds that `in_flight` slots need for `latencies`, taken in order by whichever slot is free first."""
    slots = [0.0] * in_flight
    for latency in latencies:
        heapq.heappush(slots, heapq.heappop(slots) + latency)
    return max(slots)


def run_peer(peer: str, given: argparse.Namespace) -> dict[str, float]:
    """One peer against a fresh server, both in processes of their own."""
    stub = [sys.executable, str(ROOT / "tests/llm/stub.py"), "--mean", str(given.mean), "--sigma", str(given.sigma)]
    reply = langextract_reply() if peer == "langextract" else REPLY
    server = subprocess.Popen([*stub, "--reply", reply], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        base = server.stdout.readline().strip() + "/v1"
        command = [sys.executable, __file__, "--peer", peer, "--base", base]
        command += ["--requests", str(given.requests), "--in-flight", str(given.in_flight)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()
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
    for peer in given.peers.split(","):
        figures = run_peer(peer, given)
        floor = floor or figures["cpu_ms"]
        ratio = figures["cpu_ms"] / floor
        efficiency = best / figures["wall"]
        row = [peer, f"{figures['cpu_ms']:.2f}", f"{ratio:.1f}", f"{efficiency:.3f}", f"{figures['resident_mb']:.0f}"]
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=192)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--mean", type=float, default=2.0)
    parser.add_argument("--sigma", type=float, default=0.4)
    parser.add_argument("--peers", default=DEFAULT, help=f"of {', '.join(PEERS)}; the first is the floor")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        print(json.dumps(asyncio.run(measure(given.peer, given.base, given.requests, given.in_flight))))
    else:
        compare(given)


if __name__ == "__main__":
    main()
