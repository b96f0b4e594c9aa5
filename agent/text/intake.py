"""What loading interviews and calls from a directory (or zip) and its manifest has in common: files found, people and
sides told, one problem for each row that fails. `agent.interviews.intake` and `agent.calls.intake` say what is made.

Nothing here stops at the first fault: `Intake.loaded` holds what is right, `Intake.problems` the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Generic, TypeVar

from agent.core.errors import Advice, ImportProblem, UsageError
from agent.core.language import N_, NN_
from agent.core.transcript import SpeakerRole, Transcript, Turn
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
    """What could be loaded, in the manifest's order, and what could not and why. In the same order,
    `formats` has the name of each loaded file's format, `notes` what its reader ought to know of it, `files`
    its name in the manifest; `left_out` what of the manifest is no row, `recordings` the hash of the
    recording that it was heard in, if it was."""

    loaded: tuple[Made, ...]
    problems: tuple[ImportProblem, ...]
    formats: tuple[str, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()


def manifest_on(shelf: Shelf, manifest: Path | Source) -> Path | Source:
    """The manifest on disk, else the file of that name on the shelf; one that is read already as it is."""
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
    """What `one` makes of every row, with the problems of the rest and of files that no row names."""
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
    """The reader's notes, and one where turns look as if somebody spoke to a model: a person ought to read them."""
    if marked := suspicious(read.transcript):
        named = ", ".join(_TURN.format(turn=turn, what=what) for turn, what in list(marked.items())[:_SUSPICIOUS_NAMED])
        more = f", … (+{len(marked) - _SUSPICIOUS_NAMED})" if len(marked) > _SUSPICIOUS_NAMED else ""
        return (*read.notes, _SUSPICIOUS.format(named=f"{named}{more}", hint=HINT))
    return read.notes


_RECORDINGS = NN_(
    "{n} recording left out, transcribe first: {names}", "{n} recordings left out, transcribe first: {names}"
)


def _recordings(shelf: Shelf, listed: Manifest[Row]) -> Iterator[str]:
    """A note that names the recordings beside the transcripts which no row names."""
    named = {shelf.key(name) for name in listed.files if name and "\0" not in name}
    recordings = [
        name for name in shelf.names() if Path(name).suffix.lower() in RECORDINGS and shelf.key(name) not in named
    ]
    yield from _named(_RECORDINGS[len(recordings) != 1], recordings)


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


def _named(what: str, files: Sequence[str]) -> Iterator[str]:
    """A note of what became of these files, if there are any."""
    if files:
        names = ", ".join(files[:_NAMED]) + (", …" if len(files) > _NAMED else "")
        yield what.format(n=len(files), names=names)


def _unlisted(shelf: Shelf, manifest: Path | Source, listed: Manifest[Row]) -> tuple[list[str], list[str]]:
    """The files that no row names: transcripts, and tables without turns. Hidden files and
    other kinds are left alone."""
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
    """ImportProblem for a rep who is not in the roster, where there is one."""
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
    """`read` with everybody's role. `names` are the manifest's people of that `role`; who is not heard under his name
    may have been given the role by --speakers, and if one label was for one name, it is replaced by the name. Else all
    whom nobody knows stay open: each of them may be who is missing."""
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
    """The reading, with a note on whose side nobody is known to be, and who of the manifest is not heard."""
    labels = [label for label in placed.speakers if label not in placed.roles]
    main: SpeakerRole = "buyer" if others == "interviewer" else "rep"
    missing, told = unheard(placed, names, main)
    absent = N_("nobody is called {names}").format(names=" or ".join(missing)) if missing and not told else ""
    if not labels:
        return replace(read, notes=(*read.notes, absent)) if absent else read
    note = _SIDES_OPEN[main].format(labels=", ".join(labels) + (f" ({absent})" if absent else ""))
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


def is_notes(row: InterviewRow, shelf: Shelf, speakers: Mapping[str, str], *, notes: bool) -> bool:
    """Whether an interview is notes of one voice: as was said of its file (`FILE:?=notes`), else as
    its row says, else as all are."""
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
    """What is said about one file: every plain label, before them the row's own, before these labels as `FILE:LABEL`,
    by the manifest's name of the file or its own `name`."""
    own = {
        label.removeprefix(prefix): value
        for prefix in (f"{name}:", f"{row.file}:")
        for label, value in speakers.items()
        if label.startswith(prefix)
    }
    return {**speakers, **row.speakers, **own}


def _said_by(turn: Turn, renamed: Mapping[str, str]) -> Turn:
    return turn.model_copy(update={"speaker": renamed[turn.speaker]}) if turn.speaker in renamed else turn
