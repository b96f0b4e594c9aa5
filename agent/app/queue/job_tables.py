"""Reads and writes the tables of jobs: checks the right to do so, and tries again while the database is away."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, update

from agent.core.people import Scope
from agent.db.database import PATIENCE, read, transact
from agent.db.schema_jobs import job_calls, jobs
from agent.db.scoping import check_run, check_team

R = TypeVar("R")


class JobTables:
    """The base of the tables of jobs. A rep sees no job; only an ops lead (and the worker) may change one."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def _move(self, where: tuple[ColumnElement[bool], ...], values: dict[str, Any]) -> int:
        return self._write(lambda c: c.execute(update(job_calls).where(*where).values(values)).rowcount)

    def _update(self, where: tuple[ColumnElement[bool], ...], values: dict[str, Any]) -> int:
        return self._write(lambda c: c.execute(update(jobs).where(*where).values(values)).rowcount)

    def _write(self, work: Callable[[Connection], R]) -> R:
        check_run(self._scope, "change jobs")
        return transact(self._engine, work)

    def _read(self, work: Callable[[Connection], R], patience: float = PATIENCE) -> R:
        check_team(self._scope, "jobs")
        return read(self._engine, work, patience)

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._read(lambda connection: connection.execute(query).all())
