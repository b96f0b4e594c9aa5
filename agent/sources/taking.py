"""Looks at a source and imports what is new in it as one upload, as if a person had uploaded it.

A file is dealt with once: it was stored, or could not be and the reason was told. It comes up again when it changes. A
file of which too little is known (no row in the manifest, no date in its name) is left, and looked at the next time.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fsspec.core import url_to_fs

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.errors import Advice, CloseReadError, InputError
from agent.sources.model import LeftFile, Source, Taken
from agent.sources.store import Sources
from agent.speech.hearing_files import HeardFolder, HeardReader, Recorded, hear_files
from agent.text.csv_rows import header_and_rows
from agent.text.importers.base import MAX_BYTES, RECORDINGS
from agent.text.importers.base import Source as File
from agent.text.manifest import CALL_REQUIRED, INTERVIEW_REQUIRED, read_call_manifest, read_interview_manifest
from agent.text.shelf import Loose
from agent.uploads.made_manifest import made_rows
from agent.uploads.reading import Brought, check
from agent.uploads.verbs import bring_in

# At one look; the others are left for the next.
MOST_FILES = 500
_MOST_OF_A_RECORDING = 2**30
_TABLES = (".csv", ".tsv", ".xlsx")


def shown(address: str) -> str:
    """An address without the password that may be part of it."""
    parts = urlsplit(address)
    if parts.password is None:
        return address
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:…@{host}"))


class Folder:
    """The files at an address, by their names below it. InputError if it cannot be read."""

    def __init__(self, address: str) -> None:
        self._full, self._address = address, shown(address)
        try:
            self._files, root = url_to_fs(address)
            self._root = root.rstrip("/")
            self._files.invalidate_cache()
            found = self._files.find(self._root, detail=True)
        except Exception as error:  # a driver passes on whatever its own library raises
            raise self._unreadable(error) from error
        if not found and not self._files.isdir(self._root):
            raise InputError(f"{self._address}: there is no such folder")
        named = {path.removeprefix(self._root).lstrip("/"): info for path, info in sorted(found.items())}
        self._infos: dict[str, Any] = {
            name: info for name, info in named.items() if not any(part[:1] == "." for part in PurePosixPath(name).parts)
        }

    @property
    def names(self) -> list[str]:
        """All files except hidden ones."""
        return list(self._infos)

    def size(self, name: str) -> int:
        """The size in bytes; 0 if the driver does not know it."""
        return int(self._infos[name].get("size") or 0)

    def state(self, name: str) -> str:
        """A text that changes when the file does: its content's tag if there is one, else size and time."""
        info = self._infos[name]
        tag = info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("content_md5")
        time = info.get("mtime") or info.get("LastModified") or info.get("last_modified") or info.get("created")
        return str(tag or (self.size(name), str(time)))

    def read(self, name: str) -> bytes:
        """The file's bytes."""
        try:
            data: bytes = self._files.cat_file(self._infos[name]["name"])
        except Exception as error:  # a driver passes on whatever its own library raises
            raise self._unreadable(error) from error
        return data

    def copy(self, name: str, to: Path) -> None:
        """Copy the file to a local path."""
        try:
            self._files.get_file(self._infos[name]["name"], str(to))
        except Exception as error:  # a driver passes on whatever its own library raises
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> InputError:
        said = next((line for line in str(error).splitlines() if line.strip()), "") or type(error).__name__
        said = said.replace(self._full, self._address)[:200]
        advice = Advice(text="check the address and this machine's rights to it")
        if isinstance(error, ImportError):
            advice = Advice(text="install the driver it names into this program's environment")
        return InputError(f"{self._address}: cannot be read: {said}", advice=advice)


def take(who: Who, source: Source) -> Taken:
    """Import what is new in `source`. InputError if it cannot be read; its files then count as not looked at."""
    store = who.space.store[Sources]
    try:
        taken = _taken(who, source)
    except CloseReadError as error:
        store.looked(source.name, error.explained)
        raise
    store.looked(source.name, taken.sentence)
    return taken


def _taken(who: Who, source: Source) -> Taken:
    store = who.space.store[Sources]
    folder = Folder(source.address)
    manifest = _manifest(source, folder.names)
    files = {
        name: folder.state(name)
        for name in folder.names
        if name != manifest and PurePosixPath(name).name.rpartition(".")[0].casefold() != "manifest"
    }
    known = store.known(source.name, files)
    new = [name for name in files if name not in known]
    left = [LeftFile(name, f"only {MOST_FILES} files are taken at once") for name in new[MOST_FILES:]]
    new = new[:MOST_FILES]
    for name in [name for name in new if folder.size(name) > _most(name)]:
        left.append(LeftFile(name, f"it has more than {_most(name) // 2**20} MB"))
        new.remove(name)
    table = File(manifest, folder.read(manifest)) if manifest and new else None
    if table is not None:
        read = read_call_manifest if source.kind == "call" else read_interview_manifest
        listed = {name for written in read(table, source.columns, source.dates).files for name in _names(written, new)}
        left += [LeftFile(name, f"{manifest} has no row for it") for name in new if name not in listed]
        new = [name for name in new if name in listed]
    if not new:
        return Taken(source.name, left=tuple(left), seen=len(known))
    with tempfile.TemporaryDirectory(prefix="closeread-source-") as place:
        for name in new:
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            folder.copy(name, path)
        shelf, reader = Loose(Path(place)), HeardReader(HeardFolder(Path(place, ".heard")))
        recordings = [Recorded(name, Path(place, name)) for name in new if _is_recording(name)]
        if why := _not_heard(who, recordings, reader.heard):
            left += [LeftFile(one.name, why) for one in recordings]
            new = [name for name in new if name not in {one.name for one in recordings}]
            for one in recordings:
                one.path.unlink()
        if not new:
            return Taken(source.name, left=tuple(left), seen=len(known))
        if table is None:
            table, unknown = _made(who, source, shelf, reader)
            left += unknown
            new = [name for name in new if name not in {one.file for one in unknown}]
        else:
            table = _rows_of(source, table, new)
        return _store(
            who,
            source,
            Brought(
                source.kind,
                name=f"{source.name} ({shown(source.address)})",
                columns=source.columns,
                speakers=source.speakers,
                dates=source.dates,
                table=table,
                shelf=shelf,
                reader=reader,
            ),
            files,
            new,
            left,
            len(known),
        )


