"""Where transcripts lie: a directory or a zip, read in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agent.errors import ImportProblem
from agent.text.importers import read_source
from agent.text.importers.archive import is_zip, members
from agent.text.importers.base import Source


class Shelf(Protocol):
    """A set of files under relative names."""

    def get(self, name: str) -> Source | None:
        """The file of that name, or None. Raises ImportProblem for a link that leads out, or an unreadable file."""

    def names(self) -> Iterator[str]:
        """All files except hidden ones, in the order of their names."""

    def key(self, name: str) -> str:
        """What two spellings of one file's name have in common."""


@dataclass(frozen=True)
class Directory:
    """The files below a directory."""

    path: Path

    def get(self, name: str) -> Source | None:
        path = self.path / name
        try:
            if not path.is_file():
                return None
        except OSError:  # a name that the file system cannot hold
            return None
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ImportProblem(str(path), None, f"this is a link out of {self.path}", "copy the file there")
        return read_source(path)

    def names(self) -> Iterator[str]:
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                yield str(name)

    def key(self, name: str) -> str:
        return str((self.path / name).resolve())


@dataclass(frozen=True)
class Zip:
    """The files in a zip."""

    source: Source
    files: dict[str, Source] = field(default_factory=dict)

    def get(self, name: str) -> Source | None:
        return self.files.get(name)

    def names(self) -> Iterator[str]:
        yield from sorted(self.files)

    def key(self, name: str) -> str:
        return f"{self.source.name}/{name}"


def shelf_at(path: Path) -> Shelf:
    """The directory or zip at `path`. Raises ImportProblem if it is neither, or a zip that cannot be unpacked."""
    if path.is_dir():
        return Directory(path)
    if not path.is_file():
        raise ImportProblem(str(path), None, "there is no such directory or zip")
    source = read_source(path)
    if not is_zip(source):
        raise ImportProblem(str(path), None, "this is neither a directory nor a zip")
    return Zip(source, {member.name.removeprefix(f"{source.name}/"): member for member in members(source)})
