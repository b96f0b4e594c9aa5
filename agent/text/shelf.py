"""Where transcripts lie: a directory or a zip, read in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from agent.core.errors import ImportProblem
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


@dataclass(frozen=True)
class Loose:
    """Files below a directory that somebody dropped there: a manifest seldom knows in which folder they came.

    A name that is not there is looked for in all folders, then in any case, then without its suffix; it is found if
    one file alone fits.
    """

    path: Path

    def get(self, name: str) -> Source | None:
        found = self._found(name)
        if found is None:
            return None
        try:
            return Source(found, read_source(self.path / found).data)
        except ImportProblem as problem:  # by the name that the person knows
            raise ImportProblem(found, None, problem.what, problem.hint) from None

    def names(self) -> Iterator[str]:
        yield from self._names

    def key(self, name: str) -> str:
        return self._found(name) or name

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(Directory(self.path).names())

    def _found(self, name: str) -> str | None:
        wanted = name.replace("\\", "/").removeprefix("./")
        if wanted in self._names:
            return wanted
        last = PurePosixPath(wanted).name
        for of, same in _SHAPES:
            fitting = [one for one in self._names if of(PurePosixPath(one)) == same(last)]
            if len(fitting) == 1:
                return fitting[0]
        return None


# What of a staged file must equal what of the name that is looked for.
_SHAPES: tuple[tuple[Callable[[PurePosixPath], str], Callable[[str], str]], ...] = (
    (lambda path: path.name, str),
    (lambda path: path.name.casefold(), str.casefold),
    (lambda path: path.stem.casefold(), str.casefold),
)


def shelf_at(path: Path | Shelf) -> Shelf:
    """The directory or zip at `path`; a shelf as it is. Raises ImportProblem if it is neither, or a zip that cannot be unpacked."""
    if not isinstance(path, Path):
        return path
    if path.is_dir():
        return Directory(path)
    if not path.is_file():
        raise ImportProblem(str(path), None, "there is no such directory or zip")
    source = read_source(path)
    if not is_zip(source):
        raise ImportProblem(str(path), None, "this is neither a directory nor a zip")
    return Zip(source, {member.name.removeprefix(f"{source.name}/"): member for member in members(source)})
