"""A directory (or zip) of transcripts and its manifest into interviews or calls, with one problem for each that fails.

Nothing here stops at the first fault: `Intake.loaded` holds what is right, `Intake.problems` the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from agent.calls.model import Call
from agent.core.errors import Advice, ImportProblem
from agent.core.transcript import SpeakerRole, Transcript, Turn
from agent.interviews.model import Interview
from agent.text.dates import DateOrder
from agent.text.importers import FORMATS, Reader, Reading, Source, reading_of
from agent.text.importers.base import RECORDINGS
from agent.text.importers.turns import NOBODY
from agent.text.manifest import CallRow, InterviewRow, Manifest, read_call_manifest, read_interview_manifest
from agent.text.names import People, all_folded, folded, same_person
from agent.text.notes import read_notes
from agent.text.shelf import Shelf, shelf_at

# Tables and JSON lie about for many reasons: they are missed in a manifest only if they hold turns.
_NAMED = 20
_MIXED_SUFFIXES = frozenset({".csv", ".tsv", ".json"})
_SUFFIXES = frozenset(s for form in FORMATS for s in form.suffixes) - {".md", ".log", ".zip"}

Made = TypeVar("Made", Interview, Call)
Row = TypeVar("Row", InterviewRow, CallRow)


@dataclass(frozen=True, slots=True)
class Intake(Generic[Made]):
    """What could be loaded, in the manifest's order, and what could not and why. In the same order, `formats` has the
    name of each loaded file's format, `notes` what its reader ought to know of it, `files` its name in the manifest;
    `left_out` what of the manifest is no row."""

    loaded: tuple[Made, ...]
    problems: tuple[ImportProblem, ...]
    formats: tuple[str, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def load_interviews(
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    roster: Collection[str] | None = None,
    *,
    format: str | None = None,
    reader: Reader = reading_of,
    dates: DateOrder = "",
    reps: People | None = None,
    buyers: People | None = None,
    notes: bool = False,
) -> Intake[Interview]:
    """The interviews that `manifest` lists, read from `directory`, which may be a zip or a shelf (and hold the manifest).

    The manifest's buyer (several are separated by semicolons) has the role `buyer`, its interviewer, or the only other
    voice there is, `interviewer`. Of several other voices nobody is given a side (it may be a second buyer): their sides
    stay open, unless `speakers` (label, or FILE:LABEL for one file, -> role word or name) says otherwise. `roster` are the known reps, `mapping` renames
    columns, `format` forces the file format, `reader` reads a file in the place of `reading_of`, `dates` orders dates
    like 3/4/2026, `reps` and `buyers` give people the names they have already. With `notes` all files are notes or e-mails of one voice
    where the manifest's column `kind` does not say otherwise. Raises ImportProblem when the manifest or the directory as
    a whole is unusable.
    """
    shelf = shelf_at(directory)
    listed = read_interview_manifest(manifest_on(shelf, manifest), mapping, dates)
    says, known, others = speakers or {}, reps or People(), buyers or People()

    def one(row: InterviewRow) -> tuple[Reading, Interview]:
        _check_roster(listed.name, row, roster)
        if is_notes := notes if row.notes is None else row.notes:
            read = read_notes(file_on(shelf, listed.name, row), row.buyers)
            transcript = read.transcript
        else:
            source, told = file_on(shelf, listed.name, row), for_file(says, row)
            try:
                read = reader(source, format=format, speakers=told, people=people_of(row))
            except ImportProblem as problem:
                raise _or_notes(problem) from None
            asking: dict[str, SpeakerRole] = dict.fromkeys(map(folded, row.interviewer.split(";")), "interviewer")
            transcript = _placed(listed.name, row.line, read.transcript, row.buyers, "buyer", asking, "interviewer")
            read = _with_open_sides(read, transcript, row.buyers, "interviewer")
        return read, Interview(
            id=row.id,
            transcript=transcript,
            kind="notes" if is_notes else "conversation",
            outcome=row.outcome,
            ending=row.ending,
            date=row.date,
            buyer=others.each(row.buyer, ";"),
            rep=known.one(row.rep),
            account=row.account,
            stage=row.stage,
            details={**({"interviewer": row.interviewer} if is_notes and row.interviewer else {}), **row.details},
        )

    return _load(shelf, directory, manifest, listed, one)


def _or_notes(problem: ImportProblem) -> ImportProblem:
    """Where nobody is named in the whole file, it may be notes."""
    if f'"{NOBODY}=NAME"' not in problem.told.option:
        return problem
    option = f"{problem.told.option}, or --kind notes where one voice tells of the interview"
    return ImportProblem(problem.where, problem.line, problem.what, replace(problem.told, option=option))


def load_calls(
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    roster: Collection[str] | None = None,
    *,
    format: str | None = None,
    reader: Reader = reading_of,
    dates: DateOrder = "",
    reps: People | None = None,
    buyers: People | None = None,
) -> Intake[Call]:
    """The calls that `manifest` lists, read from `directory`, which may be a zip (and hold the manifest).

    The manifest's rep has the role `rep`, another rep of the `roster` who speaks `other` (a colleague's words are not
    the rep's), the manifest's customers (several are separated by semicolons or commas), or the only other voice there
    is, `customer`. Of several other voices nobody is given a side (it may be a second seller): their sides stay open,
    unless `speakers` says otherwise. Arguments and errors as `load_interviews`.
    """
    shelf = shelf_at(directory)
    listed = read_call_manifest(manifest_on(shelf, manifest), mapping, dates)
    says, known, others = speakers or {}, reps or People(), buyers or People()
    colleagues: dict[str, SpeakerRole] = dict.fromkeys(map(folded, roster or ()), "other")

    def one(row: CallRow) -> tuple[Reading, Call]:
        _check_roster(listed.name, row, roster)
        rep = known.one(row.rep)
        read = reader(
            file_on(shelf, listed.name, row),
            format=format,
            speakers=for_file(says, row),
            people=people_of(row),
        )
        customers = customers_of(row.customer)
        known_parts: dict[str, SpeakerRole] = {**dict.fromkeys(map(folded, customers), "customer"), **colleagues}
        transcript = _placed(listed.name, row.line, read.transcript, (rep,), "rep", known_parts, "customer")
        strange = [label for label in transcript.speakers if transcript.roles.get(label) == "customer"]
        named = all_folded([*customers, *says])
        unknown = [label for label in strange if folded(label) not in named] if row.customer else []
        if unknown:
            read = replace(read, notes=(*read.notes, f"not in the manifest, taken for customers: {', '.join(unknown)}"))
        return _with_open_sides(read, transcript, (rep,), "customer"), Call(
            id=row.id,
            transcript=transcript,
            date=row.date,
            rep=rep,
            customer=others.each(row.customer, ","),
            account=row.account,
            stage=row.stage,
            deal=row.deal,
            details={**({"industry": row.industry} if row.industry else {}), **row.details},
        )

    return _load(shelf, directory, manifest, listed, one)


def manifest_on(shelf: Shelf, manifest: Path | Source) -> Path | Source:
    """The manifest on disk, else the file of that name on the shelf; one that is read already as it is."""
    if isinstance(manifest, Source):
        return manifest
    return manifest if manifest.is_file() else shelf.get(str(manifest)) or manifest


def _load(
    shelf: Shelf,
    directory: Path | Shelf,
    manifest: Path | Source,
    listed: Manifest[Row],
    one: Callable[[Row], tuple[Reading, Made]],
) -> Intake[Made]:
    loaded: list[tuple[Reading, Made]] = []
    files: list[str] = []
    problems: list[ImportProblem] = [*listed.problems]
    for row in listed.rows:
        try:
            loaded.append(one(row))
            files.append(row.file)
        except ImportProblem as problem:
            problems.append(problem)
    problems += _unlisted(shelf, directory, manifest, listed)
    formats = tuple(read.format.name for read, _ in loaded)
    notes = tuple(read.notes for read, _ in loaded)
    left_out = (*listed.left_out, *_recordings(shelf, listed))
    return Intake(tuple(made for _, made in loaded), tuple(problems), formats, notes, tuple(files), left_out)


def _recordings(shelf: Shelf, listed: Manifest[Row]) -> Iterator[str]:
    """A note that names the recordings beside the transcripts which no row names."""
    named = {shelf.key(name) for name in listed.files if name and "\0" not in name}
    found = [name for name in shelf.names() if Path(name).suffix.lower() in RECORDINGS and shelf.key(name) not in named]
    if found:
        many = f"{len(found)} recordings" if len(found) > 1 else "1 recording"
        more = ", …" if len(found) > _NAMED else ""
        yield f"{many} left out, transcribe first: {', '.join(found[:_NAMED])}{more}"


def people_of(row: InterviewRow | CallRow) -> tuple[str, ...]:
    """Whom a row of the manifest names as speaking in its file."""
    return (row.rep, *row.customer.split(",")) if isinstance(row, CallRow) else row.buyers


def file_on(shelf: Shelf, manifest: str, row: InterviewRow | CallRow) -> Source:
    """The file that `row` names. Raises ImportProblem where there is none."""
    source = shelf.get(row.file)
    if source is None and "#" in row.file:  # one transcript of a file with several
        name, _, part = row.file.rpartition("#")
        whole = shelf.get(name)
        source = replace(whole, part=part) if whole else None
    if source is None:
        raise ImportProblem(
            manifest, row.line, f"there is no file {row.file!r}", "correct the file column, or add the file"
        )
    return source


def _unlisted(
    shelf: Shelf, directory: Path | Shelf, manifest: Path | Source, listed: Manifest[Row]
) -> Iterator[ImportProblem]:
    """Transcripts that no row names. Hidden files and other kinds of file are left alone."""
    named = {part for name in listed.files for part in (name, name.rpartition("#")[0])}
    known = {shelf.key(name) for name in named if name and "\0" not in name}
    known |= (
        {shelf.key(manifest.name)}
        if isinstance(manifest, Source)
        else {str(manifest.resolve()), shelf.key(str(manifest))}
    )
    for name in shelf.names():
        if shelf.key(name) not in known and _is_transcript(shelf, name):
            what = f"the manifest {listed.name} does not name this file, so it was not imported"
            where = str(directory / name) if isinstance(directory, Path) else name
            yield ImportProblem(where, None, what, "add a row for it, or move it away")


def _is_transcript(shelf: Shelf, name: str) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix not in _SUFFIXES or suffix not in _MIXED_SUFFIXES:
        return suffix in _SUFFIXES
    try:
        source = shelf.get(name)
        return source is not None and any(form.sniff(source) for form in FORMATS if suffix in form.suffixes)
    except ImportProblem:
        return True


def _check_roster(manifest: str, row: InterviewRow | CallRow, roster: Collection[str] | None) -> None:
    if roster is not None and same_person(row.rep) not in set(map(same_person, roster)):
        what = f"unknown rep {row.rep!r}: not among {', '.join(sorted(roster)) or 'any'}"
        raise ImportProblem(manifest, row.line, what, "correct the name, or add it to the roster")


def _placed(
    manifest: str,
    line: int,
    read: Transcript,
    names: Sequence[str],
    role: SpeakerRole,
    known: Mapping[str, SpeakerRole],
    others: SpeakerRole,
) -> Transcript:
    """`read` with everybody's role. `names` are the manifest's people of that `role`; who is not heard under his name
    may have been given the role by --speakers, and if one label was for one name, it is replaced by the name. Else all
    whom nobody knows stay open: each of them may be who is missing."""
    missing, told = unheard(read, names, role)
    parts = parts_of(read, names, role, known, others)
    left = open_sides(read, names, known, others, role)
    parts = {label: part for label, part in parts.items() if label not in left}
    if role not in parts.values() and not left:
        found = ", ".join(map(repr, read.speakers))
        what = f"nobody in this file is the {role} {missing[0] if missing else names[0]!r}; speakers: {found}"
        hint = Advice(
            text="correct the manifest, or say who it is",
            option=f'--speakers "{read.speakers[0]}={role}"',
            there="say it under Who speaks",
        )
        raise ImportProblem(manifest, line, what, hint)
    renamed = {told[0]: missing[0]} if len(told) == len(missing) == 1 else {}
    return Transcript(
        turns=tuple(_said_by(turn, renamed) for turn in read.turns),
        roles={renamed.get(label, label): part for label, part in parts.items()},
    )


def open_sides(
    read: Transcript, names: Sequence[str], known: Mapping[str, SpeakerRole], others: SpeakerRole, role: SpeakerRole
) -> list[str]:
    """Labels that neither the manifest nor anybody else has placed. The only one left has the part of the `others`, if
    nobody else has: an interview has an interviewer, a call a customer. Where one of `names` is not heard, nobody is
    taken for anything: it may be the one whose `role` is missing."""
    people = set(map(same_person, names))
    placed = {label for label in read.speakers if same_person(label) in people or folded(label) in known}
    left = [label for label in read.speakers if label not in placed | read.roles.keys()]
    missing, told = unheard(read, names, role)
    if missing and not told:
        return left
    met = others in read.roles.values() or any(known.get(folded(label)) == others for label in read.speakers)
    return left if met or len(left) > 1 else []


def _with_open_sides(read: Reading, placed: Transcript, names: Sequence[str], others: SpeakerRole) -> Reading:
    """The reading, with a note on whose side nobody is known to be, and who of the manifest is not heard."""
    labels = [label for label in placed.speakers if label not in placed.roles]
    main: SpeakerRole = "buyer" if others == "interviewer" else "rep"
    missing, told = unheard(placed, names, main)
    absent = f"nobody is called {' or '.join(missing)}" if missing and not told else ""
    if not labels:
        return replace(read, notes=(*read.notes, absent)) if absent else read
    what, left_out = ("the interview", "patterns") if main == "buyer" else ("the call", "scoring")
    note = (
        f"sides open: {', '.join(labels)}{absent and f' ({absent})'}; {what} is left out of {left_out} until it is said "
        f"who they are ({others}, {main} or other)"
    )
    return replace(read, notes=(*read.notes, note))


def customers_of(written: str) -> list[str]:
    """The customers that a manifest's cell names; several are separated by semicolons or commas."""
    return [name for part in written.replace(";", ",").split(",") if (name := part.strip())]


