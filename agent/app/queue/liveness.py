"""Finds out which workers are alive by locks, not by clocks: a lock ends with the process that holds it.

On SQLite each worker locks a file beside the database; on PostgreSQL it holds an advisory lock in a session of its own.
Clock jumps, or a worker that hangs for a minute, change nothing. When the PostgreSQL server restarts, all locks vanish
at once; then nobody counts as dead until live workers have had time to come back.
"""

import os
import secrets
import socket
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from agent.core.lazy import lazy
from agent.db.database import passing

filelock = lazy("filelock")

# Advisory locks are named by two numbers: this one says "a worker", the other which.
_CLASS = 0x636C6F73
# Seconds after a start of the server in which a missing lock means nothing.
SETTLING = 15.0


def new_name() -> str:
    """A name for this process as a worker: host, process, and a number that no other has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.randbelow(2**31 - 1) + 1}"


class Presence(Protocol):
    """Shows that this worker is alive, and tells which others are."""

    def show(self) -> None:
        """Take the lock, or take it again after a lost connection."""
        ...

    def alive(self) -> set[int] | None:
        """Numbers of all live workers; None if that cannot be told at the moment."""
        ...

    def leave(self) -> None:
        """Release the lock."""
        ...


def number(worker: str) -> int:
    """The number in a worker's name; 0 if the name has another form."""
    last = worker.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def presence(engine: Engine, worker: str) -> Presence:
    """The presence of `worker` on the workspace's database."""
    if engine.dialect.name == "sqlite":
        return FilePresence(Path(engine.url.database or "closeread.db"), worker)
    return SessionPresence(engine, worker)


def count_workers(engine: Engine) -> int:
    """The number of live workers, for programs that are not workers themselves."""
    outside = presence(engine, "")
    try:
        return len(outside.alive() or ())
    finally:
        outside.leave()


class FilePresence:
    """One file for each worker in a folder beside the SQLite file, locked while the worker lives."""

    def __init__(self, database: Path, worker: str) -> None:
        self._folder = database.with_name(f"{database.stem}-workers")
        self._own = filelock.FileLock(self._folder / f"{worker}.lock") if worker else None

    def show(self) -> None:
        if self._own is not None and not self._own.is_locked:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._own.acquire()

    def alive(self) -> set[int] | None:
        return {number(path.stem) for path in self._folder.glob("*.lock") if _is_locked(path)}

    def leave(self) -> None:
        if self._own is not None:
            self._own.release(force=True)
            Path(self._own.lock_file).unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    lock.release()
    path.unlink(missing_ok=True)  # its worker is dead, and no other will ever have this name
    return False


class SessionPresence:
    """One PostgreSQL session for each worker, holding an advisory lock."""

    def __init__(self, engine: Engine, worker: str) -> None:
        self._engine, self._number = engine, number(worker)
        self._session: Connection | None = None

    def show(self) -> None:
        if self._ask("SELECT 1") is None:
            self._ask("SELECT 1")  # the session had died: this one is new, and has the lock again

    def alive(self) -> set[int] | None:
        up = self._ask("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())")
        if up is None or (self._number and 0 <= float(up[0]) < SETTLING):
            return None
        numbers = self._ask(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :class AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return None if numbers is None else {int(one) for one in numbers}

    def leave(self) -> None:
        if self._session is not None:
            self._session.invalidate()  # not back into the pool: the lock lives as long as the session
            self._session.close()
        self._session = None

    def _ask(self, query: str) -> list[Any] | None:
        """The first column of the query's answer; None if the session is lost."""
        try:
            if self._session is None:
                self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                if self._number:
                    lock = text("SELECT pg_advisory_lock(:class, :number)")
                    self._session.execute(lock, {"class": _CLASS, "number": self._number})
            return list(self._session.execute(text(query), {"class": _CLASS}).scalars())
        except DBAPIError as error:
            self.leave()
            if not passing(error):
                raise
            return None
