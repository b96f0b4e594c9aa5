"""Reads the files of a directory one by one, without a manifest, to tell what they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.core.errors import ImportProblem
from agent.core.transcript import Transcript
from agent.text.importers import Reader, Source, detect, reading_of
from agent.text.importers.archive import is_zip, members
from agent.text.shelf import Shelf, shelf_at


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One file: its name below the directory, and its transcript or the problem. `format` is empty if no format
    fits."""

    file: str
    format: str
    found: Transcript | ImportProblem
    notes: tuple[str, ...] = ()


def survey(
    directory: Path | Shelf, speakers: Mapping[str, str] | None = None, reader: Reader = reading_of
) -> Iterator[Surveyed]:
    """Every file of `directory` (which may be a zip) in the order of names; a zip of several files is opened.

    `speakers` is the same as for `read_transcript_bytes`; `reader` can read recordings. Raises ImportProblem if
    `directory` is neither a directory nor a zip.
    """
    shelf = shelf_at(directory)
    for name in shelf.names():
        yield from _at(shelf, name, speakers or {}, reader)


def _at(shelf: Shelf, name: str, speakers: Mapping[str, str], reader: Reader) -> Iterator[Surveyed]:
    try:
        source = shelf.get(name)
        if source is None:
            raise ImportProblem(name, None, "the file is gone", "look again")
        packed = members(source) if is_zip(source) and detect(source).name == "zip" else []
    except ImportProblem as problem:
        yield Surveyed(name, "", problem)
        return
    if len(packed) < 2:
        yield _read(name, source, speakers, reader)
    for member in packed if len(packed) > 1 else ():
        yield _read(f"{name}/{member.name.removeprefix(f'{source.name}/')}", member, speakers, reader)


def _read(name: str, source: Source, speakers: Mapping[str, str], reader: Reader) -> Surveyed:
    known = ""
    try:
        known = "" if source.is_recording else detect(source).name
        read = reader(source, speakers=speakers)
    except ImportProblem as problem:
        return Surveyed(name, known, problem)
    return Surveyed(name, read.format.name, read.transcript, read.notes)
