"""Files on their way in: on disk below the workspace, looked at and put right before anything is stored.

    staging/<owner>/<id>/state.json     what the files are, how columns map, who the speakers are
    staging/<owner>/<id>/files/…        the files under the names they came with

Nobody reaches another's. What nobody touched for a day is removed.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal
from uuid import uuid4

from pydantic import Field, ValidationError

from agent.core.base import Frozen
from agent.core.errors import ConfigError, DiskFull, InputError, NotFound
from agent.text.importers.archive import unpack_recordings, unpacked
from agent.uploads.model import UploadKind

MAX_BYTES = 300_000_000
MAX_FILES = 2_000
KEPT_SECONDS = 24 * 60 * 60
_OWNER = re.compile(r"[a-z]{2}-[0-9A-Za-z]{1,40}")
_IDENT = re.compile(r"st-[0-9a-f]{12}")
_LONGEST_NAME = 200  # bytes of one part of a path; file systems end at 255
_PIECE = 1 << 20
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class ProposedPart(Frozen):
    """What a model proposes for one label of a file. `part` is empty where it proposes nothing."""

    label: str
    part: str
    reason: str


class Staged(Frozen):
    """What a person has said about staged files so far.

    `manifest` is the file that describes the others, empty where `facts` do (file -> field -> value, out of a form).
    `columns`: our field -> their column; `speakers`: "FILE:label" -> a role or a name, as on the command line.
    `notes`: interviews are notes of one voice, where nothing else is said of a file.
    """

    id: str
    owner: str
    kind: UploadKind
    at: datetime
    manifest: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    speakers: dict[str, str] = Field(default_factory=dict)
    facts: dict[str, dict[str, str]] = Field(default_factory=dict)
    shared: dict[str, str] = Field(default_factory=dict)  # what holds for files of which `facts` leave it empty
    proposals: dict[str, tuple[ProposedPart, ...]] = Field(default_factory=dict)
    preset: str = ""
    dates: Literal["", "month_first", "day_first"] = ""
    rubric: str = ""
    notes: bool = False


@dataclass(frozen=True)
class StagingArea:
    """One owner's staged files. `owner` is the id of a person or token."""

    workspace: Path
    owner: str

    def __post_init__(self) -> None:
        if not _OWNER.fullmatch(self.owner):
            raise InputError(f"{self.owner!r} is no id of a person or token")

    def begin(self, kind: UploadKind) -> Staged:
        """Make an empty folder for files. Folders that nobody has touched for a day are removed first."""
        sweep(self.workspace)
        staged = Staged(id=f"st-{uuid4().hex[:12]}", owner=self.owner, kind=kind, at=datetime.now(UTC))
        self.folder(staged.id).mkdir(parents=True, mode=0o700)
        self.keep(staged)
        return staged

    def get(self, ident: str) -> Staged:
        """What was said about the files of that id. NotFound if there are none, or they are another person's."""
        try:
            return Staged.model_validate_json(self._state(ident).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise NotFound(f"there are no files waiting under {ident!r}; they are kept for a day") from error

    def all(self) -> list[Staged]:
        """Everything that waits for this owner, newest first."""
        waiting = []
        for path in self._home.glob("st-*"):
            with suppress(NotFound):
                waiting.append(self.get(path.name))
        return sorted(waiting, key=lambda staged: staged.at, reverse=True)

    def keep(self, staged: Staged) -> Staged:
        """Save what was said. The file is replaced in one step, so that nobody reads half of it."""
        path = self._state(staged.id)
        draft = path.with_suffix(f".{uuid4().hex[:8]}")
        with _said_when_full(path):
            draft.write_text(staged.model_dump_json(), encoding="utf-8")
            os.replace(draft, path)
        return staged

    def discard(self, ident: str) -> None:
        """Remove files and all that was said about them. NotFound as `get`."""
        self.get(ident)
        shutil.rmtree(self._place(ident))

    def folder(self, ident: str) -> Path:
        """Where the files of `ident` are."""
        return self._place(ident) / "files"

    def kept(self, ident: str) -> Path:
        """Where readings of the files are kept, so that each file is read once."""
        return self._place(ident) / "read"

    def names(self, ident: str) -> list[str]:
        """The files' names, with the folders they came in."""
        folder = self.folder(ident)
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())

    def add(self, ident: str, name: str, file: BinaryIO) -> list[str]:
        """Write one file, or the files of one zip, to disk. Returns their names; none for what systems leave behind.

        The same name again takes the place of the first. ImportProblem for a zip that cannot be used, InputError for a
        name that leads out of the folder and for more than MAX_BYTES or MAX_FILES in all: then nothing of `file` stays.
        """
        self.get(ident)
        wanted = safe_name(name)
        if wanted is None:
            return []
        incoming = self._place(ident) / f"incoming-{uuid4().hex[:8]}"
        incoming.mkdir()
        try:
            with _said_when_full(incoming):
                got = self._received(ident, wanted, file, incoming)
                _move(got, incoming, self.folder(ident))
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
        os.utime(self._state(ident))
        return sorted(got)

    def _received(self, ident: str, name: str, file: BinaryIO, incoming: Path) -> list[str]:
        room = MAX_BYTES - sum(p.stat().st_size for p in self.folder(ident).rglob("*") if p.is_file())
        copied = _copied(file, incoming / "it", room)
        if PurePosixPath(name).suffix.lower() == ".zip":
            got = list(_unzipped(copied, name, incoming, room))
            copied.unlink()
        else:
            target = incoming / "files" / name
            target.parent.mkdir(parents=True)
            copied.rename(target)
            got = [name]
        if len({*self.names(ident), *got}) > MAX_FILES:
            raise InputError(f"more than {MAX_FILES:,} files at once; store these first, then bring the others")
        return got

    @property
    def _home(self) -> Path:
        return self.workspace / "staging" / self.owner

    def _place(self, ident: str) -> Path:
        if not _IDENT.fullmatch(ident):
            raise NotFound(f"there are no files waiting under {ident!r}; they are kept for a day")
        return self._home / ident

    def _state(self, ident: str) -> Path:
        return self._place(ident) / "state.json"


