"""A stub that keeps books, workers as real processes, and what must hold at the end whatever was killed meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from agent.app.queue.store import Jobs
from agent.ratings.store import Ratings
from agent.scoring.job import queue_scoring
from agent.settings import Settings
from agent.workspace import Workspace
from tests.jobs.made import GOOD, fill
from tests.llm.stub import Step, Stub, says

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class _Postgres:
    url: str = os.environ.get("CLOSEREAD_TEST_POSTGRES", "")
    required: bool = bool(os.environ.get("CI"))


POSTGRES = _Postgres()


def on_server(*statements: str) -> None:
    """Run `statements`, each outside a transaction."""
    from sqlalchemy import create_engine, text

    from agent.db.database import database_url

    engine = create_engine(database_url(POSTGRES.url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def drop_database(name: str) -> None:
    """Delete a database with whoever is still connected to it.

    FORCE is refused while a worker of autovacuum is in it, which runs as another role and is soon done.
    """
    from sqlalchemy.exc import ProgrammingError

    for left in range(30, -1, -1):
        try:
            return on_server(f"DROP DATABASE {name} WITH (FORCE)")
        except ProgrammingError as error:
            if not left or "pg_signal_backend" not in str(error):
                raise
        time.sleep(0.5)


@dataclass
class Seen:
    """One request at the stub: whose it is, when it came, and when its answer was sent (None: never)."""

    body: str
    asker: str
    came: float
    left: float | None = None


@dataclass
class Books:
    """A step for the stub that answers after a while, when `gate` opens, and writes down what came.

    `faults` of the answers, drawn by `seed`, are bad ones.
    """

    latency: float
    seed: int = 7
    draw: Callable[[], float] | None = None  # seconds of each answer; by default evenly around `latency`
    faults: float = 0.0
    bad: tuple[Step, ...] = ()
    gate: Callable[[int], bool] = lambda answered: True
    seen: list[Seen] = field(default_factory=list)
    answered: int = 0
    kills: list[float] = field(default_factory=list)
    killed: dict[str, float] = field(default_factory=dict)  # when each worker that was killed was, by its key

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._good = says(GOOD)

    async def step(self, request: web.Request) -> web.StreamResponse:
        body = hashlib.sha256(await request.read()).hexdigest()
        one = Seen(body, request.headers.get("Authorization", ""), time.monotonic())
        self.seen.append(one)
        await asyncio.sleep(self.draw() if self.draw else self._random.uniform(0.5, 1.5) * self.latency)
        while not self.gate(self.answered):
            await asyncio.sleep(0.02)
        bad = self._random.random() < self.faults
        if not bad:
            self.answered += 1
            one.left = time.monotonic()
        return await (self._random.choice(self.bad) if bad else self._good)(request)

    def repeated_without_a_kill(self) -> list[str]:
        """Requests that came again although the worker that had sent them was not killed while they were in flight.

        An answer counts as in flight for two seconds more than the stub saw it: it is still to be read and stored, by a
        process that shares two cores with the others.
        """
        first: dict[str, Seen] = {}
        found = []
        for one in self.seen:
            before = first.get(one.body)
            if before is not None and not self._was_killed(before):
                found.append(one.body)
            first[one.body] = one
        return found

    def _was_killed(self, one: Seen) -> bool:
        # What a killed worker had sent may be read here only after it is dead, so when it came says nothing.
        until = float("inf") if one.left is None else one.left + 2.0
        return self.killed.get(one.asker, float("inf")) <= until


@dataclass
class Team:
    """A workspace, its stub, and workers on it."""

    folder: Path
    database: str
    stub: Stub
    books: Books
    rules: str = "first_wait_seconds: 0.2\n"
    before: str = ""  # Python that a worker runs first
    logs: Path | None = None  # where the workers' words go; by default the workspace
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        (self.folder / "config" / "jobs.yaml").write_text(self.rules)
        self.environment = {
            "CLOSEREAD_DATABASE_URL": self.database,
            "CLOSEREAD_MODEL": "openai/stub-1",
            "CLOSEREAD_API_BASE": f"{self.stub.base}/v1",
        }
        self.space = Workspace(Settings(self.folder, self.database, self.environment))

    @property
    def _logs(self) -> Path:
        return self.logs or self.folder

    def start_job(self, calls: int) -> str:
        fill(self.space, calls)
        job = queue_scoring(self.space, by="Ann")
        assert job is not None
        return job.id

    async def start_worker(
        self, concurrency: int = 8, *options: str, folder: Path | None = None
    ) -> asyncio.subprocess.Process:
        """One more worker process; its words go to a file in the workspace."""
        command = [sys.executable, "-c", f"{self.before}\nfrom agent.main import main; main()"]
        told = ["--workspace", str(folder or self.folder), "worker", "--concurrency", str(concurrency), *options]
        key = f"worker-{len(self.workers)}"
        with (self._logs / f"{key}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                *told,
                cwd=ROOT,
                env={**_plain(), **self.environment, "CLOSEREAD_API_KEY": key},
                stderr=log,
                stdout=log,
            )
        self.workers.append(process)
        return process

    async def kill(self, worker: asyncio.subprocess.Process) -> None:
        worker.kill()
        self.books.kills.append(time.monotonic())
        self.books.killed[f"Bearer worker-{self.workers.index(worker)}"] = self.books.kills[-1]
        await worker.wait()

    async def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait for `done`. Fails with the workers' last words."""
        give_up = time.monotonic() + seconds
        while not done():
            assert any(worker.returncode is None for worker in self.workers), self.last_words()
            assert time.monotonic() < give_up, self.last_words()
            await asyncio.sleep(0.1)

    def state(self, job: str) -> str:
        return self.space.store[Jobs].get(job).state

    def last_words(self) -> str:
        logs = sorted(self._logs.glob("worker-*.log"))
        jobs = [f"{j} {self.space.store[Jobs].progress(j.id)}" for j in self.space.store[Jobs].list()]
        return "\n".join([*jobs, *(f"{log.name}: {log.read_text()[-1500:]}" for log in logs[-3:])])

    def check(self, job: str, calls: int) -> None:
        """Every call is scored, none twice."""
        found = self.space.store[Jobs].progress(job)
        assert (found.done, found.failed, found.waiting) == (calls, 0, 0), self.last_words()
        assert self.state(job) == "done"
        by_call = Counter(rating.call for rating in self.space.store[Ratings].current())
        assert len(by_call) == calls
        assert set(by_call.values()) == {1}

    async def close(self) -> None:
        for worker in self.workers:
            if worker.returncode is None:
                worker.send_signal(signal.SIGKILL)
                await worker.wait()
        self.space.store.close()


def _plain() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("CLOSEREAD_")}


async def with_team(
    folder: Path, database: str, books: Books, work: Callable[[Team], Awaitable[Any]], **given: Any
) -> None:
    """Run `work` on a team, and end its processes whatever happens."""
    async with Stub(books.step) as stub:
        team = Team(folder, database, stub, books, **given)
        try:
            await work(team)
        finally:
            await team.close()
