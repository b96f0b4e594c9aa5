"""Replies recorded by request id, for the demo and the tests. Only complete, validated replies are recorded, and they
are validated again when used."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent.core.base import Frozen
from agent.core.errors import ConfigError, RecordingMissing
from agent.core.lazy import lazy
from agent.llm.model import Model, Reply, Request, Setting, Source, Usage
from agent.llm.replies import Misfit, compact, validated

filelock = lazy("filelock")

T = TypeVar("T", bound=BaseModel)


class Recording(Frozen):
    """One reply with what it answered: one line of `DIR/<prompt name>.jsonl`, its keys in this order.

    `reply` is the model's JSON, never edited. `at` is when it was written, in UTC.
    """

    id: str
    prompt: str
    role: str
    subject: str
    model: str
    settings: dict[str, Setting]
    draw: int
    reply: Any
    usage: Usage
    at: datetime


class Recorder:
    """A wrapper around a model that writes its replies below `folder`, one file for each prompt, sorted by id.

    The same id again replaces its line, unless the reply came from the cache: then it is the one that stands there.
    Each reply is on disk before it is returned; several programs may record into one folder at once.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        self._model, self._folder = model, folder

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply."""
        reply = await self._model.ask(request)
        self._keep(request, reply)
        return reply

    def _keep(self, request: Request[Any], reply: Reply[Any]) -> None:
        path = self._folder / f"{request.prompt.partition('@')[0] or 'unnamed'}.jsonl"
        self._folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(self._folder / ".lock"):  # read again each time: another program may have added to it
            there = {r.id: r for r in read_recordings(path)} if path.exists() else {}
            if reply.source == "cache" and request.id in there:
                return
            there[request.id] = Recording(
                id=request.id,
                prompt=request.prompt,
                role=request.role,
                subject=request.subject,
                model=request.model,
                settings=dict(request.settings),
                draw=request.draw,
                reply=json.loads(reply.text),
                usage=reply.usage,
                at=datetime.now(UTC).replace(microsecond=0),
            )
            write_recordings(path, there.values())


def read_recordings(path: Path) -> list[Recording]:
    """The recordings in one file; a `ConfigError` names the line that is not one."""
    recordings = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            recordings.append(Recording.model_validate_json(line))
        except ValidationError as error:
            raise ConfigError(
                f"{path}:{number}: not a recording: {error.errors()[0]['msg']}; record it anew"
            ) from error
    return recordings


def write_recordings(path: Path, recordings: Iterable[Recording]) -> None:
    """All of `recordings` into `path`, sorted by id, at once or not at all."""
    lines = [
        json.dumps(recording.model_dump(mode="json"), ensure_ascii=False) + "\n"
        for recording in sorted(recordings, key=lambda r: r.id)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(path)


class Replay:
    """A model that answers only from the recordings below `folder`. `how_to_record` ends the message about a missing
    recording. `used` holds the ids used so far."""

    def __init__(
        self, folder: Path, how_to_record: str = "run it once with a model and record into that folder"
    ) -> None:
        self._folder, self._how = folder, how_to_record
        self._recordings: dict[str, Recording] = {}
        self.used: set[str] = set()
        if not folder.is_dir():
            raise ConfigError(f"{folder}: no such folder of recordings")
        for path in sorted(folder.glob("*.jsonl")):
            for recording in read_recordings(path):
                if recording.id in self._recordings:
                    raise ConfigError(f"{path}: {recording.id} is recorded twice; keep one of the two lines")
                self._recordings[recording.id] = recording

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The recorded reply. Raises `RecordingMissing`, or `ReplyInvalid` if it no longer fits the reply model."""
        recording = self._recordings.get(request.id)
        if recording is None:
            raise RecordingMissing(
                f"{self._folder}: no recording of {request.prompt or 'a request'} for "
                f"{request.subject or 'no subject'}, {request.model} ({request.id}); {self._how}"
            )
        self.used.add(request.id)
        return kept_reply(request, compact(recording.reply), recording.usage, recording.model, "recording")

    def unused(self) -> list[Recording]:
        """Recordings that were never asked for, by id."""
        return [r for id_, r in sorted(self._recordings.items()) if id_ not in self.used]


def kept_reply(request: Request[T], text: str, usage: Usage, model: str, source: Source) -> Reply[T]:
    """A reply that comes from a cache or a recording, validated again."""
    try:
        value, same = validated(request, text)
    except Misfit as misfit:
        raise misfit.final() from misfit
    return Reply(value, request.id, same, usage, model, source, cost_usd=0.0, attempts=0, asked=request)