def sweep(workspace: Path, seconds: float = KEPT_SECONDS) -> int:
    """Remove all owners' folders that nobody has touched for `seconds`. Returns how many."""
    gone = 0
    for place in (workspace / "staging").glob("*/st-*"):
        state = place / "state.json"
        touched = max((p.stat().st_mtime for p in (place, state) if p.exists()), default=0.0)
        if time.time() - touched > seconds:
            shutil.rmtree(place, ignore_errors=True)
            gone += 1
    return gone


def safe_name(name: str) -> str | None:
    """`name` as a relative path; None for files that operating systems leave behind (.DS_Store, __MACOSX).

    InputError for a name that leads out of the folder or that no file may have.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or any((part.startswith(".") and part != "..") or part.casefold() in _LITTER for part in parts):
        return None
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", parts[0]):
        raise InputError(f"the name {name!r} leads out of the folder; rename the file")
    for part in parts:
        if len(part.encode()) > _LONGEST_NAME or not part.isprintable():
            raise InputError(f"the name {part[:40]!r}… is too long or holds characters that are no text; rename it")
    return "/".join(parts)


def _copied(file: BinaryIO, target: Path, room: int) -> Path:
    size = 0
    with target.open("wb") as out:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > room:
                most = f"{MAX_BYTES // 1_000_000} MB"
                raise InputError(f"more than {most} at once; store what is here first, then bring the rest")
            out.write(piece)
    return target


def _unzipped(path: Path, name: str, incoming: Path, room: int) -> Iterator[str]:
    """Unpack into `incoming/files`, yielding each name. The unpacked size is limited, not the zip's own: zip bombs."""
    named = path.rename(path.with_name(PurePosixPath(name).name))
    (sound := incoming / "sound").mkdir()
    recorded = unpack_recordings(named, named.name, sound, room)
    size = sum(file.stat().st_size for file in recorded.values())
    for member, data in unpacked(named):
        wanted = safe_name(member)
        if wanted is None:
            continue
        if wanted.lower().endswith(".zip"):
            raise InputError(f"{name} holds another zip, {wanted}; unpack that one first")
        size += len(data)
        if size > room:
            raise InputError(f"{name} unpacks to more than there is room for ({MAX_BYTES // 1_000_000} MB); split it")
        target = incoming / "files" / wanted
        target.parent.mkdir(parents=True, exist_ok=True)
        if member in recorded:
            recorded[member].rename(target)
        else:
            target.write_bytes(data)
        yield wanted
    named.rename(path)


def _move(names: list[str], incoming: Path, folder: Path) -> None:
    for name in names:
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(incoming / "files" / name, target)
        except (NotADirectoryError, FileExistsError, IsADirectoryError) as error:
            raise InputError(f"{name}: a file and a folder have the same name; rename one") from error


@contextmanager
def _said_when_full(place: Path) -> Iterator[None]:
    """Raise DiskFull where the disk is full, ConfigError for other faults of the file system."""
    try:
        yield
    except OSError as error:
        if DiskFull.is_said_by(error):
            raise DiskFull.at(str(place.parent)) from error
        raise ConfigError(f"{place.parent}: cannot be written: {error.strerror or error}") from error
