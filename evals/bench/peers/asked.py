"""What each peer of evals/bench/gateway.py is asked, and how it is measured. Needs nothing but pydantic."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).resolve().parents[3]
SYSTEM = "Rate the call by the criteria."
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
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]


def schema_format() -> dict[str, Any]:
    """The `response_format`, built once by whoever builds it once."""
    schema = CallRatings.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": "CallRatings", "schema": schema, "strict": True}}


def langextract_reply() -> str:
    """REPLY as langextract asks for it."""
    rows = json.loads(REPLY)["ratings"]
    found = [
        {row["criterion"]: row["quotes"][0], f"{row['criterion']}_attributes": {"reason": row["reason"], "level": "1"}}
        for row in rows
    ]
    return json.dumps({"extractions": found})


def texts(requests: int) -> tuple[list[str], list[str]]:
    """What is asked before the measuring, and what is measured: transcripts of the sample, no two the same."""
    calls = [path.read_text() for path in sorted((ROOT / "sample/ledgerline/calls").glob("*.txt"))]
    return [calls[n % len(calls)] for n in range(WARM_UP)], [f"{calls[n % len(calls)]}\n{n}" for n in range(requests)]


def check(found: CallRatings) -> None:
    """Whatever is fast must also be whole."""
    if len(found.ratings) != CRITERIA:
        raise ValueError(f"{len(found.ratings)} ratings came back of {CRITERIA}")


class Lap:
    """Processor and wall seconds between `with` and its end."""

    def __enter__(self) -> Lap:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._cpu, self._wall = time.process_time() - self._cpu, time.perf_counter() - self._wall

    def figures(self, requests: int) -> dict[str, float]:
        """CPU milliseconds a request, wall seconds and peak resident MB (Linux counts ru_maxrss in KB)."""
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"cpu_ms": self._cpu / requests * 1e3, "wall": self._wall, "resident_mb": resident}


async def measure(ask: Ask, requests: int, in_flight: int) -> dict[str, float]:
    """The figures of one peer that is asked in an event loop, `in_flight` at a time."""
    warm_up, asked = texts(requests)
    # One after the other's latency would take long; together they also open the pool.
    await asyncio.gather(*(ask(text, f"warm-{n}") for n, text in enumerate(warm_up)))
    waiting = iter(enumerate(asked))

    async def slot() -> None:
        for n, text in waiting:
            check(await ask(text, f"call-{n}"))

    with Lap() as lap:
        await asyncio.gather(*(slot() for _ in range(in_flight)))
    return lap.figures(requests)
