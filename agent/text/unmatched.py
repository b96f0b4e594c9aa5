"""Which files of a manifest have labels ("Speaker 1") in the place of the people that the manifest names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.domain.transcript import SpeakerRole, Transcript
from agent.errors import ImportProblem
from agent.text.importers import Source, transcript_in
from agent.text.intake import file_on, for_file, manifest_on, unheard
from agent.text.manifest import CallRow, InterviewRow, read_call_manifest, read_interview_manifest
from agent.text.shelf import Shelf, shelf_at

Kind = Literal["call", "interview"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A file in which nobody is called as the manifest says. `people` are (role, name) of all whom the row names."""

    id: str
    file: str
    kind: Kind
    people: tuple[tuple[SpeakerRole, str], ...]
    transcript: Transcript

    @property
    def open(self) -> tuple[str, ...]:
        """The labels that nobody has said anything about, in order of first speaking."""
        named = {name for _, name in self.people}
        return tuple(label for label in self.transcript.speakers if label not in self.transcript.roles.keys() | named)


def unmatched(
    kind: Kind,
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    *,
    format: str | None = None,
) -> tuple[list[Unmatched], list[ImportProblem]]:
    """The files that `calls import` (or `interviews import`) refuses because a person of the manifest is not heard, and
    the problems of rows and files that could not be read. Arguments and errors as `load_calls`."""
    shelf = shelf_at(directory)
    read = read_call_manifest if kind == "call" else read_interview_manifest
    listed = read(manifest_on(shelf, manifest), mapping)
    found, problems = [], [*listed.problems]
    for row in listed.rows:
        try:
            one = _row(shelf, listed.name, row, speakers or {}, format)
        except ImportProblem as problem:
            problems.append(problem)
            continue
        found += [one] if one else []
    return found, problems


def _row(
    shelf: Shelf, manifest: str, row: CallRow | InterviewRow, speakers: Mapping[str, str], format: str | None
) -> Unmatched | None:
    source = file_on(shelf, manifest, row)
    read = transcript_in(source, format=format, speakers=for_file(speakers, row.file))
    role: SpeakerRole = "rep" if isinstance(row, CallRow) else "buyer"
    names = (row.rep,) if isinstance(row, CallRow) else row.buyers
    missing, told = unheard(read, names, role)
    if not missing or told:
        return None
    people: list[tuple[SpeakerRole, str]] = [(role, name) for name in names]
    if isinstance(row, CallRow) and row.customer:
        people.append(("customer", row.customer))
    return Unmatched(row.id, row.file, "call" if isinstance(row, CallRow) else "interview", tuple(people), read)
