"""What importing interviews and calls from a directory or zip and its manifest has in common: finding files, placing
people and their sides, and one problem for each row that fails. `agent.interviews.intake` and `agent.calls.intake` say
what is made of a row.

Nothing here stops at the first fault: `Intake.loaded` holds what is right, `Intake.problems` the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Generic, TypeVar

from agent.core.errors import Advice, ImportProblem, UsageError
from agent.core.language import N_, NN_
from agent.core.transcript import SpeakerRole, Transcript
from agent.text.importers import FORMATS, Reading, Source, workbook
from agent.text.importers.base import RECORDINGS
from agent.text.importers.turns import NOBODY, NOTES
from agent.text.manifest import CallRow, InterviewRow, Manifest
from agent.text.names import folded, same_person
from agent.text.shelf import Shelf
from agent.text.suspicion import HINT, suspicious

# Tables and JSON lie about for many reasons: they are missed in a manifest only if they hold turns.
_NAMED = 20
_SUSPICIOUS_NAMED = 5
_BOOKS = frozenset(workbook.FORMAT.suffixes)
_MIXED_SUFFIXES = frozenset({".csv", ".tsv", ".json"}) | _BOOKS
_SUFFIXES = frozenset(s for form in FORMATS for s in form.suffixes) - {".md", ".log", ".zip"}

Made = TypeVar("Made")
Row = TypeVar("Row", InterviewRow, CallRow)


@dataclass(frozen=True, slots=True)
class Intake(Generic[Made]):
    """What was loaded, in the manifest's order, and the problems of what was not.

    The other lists run parallel to `loaded`: `formats` names each file's format, `notes` tells what a reader ought to
    know of it, `files` is its name in the manifest, `recordings` the hash of the recording it was heard in, if any.
    `left_out` tells which lines of the manifest are no rows.
    """

    loaded: tuple[Made, ...]
    problems: tuple[ImportProblem, ...]
    formats: tuple[str, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()


def manifest_on(shelf: Shelf, manifest: Path | Source) -> Path | Source:
    """The manifest on disk, else the file of that name on the shelf. A manifest that has been read already is
    returned as it is."""
    if isinstance(manifest, Source):
        return manifest
    return manifest if manifest.is_file() else shelf.get(str(manifest)) or manifest


def load_all(
    shelf: Shelf,
    directory: Path | Shelf,
    manifest: Path | Source,
    listed: Manifest[Row],
    one: Callable[[Row], tuple[Reading, Made]],
) -> Intake[Made]:
    """Calls `one` for every row of the manifest, and collects its results, the problems of rows that failed, and
    those of files that no row names."""
    loaded: list[tuple[Reading, Made]] = []
    files: list[str] = []
    problems: list[ImportProblem] = [*listed.problems]
    for row in listed.rows:
        try:
            loaded.append(one(row))
            files.append(row.file)
        except ImportProblem as problem:
            problems.append(problem)
    unlisted: tuple[list[str], list[str]] = _unlisted(shelf, manifest, listed)
    for name in unlisted[0]:
        what = f"the manifest {listed.name} does not name this file, so it was not imported"
        where = str(directory / name) if isinstance(directory, Path) else name
        problems.append(ImportProblem(where, None, what, "add a row for it, or move it away"))
    formats = tuple(read.format.name for read, _ in loaded)
    notes = tuple(_noted(read) for read, _ in loaded)
    left_out = (
        *listed.left_out,
        *_recordings(shelf, listed),
        *_named(N_("left alone, without turns in it: {names}"), unlisted[1]),
    )
    recordings = tuple(read.recording for read, _ in loaded)
    made = tuple(made for _, made in loaded)
    return Intake(made, tuple(problems), formats, notes, tuple(files), left_out, recordings)


_TURN = N_("turn {turn} ({what})")
_SUSPICIOUS = N_("looks like words to a model, so read it yourself: {named} ({hint})")


def _noted(read: Reading) -> tuple[str, ...]:
    """The reader's notes, and one more if some turns look as if somebody spoke to a model: a person should read
    them."""
    if marked := suspicious(read.transcript):
        named = ", ".join(_TURN.format(turn=turn, what=what) for turn, what in list(marked.items())[:_SUSPICIOUS_NAMED])
        more = f", … (+{len(marked) - _SUSPICIOUS_NAMED})" if len(marked) > _SUSPICIOUS_NAMED else ""
        return (*read.notes, _SUSPICIOUS.format(named=f"{named}{more}", hint=HINT))
    return read.notes


_RECORDINGS = NN_(
    "{n} recording left out, transcribe first: {names}", "{n} recordings left out, transcribe first: {names}"
)


def _recordings(shelf: Shelf, listed: Manifest[Row]) -> Iterator[str]:
    """A note that names the recordings which lie beside the transcripts and stand in no row."""
    named = {shelf.key(name) for name in listed.files if name and "\0" not in name}
    recordings = [
        name for name in shelf.names() if Path(name).suffix.lower() in RECORDINGS and shelf.key(name) not in named
    ]
    yield from _named(_RECORDINGS[len(recordings) != 1], recordings)


def people_of(row: InterviewRow | CallRow) -> tuple[str, ...]:
    """The people whom a row of the manifest names as speaking in its file."""
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


def _named(what: str, files: Sequence[str]) -> Iterator[str]:
    """A note that says what happened to these files; none if there are no files."""
    if files:
        names = ", ".join(files[:_NAMED]) + (", …" if len(files) > _NAMED else "")
        yield what.format(n=len(files), names=names)


def _unlisted(shelf: Shelf, manifest: Path | Source, listed: Manifest[Row]) -> tuple[list[str], list[str]]:
    """The files that no row names: the transcripts among them, and the tables without turns. Hidden files and other
    kinds are ignored."""
    named = {part for name in listed.files for part in (name, name.rpartition("#")[0])}
    known = {shelf.key(name) for name in named if name and "\0" not in name}
    known |= (
        {shelf.key(manifest.name)}
        if isinstance(manifest, Source)
        else {str(manifest.resolve()), shelf.key(str(manifest))}
    )
    names = [name for name in shelf.names() if shelf.key(name) not in known and Path(name).suffix.lower() in _SUFFIXES]
    transcripts = {name for name in names if _is_transcript(shelf, name)}
    return [n for n in names if n in transcripts], [n for n in names if n not in transcripts]


def _is_transcript(shelf: Shelf, name: str) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix not in _MIXED_SUFFIXES:
        return True
    try:
        source = shelf.get(name)
        if source is None:
            return False
        if suffix in _BOOKS:
            return workbook.holds_turns(source)
        return any(form.sniff(source) for form in FORMATS if suffix in form.suffixes)
    except ImportProblem:
        return True


def check_roster(manifest: str, row: InterviewRow | CallRow, roster: Collection[str] | None) -> None:
    """Raises ImportProblem for a rep who is not in the roster, if there is a roster."""
    if roster is not None and same_person(row.rep) not in set(map(same_person, roster)):
        what = f"unknown rep {row.rep!r}: not among {', '.join(sorted(roster)) or 'any'}"
        raise ImportProblem(manifest, row.line, what, "correct the name, or add it to the roster")


def placed(
    manifest: str,
    line: int,
    read: Transcript,
    names: Sequence[str],
    role: SpeakerRole,
    known: Mapping[str, SpeakerRole],
    others: SpeakerRole,
) -> Transcript:
    """The transcript with everybody's side set.

    `names` are the people of the given `role` in the manifest. If one of them is not heard by name, a label that
    --speakers gave this role takes the name, provided it is one label for one name. Otherwise all unknown speakers stay
    open, since each of them may be the missing person.
    """
    missing, told = unheard(read, names, role)
    parts = parts_of(read, names, role, known, others)
    left = open_sides(read, names, known, others, role)
    parts = {label: part for label, part in parts.items() if label not in left}
    if role not in parts.values() and not left:
        labels = ", ".join(map(repr, read.speakers))
        what = f"nobody in this file is the {role} {missing[0] if missing else names[0]!r}; speakers: {labels}"
        hint = Advice(
            text="correct the manifest, or say who it is",
            option=f'--speakers "{read.speakers[0]}={role}"',
            there="say it under Who speaks",
        )
        raise ImportProblem(manifest, line, what, hint)
    renamed = {told[0]: missing[0]} if len(told) == len(missing) == 1 else {}
    return Transcript(
        turns=tuple(
            turn.model_copy(update={"speaker": renamed[turn.speaker]}) if turn.speaker in renamed else turn
            for turn in read.turns
        ),
        roles={renamed.get(label, label): part for label, part in parts.items()},
    )


def open_sides(
    read: Transcript, names: Sequence[str], known: Mapping[str, SpeakerRole], others: SpeakerRole, role: SpeakerRole
) -> list[str]:
    """The labels whose side neither the manifest nor anybody else has told.

    A single such label is taken for the part of the `others` if nobody else has it: an interview has an interviewer, a
    call has a customer. This is not done if one of `names` is not heard, since the label may be that person's.
    """
    people = set(map(same_person, names))
    placed = {label for label in read.speakers if same_person(label) in people or folded(label) in known}
    left = [label for label in read.speakers if label not in placed | read.roles.keys()]
    missing, told = unheard(read, names, role)
    if missing and not told:
        return left
    met = others in read.roles.values() or any(known.get(folded(label)) == others for label in read.speakers)
    return left if met or len(left) > 1 else []


_SIDES_OPEN = {
    "buyer": N_(
        "sides open: {labels}; the interview is left out of patterns until it is said who they are "
        "(interviewer, buyer or other)"
    ),
    "rep": N_(
        "sides open: {labels}; the call is left out of scoring until it is said who they are (customer, rep or other)"
    ),
}


def with_open_sides(read: Reading, placed: Transcript, names: Sequence[str], others: SpeakerRole) -> Reading:
    """The reading with a note that names the speakers whose side is unknown, and the people of the manifest who were
    not heard."""
    labels = [label for label in placed.speakers if label not in placed.roles]
    main: SpeakerRole = "buyer" if others == "interviewer" else "rep"
    missing, told = unheard(placed, names, main)
    absent = N_("nobody is called {names}").format(names=" or ".join(missing)) if missing and not told else ""
    if not labels:
        return replace(read, notes=(*read.notes, absent)) if absent else read
    note = _SIDES_OPEN[main].format(labels=", ".join(labels) + (f" ({absent})" if absent else ""))
    return replace(read, notes=(*read.notes, note))


def customers_of(written: str) -> list[str]:
    """The customers in a manifest's cell, which are separated by semicolons or commas."""
    return [name for part in written.replace(";", ",").split(",") if (name := part.strip())]