def _not_heard(who: Who, files: Sequence[Recorded], into: HeardFolder) -> str:
    """Transcribe recordings; returns why they cannot be transcribed now, or an empty text. They are looked at again
    the next time."""
    if not files:
        return ""
    try:
        asyncio.run(hear_files(who.space, files, into))
    except CloseReadError as error:
        return f"a recording: {error.explained}"
    return ""


def _store(
    who: Who,
    source: Source,
    brought: Brought,
    files: Mapping[str, str],
    new: Sequence[str],
    left: list[LeftFile],
    seen: int,
) -> Taken:
    upload, stored, problems, notes = "", [], [], []
    if new:
        checked = check(who.space, brought)
        problems, notes = [str(one) for one in checked.problems], list(checked.notes)
        if checked.storable:
            made = bring_in.run(who, checked)  # one line in the audit log: that of the look, which names the upload
            stored, problems = [one.document.id for _, one in made.stored], [str(one) for one in made.problems]
            upload = made.upload.id if made.upload else ""
    who.space.store[Sources].keep(source.name, {name: files[name] for name in new})
    return Taken(source.name, upload, tuple(stored), tuple(left), tuple(problems), tuple(notes), seen)


def _is_recording(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in RECORDINGS


def _most(name: str) -> int:
    return _MOST_OF_A_RECORDING if _is_recording(name) else MAX_BYTES


def _manifest(source: Source, names: Sequence[str]) -> str:
    """The table that describes the files: the one named, else a file called `manifest` with any ending; empty if
    there is none."""
    if source.manifest:
        if source.manifest not in names:
            raise InputError(f"{shown(source.address)}: {source.manifest} is not there")
        return source.manifest
    tables = [name for name in names if "/" not in name and name.lower().endswith(_TABLES)]
    return next((name for name in tables if name.rpartition(".")[0].casefold() == "manifest"), "")


def _shape(name: str) -> str:
    """A form of a file's name that is the same however a manifest writes it."""
    return PurePosixPath(name.replace("\\", "/")).name.casefold()


def _names(written: str, files: Iterable[str]) -> list[str]:
    """The files that a manifest's cell `written` means, with or without folder and ending."""
    wanted = _shape(written)
    exact = [file for file in files if _shape(file) == wanted]
    return exact or [file for file in files if PurePosixPath(_shape(file)).stem == wanted]


def _rows_of(source: Source, table: File, new: Sequence[str]) -> File:
    """The manifest with only the rows of the `new` files, each on its own line number, so that problems name the
    right line."""
    required = CALL_REQUIRED if source.kind == "call" else INTERVIEW_REQUIRED
    meant = {column.casefold(): name for column, name in source.columns.items()}
    header, rows, _ = header_and_rows(table, lambda cells: set(required) <= {meant.get(c.casefold(), c) for c in cells})
    assert header is not None
    lines: dict[int, Sequence[str]] = {header[0]: header[1]}
    lines |= {number: cells for number, cells in rows if any(_names(cell, new) for cell in cells if cell)}
    out = io.StringIO()
    write = csv.writer(out)
    for number in range(1, max(lines) + 1):
        write.writerow(lines.get(number, ()))
    return File(table.name.rpartition(".")[0] + ".csv", out.getvalue().encode())


def _made(who: Who, source: Source, shelf: Loose, reader: HeardReader) -> tuple[File, list[LeftFile]]:
    """A manifest made from what the files' names tell, and the files whose names tell too little."""
    required = [name for name in (CALL_REQUIRED if source.kind == "call" else INTERVIEW_REQUIRED) if name != "file"]
    out, left = io.StringIO(), []
    write = csv.writer(out)
    write.writerow(["file", *required])
    for row in made_rows(source.kind, shelf, who.space.store[Calls].reps(), reader):
        missing = [name for name in required if not row.known.get(name)]
        if missing and not row.problem:
            left.append(LeftFile(row.file, f"its {' and '.join(missing)} is not known: put a manifest.csv beside it"))
        elif not missing:
            write.writerow([row.file, *(row.known[name] for name in required)])
        else:
            left.append(LeftFile(row.file, row.problem))
    return File("file names", out.getvalue().encode()), left
