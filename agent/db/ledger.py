"""The ledger in the database: what every request cost."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, Connection, Engine, case, func, select

from agent.core.base import Frozen
from agent.core.errors import DiskFull
from agent.core.observing import tell, watched
from agent.core.people import Scope
from agent.db.bulk import insert_rows
from agent.db.database import read, transact
from agent.db.schema import ledger
from agent.db.scoping import check_rate, check_team
from agent.llm.spending import Entry


class Spent(Frozen):
    """The totals of one model and prompt. `usd` adds up requests with a known price; `unpriced` counts the others."""

    model_config = ConfigDict(strict=False)  # PostgreSQL's sums are decimals

    model: str
    prompt: str
    requests: int
    reused: int = Field(description="Answered from the cache or a recording: they cost nothing.")
    failed: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    estimated: bool = Field(description="Whether any of the token counts is an estimate.")
    usd: float
    unpriced: int = Field(description="Requests whose price is not known; they are not in `usd`.")
    seconds: float | None


@dataclass(frozen=True)
class Booked:
    """What was paid for one model, rubric and job (their ids; empty if none) since some time. `unpriced` counts
    requests that were sent but have no known price."""

    model: str
    rubric: str
    job: str
    requests: int
    input_tokens: int
    output_tokens: int
    usd: float
    unpriced: int


class SqlLedger:
    """Appends entries to the workspace's database, and adds them up."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope
        self._job = self._rubric = ""

    def within(self, job: str, rubric: str) -> "SqlLedger":
        """The same ledger, whose new entries belong to a job and a rubric (empty if none)."""
        ledger = SqlLedger(self._engine, self._scope)
        ledger._job, ledger._rubric = job, rubric
        return ledger

    def record(self, entry: Entry) -> None:
        """Append `entry`. Forbidden for people who may not make model requests."""
        row = self._row(entry)
        # If the server went away during the commit, an entry may be booked twice: better than lost.
        transact(self._engine, lambda connection: insert_rows(connection, ledger, [row]))
        _tell(entry)

    def adding(self, entries: Sequence[Entry]) -> Callable[[Connection], object]:
        """A function that appends `entries` inside another transaction. Forbidden for people who may not make model
        requests."""
        rows = [self._row(entry) for entry in entries]
        for entry in entries:
            _tell(entry)
        return lambda connection: insert_rows(connection, ledger, rows)

    def waiting(self) -> "WaitingEntries":
        """The same ledger for a run that stores its entries in the transactions of its ratings."""
        return WaitingEntries(self._engine, self._row)

    def _row(self, entry: Entry) -> dict[str, object]:
        check_rate(self._scope, "have a model asked")
        usage = entry.usage
        return {
            "request": entry.request,
            "role": entry.role,
            "prompt": entry.prompt,
            "subject": entry.subject,
            "model": entry.model,
            "source": entry.source,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cached_tokens": usage.cached_tokens,
            "estimated": int(usage.estimated),
            "usd": entry.usd,
            "seconds": entry.seconds,
            "attempts": entry.attempts,
            "failure": entry.failure,
            "at": entry.at.isoformat(),
            "job": self._job,
            "rubric": self._rubric,
        }

    def totals(self) -> list[Spent]:
        """What was spent, by model and prompt version. `seconds` is the mean latency of what a provider answered.

        Forbidden for a rep.
        """
        check_team(self._scope, "what was spent")
        paid = ledger.c.source.in_(("provider", "batch"))

        def tokens(name: str) -> ColumnElement[int]:
            return func.coalesce(func.sum(case((paid, ledger.c[name]), else_=0)), 0)

        query = (
            select(
                ledger.c.model,
                ledger.c.prompt,
                func.count().label("requests"),
                func.sum(case((paid, 0), else_=1)).label("reused"),
                func.sum(case((ledger.c.failure != "", 1), else_=0)).label("failed"),
                *(tokens(name).label(name) for name in ("input_tokens", "output_tokens", "cached_tokens")),
                func.max(case((paid, ledger.c.estimated), else_=0)).label("estimated"),
                func.coalesce(func.sum(ledger.c.usd), 0.0).label("usd"),
                func.sum(case((ledger.c.usd.is_(None), 1), else_=0)).label("unpriced"),
                func.avg(case((paid, ledger.c.seconds))).label("seconds"),
            )
            .group_by(ledger.c.model, ledger.c.prompt)
            .order_by(ledger.c.model, ledger.c.prompt)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Spent(**{**row, "estimated": bool(row["estimated"])}) for row in rows]

    def booked(self, since: str = "") -> list[Booked]:
        """What was sent to providers since that ISO time (UTC), by model, rubric and job. Forbidden for a rep."""
        check_team(self._scope, "what was spent")
        c = ledger.c
        query = (
            select(
                c.model,
                c.rubric,
                c.job,
                func.count().label("requests"),
                func.sum(c.input_tokens).label("input_tokens"),
                func.sum(c.output_tokens).label("output_tokens"),
                func.coalesce(func.sum(c.usd), 0.0).label("usd"),
                func.sum(case((c.usd.is_(None), 1), else_=0)).label("unpriced"),
            )
            .where(c.at >= since, c.source.in_(("provider", "batch")))
            .group_by(c.model, c.rubric, c.job)
        )
        rows = read(self._engine, lambda connection: connection.execute(query).mappings().all())
        return [Booked(**row) for row in rows]

    def spent_usd(self, since: str = "", job: str = "") -> float:
        """US dollars paid since that ISO time (UTC), by `job` or in all, as far as prices are known.

        Forbidden for a rep.
        """
        check_team(self._scope, "what was spent")
        query = select(func.coalesce(func.sum(ledger.c.usd), 0.0)).where(ledger.c.at >= since)
        query = query.where(ledger.c.job == job) if job else query
        return read(self._engine, lambda connection: float(connection.execute(query).scalar_one()))


class WaitingEntries:
    """Ledger entries that wait for the next transaction of their run (`write`), but no longer than `LONGEST`.

    So a scored call costs one transaction instead of two. A killed program loses waiting entries, as it would have lost
    the reply itself a moment earlier. For one event loop; call `flush` at the end of the run.
    """

    LONGEST = 0.25  # seconds

    def __init__(self, engine: Engine, row: Callable[[Entry], dict[str, object]]) -> None:
        self._engine, self._row = engine, row
        self._rows: list[dict[str, object]] = []
        self._timer: asyncio.TimerHandle | None = None

    def record(self, entry: Entry) -> None:
        """Let `entry` wait for the next transaction. Forbidden for people who may not make model requests."""
        self._rows.append(self._row(entry))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.LONGEST, self._late)
        _tell(entry)

    def write(self, connection: Connection) -> int:
        """Append the waiting entries within a transaction; returns how many. Call `forget(how many)` after the
        commit."""
        insert_rows(connection, ledger, self._rows)
        return len(self._rows)

    def forget(self, number: int) -> None:
        """Drop the first `number` entries, which are stored now."""
        del self._rows[:number]
        if self._timer is not None and not self._rows:
            self._timer.cancel()
            self._timer = None

    def flush(self) -> None:
        """Append the waiting entries now."""
        if self._rows:
            self.forget(transact(self._engine, self.write))

    def _late(self) -> None:
        self._timer = None
        try:
            self.flush()
        except DiskFull:
            return  # they stay, and the next who stores hears of it


def _tell(entry: Entry) -> None:
    if watched():
        known = {"role", "model", "source", "usd", "seconds", "attempts", "failure"}
        tell("entry", **entry.model_dump(include=known), **entry.usage.model_dump(exclude={"estimated"}))