def parts_of(
    read: Transcript, names: Sequence[str], role: SpeakerRole, known: Mapping[str, SpeakerRole], others: SpeakerRole
) -> dict[str, SpeakerRole]:
    """The part of every label of `read`: as it was said, else `role` for one of `names`, the part of somebody `known`
    (folded name -> part), or `others`."""
    people = set(map(same_person, names))
    mine = {label for label in read.speakers if same_person(label) in people}
    heard = {label: role if label in mine else known.get(folded(label), others) for label in read.speakers}
    return heard | read.roles


def unheard(read: Transcript, names: Sequence[str], role: SpeakerRole) -> tuple[list[str], list[str]]:
    """Which of `names` nobody is called in `read`, and which labels were said to play their `role` in their place."""
    labels, people = set(map(same_person, read.speakers)), set(map(same_person, names))
    told = [label for label, part in read.roles.items() if part == role and same_person(label) not in people]
    return [name for name in names if same_person(name) not in labels], told


def for_file(speakers: Mapping[str, str], row: InterviewRow | CallRow) -> dict[str, str]:
    """What is said about one file: every plain label, before them the row's own, before these labels as `FILE:LABEL`."""
    prefix = f"{row.file}:"
    own = {label.removeprefix(prefix): value for label, value in speakers.items() if label.startswith(prefix)}
    return {**speakers, **row.speakers, **own}


def _said_by(turn: Turn, renamed: Mapping[str, str]) -> Turn:
    return turn.model_copy(update={"speaker": renamed[turn.speaker]}) if turn.speaker in renamed else turn
