"""Bytes that a scored call takes: in the database, in the cache of replies, on the network; and a million calls a day.

    .venv/bin/python evals/bench/size.py [--calls 200] [--words 7500] [--url postgresql://…]

Scores calls through a worker's own path (request, validation, quotes, ledger, cache, job) against a server on loopback
that answers with the recorded replies of the sample, then reads the size of each table with its indexes. The sample's
calls are short (609 words on average); `--words` lengthens each by repeating its turns, 0 leaves them as they are.
`--url` names an empty PostgreSQL database; without it an SQLite file is made in a temporary folder and deleted.
The second half multiplies: `--day` calls a day, `--cpu-ms` of processor time a call (evals/bench/gateway.py and
tests/durable measure it), `--latency` seconds a request, prices of litellm's table.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from sqlalchemy import Engine, text

from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.app.queue.worker import Worker  # noqa: E402
from agent.llm.model import estimate_tokens  # noqa: E402
from agent.llm.prices import Prices  # noqa: E402
from agent.llm.spending import Usage  # noqa: E402
from agent.rubrics.file import read_rubric  # noqa: E402
from agent.scoring.job import queue_scoring  # noqa: E402
from agent.settings import Settings  # noqa: E402
from agent.workspace import Workspace  # noqa: E402
from evals.bench.numbered import SAMPLE, number_in, numbered_calls, recorded_replies, sample_calls  # noqa: E402
from tests.llm.stub import Stub, says  # noqa: E402

MODELS = "openai/gpt-4.1-mini,openai/gpt-4.1,anthropic/claude-sonnet-4-5"
TABLES = ("transcripts", "calls", "ratings", "ledger", "job_calls")
RETENTION_DAYS = 365


@dataclass(frozen=True)
class Measured:
    """Bytes a scored call, by where they lie; tokens and ratings a call."""

    stored: dict[str, float]
    request: float
    reply: float
    text: float
    input_tokens: float
    output_tokens: float
    ratings: float

    @property
    def database(self) -> float:
        """All tables."""
        return sum(self.stored[name] for name in TABLES)


async def measure(url: str, folder: Path, count: int, words: int) -> Measured:
    """Score `count` calls and read what is there afterwards."""
    calls, replies = sample_calls(), recorded_replies()
    made = numbered_calls(count, words)
    by_number = {n: replies[calls[n % len(calls)].id] for n in range(count)}
    sizes: list[tuple[int, int]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        reply = by_number[number_in(body)]
        sizes.append((len(body), len(reply)))
        return await says(reply)(request)

    async with Stub(answer) as stub:
        environment = {"CLOSEREAD_MODEL": "openai/stub-1", "CLOSEREAD_API_BASE": f"{stub.base}/v1"}
        space = Workspace(Settings(folder, url, environment))
        space.store[Rubrics].add(read_rubric(SAMPLE / "rubric.yaml", "size"))
        for call in made:
            space.store[Calls].add(call)
        job = queue_scoring(space, by="size")
        assert job is not None
        await Worker(space, 16).run(until_idle=True)
        done = space.store[Jobs].progress(job.id)
    assert (done.done, done.failed, len(sizes)) == (count, 0, count), (done, len(sizes))
    stored = {name: size / count for name, size in table_bytes(space.store.engine).items()}
    stored["cache"] = sum(p.stat().st_size for p in (folder / "cache").rglob("*") if p.is_file()) / count
    ratings = len(space.store[Ratings].current()) / count
    space.store.close()
    request, reply = (sum(pair[at] for pair in sizes) / len(sizes) for at in (0, 1))
    said = sum(len(t.text) + len(t.speaker) + 8 for c in made for t in c.transcript.turns) / count
    outside = sum(estimate_tokens(reply) for reply in by_number.values()) / count
    return Measured(stored, request, reply, said, request / 4, outside, ratings)


def table_bytes(engine: Engine) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            query = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relname = ANY(:names)"
            return {name: int(size) for name, size in connection.execute(text(query), {"names": list(TABLES)})}
        query = "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
        return {name: int(size) for name, size in connection.execute(text(query)) if name in TABLES}


def print_measured(found: Measured, engine: str, count: int) -> None:
    """What one call takes."""
    print(f"{engine}, n = {count} calls of {found.text:,.0f} characters, {found.ratings:.1f} ratings each\n")
    print("| bytes a call | |\n|---|---:|")
    for name in (*TABLES, "cache"):
        print(f"| {name} | {found.stored[name]:,.0f} |")
    print(f"| request body | {found.request:,.0f} |\n| reply | {found.reply:,.0f} |")
    print(f"\nA rating with its indexes: {found.stored['ratings'] / found.ratings:,.0f} bytes.")


def print_day(found: Measured, given: argparse.Namespace) -> None:
    """`given.day` such calls a day."""
    a_second = given.day / 86_400
    in_flight = a_second * given.latency
    cores = a_second * given.cpu_ms / 1_000
    gigabytes = found.database * given.day / 1e9
    rows = [
        ("calls a second, evenly over the day", f"{a_second:.1f}"),
        (f"requests in flight at {given.latency:g} s", f"{in_flight:.0f}"),
        (f"cores at {given.cpu_ms:g} ms a call", f"{cores:.2f}"),
        ("ratings a second", f"{a_second * found.ratings:.0f}"),
        ("input tokens a minute", f"{a_second * 60 * found.input_tokens / 1e6:.1f} million"),
        ("output tokens a minute", f"{a_second * 60 * found.output_tokens / 1e6:.2f} million"),
        ("sent to the provider", f"{a_second * found.request * 8 / 1e6:.1f} Mbit/s"),
        ("database a day", f"{gigabytes:.1f} GB"),
        (f"database in {RETENTION_DAYS} days", f"{gigabytes * RETENTION_DAYS / 1e3:.1f} TB"),
        ("of it transcripts", f"{found.stored['transcripts'] / found.database:.0%}"),
        ("cache of replies a day", f"{found.stored['cache'] * given.day / 1e9:.1f} GB"),
    ]
    print(f"\n| {given.day:,} calls a day | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    print_costs(found, given.models.split(","), given.day)


def print_costs(found: Measured, models: Sequence[str], day: int) -> None:
    """Dollars, with tokens estimated as characters / 4 and nothing read from a provider's cache."""
    usage = Usage(input_tokens=round(found.input_tokens), output_tokens=round(found.output_tokens), estimated=True)
    print("\n| model | a call | a day | as a batch |\n|---|---:|---:|---:|")
    for model in models:
        usd = Prices().cost(model, usage)
        if usd is None:
            print(f"| {model} | price not known | | |")
            continue
        print(f"| {model} | ${usd:.4f} | ${usd * day:,.0f} | ${usd * day / 2:,.0f} |")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--words", type=int, default=7500)
    parser.add_argument("--url", default="")
    parser.add_argument("--day", type=int, default=1_000_000)
    parser.add_argument("--cpu-ms", type=float, default=2.0)
    parser.add_argument("--latency", type=float, default=10.0)
    parser.add_argument("--models", default=MODELS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        url = given.url or f"sqlite:///{folder}/closeread.db"
        found = asyncio.run(measure(url, folder, given.calls, given.words))
    print_measured(found, url.partition(":")[0], given.calls)
    print_day(found, given)


if __name__ == "__main__":
    main()
