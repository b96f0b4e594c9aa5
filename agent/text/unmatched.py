"""Finds the files of a manifest that have labels ("Speaker 1") instead of the people the manifest names, or words
without a speaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.core.errors import ImportProblem
from agent.core.transcript import SpeakerRole, Transcript
from agent.text.dates import DateOrder
from agent.text.importers import Reader, Source, reading_of
from agent.text.importers.turns import NOBODY
from agent.text.intake import (
    customers_of,
    file_on,
    for_file,
    is_notes,
    manifest_on,
    open_sides,
    parts_of,
    people_of,
    unheard,
)
from agent.text.manifest import CallRow, InterviewRow, Manifest, read_call_manifest, read_interview_manifest
from agent.text.names import folded
from agent.text.shelf import Shelf, shelf_at

Kind = Literal["call", "interview"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A file in which nobody has a name that the manifest gives, or some words have no speaker. `people` are (role,
    name) of all people in the row. Words without a speaker have the label `?`."""

    id: str
    file: str
    kind: Kind
    people: tuple[tuple[SpeakerRole, str], ...]
    transcript: Transcript

    @property
    def open(self) -> tuple[str, ...]:
        """The labels that nobody has explained yet, in order of first speaking."""
        named = {name for _, name in self.people}
        return tuple(label for label in self.transcript.speakers if label not in self.transcript.roles.keys() | named)

    @property
    def parts(self) -> dict[str, SpeakerRole]:
        """The part each label gets if the file is imported now."""
        role, others = _ROLES[self.kind]
        return parts_of(self.transcript, [name for part, name in self.people if part == role], role, {}, others)


_ROLES: dict[Kind, tuple[SpeakerRole, SpeakerRole]] = {
    "call": ("rep", "customer"),
    "interview": ("buyer", "interviewer"),
}


def unmatched(
    kind: Kind,
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    *,
    format: str | None = None,
    nameless: bool = False,
    reader: Reader = reading_of,
    dates: DateOrder = "",
    notes: bool = False,
) -> tuple[list[Unmatched], list[ImportProblem]]:
    """The files whose sides stay open when `calls import` (or `interviews import`) reads them, and the problems of rows
    and files that could not be read. Arguments and errors are those of `load_calls`.

    Notes in one voice do not count (`notes` as for `load_interviews`). With `nameless` files in which some words have
    no speaker count too; a file without any speaker stays a problem.
    """
    shelf = shelf_at(directory)
    listed = _listed(kind, shelf, manifest, mapping, dates)
    unlisted, problems = [], [*listed.problems]
    for row in listed.rows:
        try:
            if isinstance(row, InterviewRow) and is_notes(row, shelf, speakers or {}, notes=notes):
                continue
            one, without = _heard(shelf, listed.name, row, speakers or {}, format, nameless=nameless, reader=reader)
        except ImportProblem as problem:
            problems.append(problem)
            continue
        unlisted += [one] if without or not _matches(one) else []
    return unlisted, problems


def heard(
    kind: Kind,
    directory: Path | Shelf,
    manifest: Path | Source,
    file: str,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    *,
    reader: Reader = reading_of,
    dates: DateOrder = "",
) -> Unmatched | None:
    """The speakers in one `file` of the manifest, whether or not they match it; None if no row names the file.

    Arguments and errors as `load_calls`; ImportProblem also where the file cannot be read.
    """
    shelf = shelf_at(directory)
    listed = _listed(kind, shelf, manifest, mapping, dates)
    row = next((row for row in listed.rows if row.file == file), None)
    return (
        None if row is None else _heard(shelf, listed.name, row, speakers or {}, None, nameless=True, reader=reader)[0]
    )


def _listed(
    kind: Kind, shelf: Shelf, manifest: Path | Source, mapping: Mapping[str, str] | None, dates: DateOrder = ""
) -> Manifest[CallRow] | Manifest[InterviewRow]:
    read = read_call_manifest if kind == "call" else read_interview_manifest
    return read(manifest_on(shelf, manifest), mapping, dates)


def _heard(
    shelf: Shelf,
    manifest: str,
    row: CallRow | InterviewRow,
    speakers: Mapping[str, str],
    format: str | None,
    *,
    nameless: bool,
    reader: Reader,
) -> tuple[Unmatched, bool]:
    """The speakers in a row's file, and whether words without a speaker prevent its import."""
    source = file_on(shelf, manifest, row)
    says = for_file(speakers, row, source.name)
    known = people_of(row)
    without = False
    try:
        read = reader(source, format=format, speakers=says, people=known).transcript
    except ImportProblem:
        if not nameless:
            raise
        with_nobody = {**says, NOBODY: "other"}
        read, without = reader(source, format=format, speakers=with_nobody, people=known).transcript, True
        if NOBODY not in read.speakers or len(read.speakers) == 1:
            raise
    role: SpeakerRole = "rep" if isinstance(row, CallRow) else "buyer"
    people: list[tuple[SpeakerRole, str]] = [
        (role, name) for name in ((row.rep,) if isinstance(row, CallRow) else row.buyers)
    ]
    if isinstance(row, InterviewRow):
        people += [("interviewer", name) for part in row.interviewer.split(";") if (name := part.strip())]
    if isinstance(row, CallRow) and row.customer:
        people.append(("customer", row.customer))
    kind: Kind = "call" if isinstance(row, CallRow) else "interview"
    return Unmatched(row.id, row.file, kind, tuple(people), read), without


def _matches(one: Unmatched) -> bool:
    """Whether the file can be imported: the people it names are heard or labels were given their role, and somebody
    has the role."""
    role = _ROLES[one.kind][0]
    missing, told = unheard(one.transcript, [name for part, name in one.people if part == role], role)
    names = [name for part, name in one.people if part == role]
    others = _ROLES[one.kind][1]
    known: dict[str, SpeakerRole] = {
        folded(name): others for part, written in one.people if part == others for name in customers_of(written)
    }
    sides_open = open_sides(one.transcript, names, known, others, role)
    return (not missing or bool(told)) and role in one.parts.values() and not sides_open
