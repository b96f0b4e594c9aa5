"""Keeps replies by request id, so that none is paid for twice. Only complete, validated replies are kept, and they
are validated again when used."""

import asyncio
import itertools
import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import diskcache
from pydantic import BaseModel

from agent.core.base import Frozen
from agent.core.errors import Advice, ConfigError, DiskFull, ModelError, ReplyInvalid
from agent.llm.claims import claims_at
from agent.llm.model import Model, Reply, Request, Usage
from agent.llm.recording import Recording, kept_reply
from agent.llm.replies import compact

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")
_LOOK_AGAIN = 0.2  # seconds
_SAID_AFTER = 300  # looks: a minute
_log = logging.getLogger(__name__)


class _Stored(Frozen):
    text: str
    usage: Usage
    model: str


class CachedModel:
    """A wrapper around a model that sends each request only once; replies are kept in a diskcache below `folder`, by
    request id.

    Two askers of one id at the same time share one request; what it cost is told to the first of them only. So do two
    processes of one machine that use one folder (a run at the terminal beside a job, two runs): one asks, the other
    waits for the reply (claims.py). What a `fresh` request brings takes the old reply's place.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        self._model, self._kept = model, _Kept(folder)
        self._asking = claims_at(folder.with_name(f"{folder.name}.asking"))
        self._flying: dict[str, asyncio.Task[Reply[Any]]] = {}

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The cached reply, or the model's reply, which is then cached."""
        running = self._flying.get(request.id)
        if running is not None:
            return await self._follow(running)
        if (kept := self._kept_reply(request)) is not None:
            return kept
        task = asyncio.create_task(self._fetch(request))
        self._flying[request.id] = task
        task.add_done_callback(lambda _: self._flying.pop(request.id, None))
        # Shielded: whoever else waits for this reply still gets it when the first asker is cancelled.
        return await asyncio.shield(task)

    def __contains__(self, request: Request[Any]) -> bool:
        return request.id in self._kept

    def seed(self, recordings: Iterable[Recording]) -> int:
        """Put recorded replies that are not in the cache yet into it, so that they are not requested. Returns how
        many."""
        added = 0
        for recording in recordings:
            if recording.id not in self._kept:
                stored = _Stored(text=compact(recording.reply), usage=recording.usage, model=recording.model)
                self._kept.set(recording.id, stored)
                added += 1
        return added

    def keep(self, request: Request[Any], reply: Reply[Any]) -> None:
        """Keep a reply that came another way (a batch). DiskFull if there is no room."""
        self._kept.set(request.id, _Stored(text=reply.text, usage=reply.usage, model=reply.model))

    def forget(self, idents: Iterable[str]) -> int:
        """Delete the replies to the requests with these ids; returns how many there were."""
        return sum(self._kept.delete(ident) for ident in idents)

    def close_gaps(self) -> None:
        """Shrink the database file: deleted replies leave free pages in it."""
        self._kept.close_gaps()

    def models(self) -> Iterator[tuple[str, str]]:
        """The request's id and the answering model's name, of each cached reply."""
        return ((ident, stored.model) for ident in self._kept.all() if (stored := self._kept.get(ident)) is not None)

    @property
    def size(self) -> int:
        """Bytes that the cache takes on the disk."""
        return self._kept.size()

    def close(self) -> None:
        """Close the cache's database."""
        self._kept.close()
        self._asking.rest()

    async def _fetch(self, request: Request[T]) -> Reply[T]:
        waits = 0
        while not self._claim(request.id):
            waits += 1
            if waits == _SAID_AFTER:
                _log.warning(
                    "%s: another process asks the same; its reply is waited for", request.subject or request.id
                )
            await asyncio.sleep(_LOOK_AGAIN)
        try:
            # Look once more: the reply may have arrived between the first look and the claim.
            if (kept := self._kept_reply(request)) is not None:
                return kept
            reply = await self._model.ask(request)
            self.keep(request, reply)
            return reply
        finally:
            self._asking.give_up(request.id)

    def _kept_reply(self, request: Request[T]) -> Reply[T] | None:
        """The cached reply to `request`, if any. If it no longer fits the reply model it is ignored and the request
        is sent again."""
        stored = None if request.fresh else self._kept.get(request.id)
        if stored is None:
            return None
        try:
            return kept_reply(request, stored.text, stored.usage, stored.model, "cache")
        except ReplyInvalid:
            self._kept.delete(request.id)
            return None

    def _claim(self, ident: str) -> bool:
        try:
            return self._asking.take(ident)
        except OSError as error:
            raise ConfigError(
                f"what is being asked cannot be noted: {error}",
                advice=Advice(text="give this user the right to write there"),
            ) from error

    async def _follow(self, running: asyncio.Task[Reply[Any]]) -> Reply[Any]:
        try:
            reply = await asyncio.shield(running)
        except ModelError as error:
            again = type(error)(str(error), advice=error.advice)
            again.model, again.endpoint, again.request = error.model, error.endpoint, error.request
            raise again from error
        return replace(reply, source="cache", cost_usd=0.0, attempts=0)


class _Kept:
    """A diskcache of replies, as JSON: the default would unpickle whatever lies there. Nothing is evicted.

    A damaged one is put aside with a warning and a new one begun: its replies can be asked for again, so neither a run
    nor a job stops for it. A row that cannot be read counts as not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: Any = None

    def get(self, ident: str) -> _Stored | None:
        try:
            kept = self._with(lambda cache: cache.get(ident))
            return None if kept is None else _Stored.model_validate(kept)
        except (zlib.error, ValueError):
            _log.warning("the cache %s: the reply to %s cannot be read; it is asked for again", self._folder, ident)
            self.delete(ident)
            return None

    def set(self, ident: str, stored: _Stored) -> None:
        self._with(lambda cache: cache.set(ident, stored.model_dump()))

    def delete(self, ident: str) -> bool:
        return bool(self._with(lambda cache: cache.delete(ident)))

    def __contains__(self, ident: str) -> bool:
        return bool(self._with(lambda cache: ident in cache))

    def all(self) -> list[str]:
        return self._with(lambda cache: list(cache.iterkeys()))

    def size(self) -> int:
        return self._with(lambda cache: int(cache.volume()))

    def close_gaps(self) -> None:
        if not (self._folder / "cache.db").is_file():
            return
        self.close()
        with closing(sqlite3.connect(self._folder / "cache.db", timeout=30)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        if self._cache is not None:
            self._cache.close()

    def _with(self, work: Callable[[Any], R]) -> R:
        try:
            return work(self._opened())
        except (OSError, sqlite3.OperationalError) as error:
            if DiskFull.is_said_by(error):
                raise DiskFull.at(f"the cache {self._folder}") from error
            raise ConfigError(
                f"the cache {self._folder} cannot be used: {error}; give this user the right to write there"
            ) from error
        except sqlite3.DatabaseError as error:
            self._put_aside(error)
            return work(self._opened())

    def _opened(self) -> Any:
        if self._cache is None:
            self._cache = diskcache.Cache(
                str(self._folder),
                disk=diskcache.JSONDisk,
                eviction_policy="none",
                sqlite_cache_size=512,  # pages; its own 8,192 would fill with replies that nobody asks for again
            )
        return self._cache

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        self.close()
        self._cache = None
        place = next(
            place
            for n in itertools.count(1)
            if not (place := self._folder.with_name(f"{self._folder.name}.damaged-{n}")).exists()
        )
        self._folder.rename(place)
        _log.warning(
            "the cache %s is damaged (%s); it is now %s and can be deleted: its replies are asked for again",
            self._folder,
            error,
            place,
        )
