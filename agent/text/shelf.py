"""Where transcript files come from: a directory or a zip, read through the same interface."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from agent.core.errors import ImportProblem
from agent.text.importers import read_source
from agent.text.importers.archive import is_zip, members, unpack_recordings
from agent.text.importers.base import RECORDINGS, Source

MOST_SOUND = 2_000_000_000  # bytes that the recordings of one zip may unpack to


class Shelf(Protocol):
    """A set of files under relative names."""

    def get(self, name: str) -> Source | None:
        """The file of that name, or None. Raises ImportProblem for a link that leads out, or an unreadable file."""

    def names(self) -> Iterator[str]:
        """All files except hidden ones, in the order of their names."""

    def key(self, name: str) -> str:
        """A form of the name that is the same for two spellings of one file's name."""


@dataclass(frozen=True)
class Directory:
    """The files below a directory: a manifest seldom knows how and in which folder they are written there.

    A name that is not there is looked for in all folders, then in any case and Unicode form, then without its suffix;
    it is found if one file alone fits.
    """

    path: Path

    def get(self, name: str) -> Source | None:
        known = self._found(name)
        if known is None:
            return None
        path = self.path / known
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ImportProblem(str(path), None, f"this is a link out of {self.path}", "copy the file there")
        return read_source(path)

    def names(self) -> Iterator[str]:
        yield from self._names

    def key(self, name: str) -> str:
        return str((self.path / (self._found(name) or name)).resolve())

    @cached_property
    def _names(self) -> tuple[str, ...]:
        below = ((path, path.relative_to(self.path)) for path in sorted(self.path.rglob("*")))
        return tuple(str(name) for path, name in below if path.is_file() and not any(p[:1] == "." for p in name.parts))

    @cached_property
    def _by_shape(self) -> tuple[dict[str, list[str]], ...]:
        """The files by each form of their names in which they may be looked for."""
        tables: tuple[dict[str, list[str]], ...] = tuple({} for _ in _SHAPES)
        for name in self._names:
            for names, (shape, _) in zip(tables, _SHAPES, strict=True):
                names.setdefault(shape(name), []).append(name)
        return tables

    def _found(self, name: str) -> str | None:
        wanted = name.replace("\\", "/").removeprefix("./")
        if wanted in self._names:
            return wanted
        for names, (_, shape) in zip(self._by_shape, _SHAPES, strict=True):
            fitting = names.get(shape(wanted), [])
            if len(fitting) == 1:
                return fitting[0]
        return None


def _any_case(name: str) -> str:
    return unicodedata.normalize("NFC", PurePosixPath(name).name).casefold()


def _last(name: str) -> str:
    return PurePosixPath(name).name


# What of a file's name must equal what of the name that is looked for: the last part, in any case, without its suffix.
_SHAPES: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
    (_last, _last),
    (_any_case, _any_case),
    (lambda name: PurePosixPath(_any_case(name)).stem, _any_case),
)


@dataclass(frozen=True)
class Zip:
    """The files in a zip."""

    source: Source
    files: dict[str, Source] = field(default_factory=dict)

    def with_recordings(self, folder: Path) -> "Zip":
        """The same zip with its recordings unpacked into `folder`, where they can be heard. Raises ImportProblem for
        the same faults as `members`."""
        found = unpack_recordings(self.source.data, self.source.name, folder, MOST_SOUND)
        sound = {name: replace(self.files[name], path=path) for name, path in found.items() if name in self.files}
        return replace(self, files=self.files | sound)

    def get(self, name: str) -> Source | None:
        return self.files.get(name)

    def names(self) -> Iterator[str]:
        yield from sorted(self.files)

    def key(self, name: str) -> str:
        return f"{self.source.name}/{name}"


class Loose(Directory):
    """Files that somebody dropped on a page. Errors use the names that the person knows."""

    def get(self, name: str) -> Source | None:
        known = self._found(name)
        try:
            source = super().get(name)
        except ImportProblem as problem:
            raise ImportProblem(known or name, None, problem.what, problem.told) from None
        return replace(source, name=known) if source and known else None

    def key(self, name: str) -> str:
        return self._found(name) or name


@dataclass(frozen=True)
class OneRecording(Directory):
    """A single recording, looked up by its name without its folder."""

    name: str = ""

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return (self.name,)


def shelf_at(path: Path | Shelf) -> Shelf:
    """The directory or zip at `path`; a shelf as it is. Raises ImportProblem if it is neither, or a
    zip that cannot be unpacked."""
    if not isinstance(path, Path):
        return path
    if path.is_dir():
        return Directory(path)
    if not path.is_file():
        raise ImportProblem(str(path), None, "there is no such directory or zip")
    if path.suffix.lower() in RECORDINGS:
        return OneRecording(path.parent, path.name)
    source = read_source(path)
    if not is_zip(source):
        raise ImportProblem(str(path), None, "this is neither a directory nor a zip")
    return Zip(source, {member.name.removeprefix(f"{source.name}/"): member for member in members(source)})
