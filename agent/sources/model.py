"""A source: a folder on this machine or in a bucket. Each new transcript in it is imported once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.text.dates import DateOrder

SourceKind = Literal["call", "interview"]


@dataclass(frozen=True)
class Source:
    """A place where transcripts of one kind appear. `address` is a path or what fsspec reads (s3://bucket/folder).

    `manifest` names the table in it that describes its files; empty means the only one. `columns`, `speakers` and
    `dates` are used as in an import. A worker looks at it every `minutes`; `looked` is when it or a person did so last
    (ISO 8601, empty before the first time), and `said` is the result.
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
    """A file that was not imported, and why. It is looked at again the next time."""

    file: str
    why: str


@dataclass(frozen=True)
class Taken:
    """The result of one look at a source. `upload` is its id if something was stored. `problems` are files that
    could be read but not stored; they are reported once, until they change. `seen` counts files that were dealt with
    before."""

    source: str
    upload: str = ""
    stored: tuple[str, ...] = ()
    left: tuple[LeftFile, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seen: int = 0

    @property
    def sentence(self) -> str:
        """The result in one line of text."""
        parts = [f"{len(self.stored)} new", f"{self.seen} known from before"]
        parts += [f"{len(self.left)} left for later"] if self.left else []
        parts += [f"{len(self.problems)} with a problem"] if self.problems else []
        return ", ".join(parts)