def parts_of(
    read: Transcript, names: Sequence[str], role: SpeakerRole, known: Mapping[str, SpeakerRole], others: SpeakerRole
) -> dict[str, SpeakerRole]:
    """The part of every speaker's label: as somebody stated it, else `role` for one of `names`, else the part of a
    `known` person (folded name -> part), else `others`."""
    people = set(map(same_person, names))
    mine = {label for label in read.speakers if same_person(label) in people}
    heard = {label: role if label in mine else known.get(folded(label), others) for label in read.speakers}
    return heard | read.roles


def unheard(read: Transcript, names: Sequence[str], role: SpeakerRole) -> tuple[list[str], list[str]]:
    """Which of `names` are no speaker's name in the transcript, and which labels were given their `role` instead."""
    labels, people = set(map(same_person, read.speakers)), set(map(same_person, names))
    told = [label for label, part in read.roles.items() if part == role and same_person(label) not in people]
    return [name for name in names if same_person(name) not in labels], told


def is_notes(row: InterviewRow, shelf: Shelf, speakers: Mapping[str, str], *, notes: bool) -> bool:
    """Whether an interview consists of notes in one voice: as stated for its file (`FILE:?=notes`), else as its row
    says, else as stated for all files (`notes`)."""
    if speakers.get(NOBODY) == NOTES:
        raise UsageError(
            "notes of one voice are said of a file, or of all that come in together",
            advice=Advice(option=f'--speakers "FILE:{NOBODY}={NOTES}" for one file, or --kind notes for all'),
        )
    if NOTES in speakers.values() and (source := shelf.get(row.file)):
        files = (row.file, source.name, PurePath(source.name).name)
        if NOTES in (speakers.get(f"{file}:{NOBODY}") for file in files):
            return True
    return notes if row.notes is None else row.notes


def for_file(speakers: Mapping[str, str], row: InterviewRow | CallRow, name: str) -> dict[str, str]:
    """What was stated about the speakers of one file, later entries winning: labels without a file, then the row's
    own column, then `FILE:LABEL`, where FILE is the manifest's name of the file or its own `name`."""
    own = {
        label.removeprefix(prefix): value
        for prefix in (f"{name}:", f"{row.file}:")
        for label, value in speakers.items()
        if label.startswith(prefix)
    }
    return {**speakers, **row.speakers, **own}
