"""Zip files: transcripts in a zip, and the bounds that also guard DOCX and XLSX, which are zips inside.

Bounds are held against the bytes that come out, never against the sizes that the zip's directory claims.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from agent.text.importers.base import MAX_BYTES, RECORDINGS, Format, Line, Source

MAX_MEMBERS = 2_000
MAX_TOTAL_BYTES = 256 * 2**20
_PIECE = 1 << 20
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1


def is_zip(source: Source) -> bool:
    """Whether the content begins as a zip does."""
    return source.data.startswith(_MAGIC)


def holds(source: Source, member: str) -> bool:
    """Whether the content is a zip with a file called `member`."""
    if not is_zip(source):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as opened:
            return member in opened.namelist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError):
        return False


def sizes(source: Source) -> list[tuple[str, int]]:
    """The name of each file in the zip and the unpacked size it claims. `check_bounds` and the reading make sure
    that the claim is true."""
    with _opened(source, io.BytesIO(source.data)) as opened:
        return [(info.filename, info.file_size) for info in opened.infolist()]


def members(source: Source) -> list[Source]:
    """The zip's files in its order, without folders and hidden ones. Raises ImportProblem for a broken or huge zip,
    an encrypted one, one inside another, and for names that lead out of a directory."""
    with _opened(source, io.BytesIO(source.data)) as opened:
        return [Source(f"{source.name}/{name}", data) for name, data in _each(source, opened)]


def unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in the zip at `path`, one at a time, so that the whole is never in memory.
    Raises ImportProblem for the same faults as `members`."""
    named = Source(path.name, b"")
    with path.open("rb") as file, _opened(named, file) as opened:
        yield from _each(named, opened)


def unpack_recordings(file: Path | bytes, name: str, folder: Path, most: int) -> dict[str, Path]:
    """Write the recordings in a zip into `folder`, piece by piece, and return their names with the places they lie
    at now. Raises ImportProblem for the same faults as `members`, and if they unpack to more than `most` bytes."""
    named, found, left = Source(name, b""), dict[str, Path](), most
    with io.BytesIO(file) if isinstance(file, bytes) else file.open("rb") as stream, _opened(named, stream) as opened:
        for number, info in enumerate(_listed(named, opened)):
            if PurePosixPath(info.filename).suffix.lower() not in RECORDINGS:
                continue
            if info.flag_bits & _ENCRYPTED:
                raise named.problem(None, "the zip has a password", "unpack it and import the files")
            target = folder / f"{number}{PurePosixPath(info.filename).suffix.lower()}"
            with opened.open(info) as member, target.open("wb") as out:
                while piece := member.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        what = f"its recordings unpack to more than {most // 1_000_000} MB"
                        raise named.problem(None, what, "bring them in several parts, or unpacked")
                    out.write(piece)
            found[info.filename] = target
    return found


def _each(source: Source, opened: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    total = 0
    for info in _listed(source, opened):
        recorded = PurePosixPath(info.filename).suffix.lower() in RECORDINGS
        data = b"" if recorded else _content(source, opened, info)  # named; `unpack_recordings` brings them out
        total += len(data)
        if total > MAX_TOTAL_BYTES:
            raise source.problem(None, f"the zip unpacks to more than {MAX_TOTAL_BYTES // 2**20} MB", "split it")
        yield info.filename, data


def check_bounds(source: Source) -> None:
    """Unpacks every member once and throws it away: a zip bomb is refused before a library opens it."""
    total = 0
    with _opened(source, io.BytesIO(source.data)) as opened:
        for info in opened.infolist():
            total += len(_content(source, opened, info))
            if total > MAX_TOTAL_BYTES:
                raise source.problem(None, f"the file unpacks to more than {MAX_TOTAL_BYTES // 2**20} MB", "split it")


@contextmanager
def _opened(source: Source, file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    broken = "the file is broken or cut: it is no complete zip"
    try:
        with zipfile.ZipFile(file) as opened:
            if len(opened.infolist()) > MAX_MEMBERS:
                raise source.problem(None, f"the zip holds more than {MAX_MEMBERS} files", "split it")
            yield opened
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError):
        raise source.problem(None, broken, "export it again") from None
    except NotImplementedError as error:
        raise source.problem(None, f"the zip is packed in a way that is not known ({error})", "pack it anew") from None


def _listed(source: Source, opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for info in opened.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1]:
            raise source.problem(None, f"the zip's file {info.filename!r} leads out of it", "pack it anew")
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        if not info.is_dir() and not hidden:
            yield info


def _content(source: Source, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise source.problem(None, "the zip has a password", "unpack it and import the files")
    with opened.open(info) as member:
        data = member.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise source.problem(None, f"{info.filename} unpacks to more than {MAX_BYTES // 2**20} MB", "split it")
    return data


def check_kind(source: Source) -> None:
    """Raises ImportProblem for a document that is a zip inside and is not read: a sheet or slides in OpenDocument, and
    Apple's Pages."""
    with _opened(source, io.BytesIO(source.data)) as opened:
        names = set(opened.namelist())
    if {"mimetype", "content.xml"} <= names or "Index/Document.iwa" in names:
        raise source.problem(
            None, "this is a sheet or slides of LibreOffice, or a document of Pages", "save it as .docx or .xlsx"
        )


def _read(source: Source) -> list[Line]:
    raise source.problem(None, "a zip is not one transcript", "import the zip together with its manifest")


FORMAT = Format("zip", "a zip of transcripts", (".zip",), is_zip, _read)
