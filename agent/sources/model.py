"""A source: a folder, here or in a bucket, from which new transcripts are taken, each file once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.text.dates import DateOrder

SourceKind = Literal["call", "interview"]


@dataclass(frozen=True)
class Source:
    """Where transcripts of one kind appear. `address` is a path or what fsspec reads (s3://bucket/folder).

    `manifest` names the table in it that describes its files; empty takes the one there is. `columns`, `speakers` and
    `dates` are read as at an import. A worker looks at it every `minutes`; `looked` is when it or a person last did
    (ISO 8601, empty before the first time), and `said` what came of it.
    """

    name: str
    kind: SourceKind
    address: str
    by: str
    at: str
    manifest: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)
    dates: DateOrder = ""
    minutes: int = 15
    looked: str = ""
    said: str = ""


@dataclass(frozen=True)
class LeftFile:
    """A file that was not taken, and why: it is looked at again the next time."""

    file: str
    why: str


@dataclass(frozen=True)
class Taken:
    """What one look at a source came to. `upload` is its id where something was stored; `problems` are files that were
    read and could not be stored, which is told once, until they change; `seen` were dealt with before."""

    source: str
    upload: str = ""
    stored: tuple[str, ...] = ()
    left: tuple[LeftFile, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seen: int = 0

    @property
    def sentence(self) -> str:
        """What happened, in one line."""
        parts = [f"{len(self.stored)} new", f"{self.seen} known from before"]
        parts += [f"{len(self.left)} left for later"] if self.left else []
        parts += [f"{len(self.problems)} with a problem"] if self.problems else []
        return ", ".join(parts)
