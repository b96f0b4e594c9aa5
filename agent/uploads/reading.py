"""What is brought in, read once: what would become of each file or row. Nothing is stored here; `verbs.bring_in` does.

Whoever brings it (the page, the API, the command line) makes a `Brought` of it; the `Checked` that comes of that
is shown, and stored as it is.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from agent import __version__
from agent.calls.intake import load_calls
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.coaching.cycles import baseline_calls_in, known_criteria, shared_note
from agent.core.errors import Advice, CloseReadError, ImportProblem, InputError, NotFound, UsageError
from agent.core.figures import plural
from agent.core.language import N_, NN_, _, ngettext, retold
from agent.core.statistic import percent
from agent.core.transcript import Transcript
from agent.core.wording import number
from agent.db.secret_key import secret_key
from agent.db.word_prints import Print, Prints
from agent.interviews.intake import load_interviews
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.outcomes.deal_file import DealMap, read_coaching, read_deals
from agent.outcomes.store import Deals
from agent.people.names import Names
from agent.profiles.store import CoachingPeriods
from agent.ratings.import_file import RatingIntake, read_ratings
from agent.ratings.store_import import ImportedCall, ImportedRating, ImportedRatings
from agent.rubrics.in_use import in_use
from agent.speech.hearing_files import HeardFolder, HeardReader, Recorded
from agent.text.dates import DateOrder
from agent.text.importers import FORMATS, Reader, Reading, Source, reading_of
from agent.text.intake import manifest_on
from agent.text.manifest import id_without_names, read_call_manifest, read_interview_manifest
from agent.text.names import LIKE, People
from agent.text.shelf import Shelf, shelf_at
from agent.text.tables import over
from agent.text.unmatched import Unmatched, unmatched
from agent.uploads.kinds import cycle_ident
from agent.uploads.model import UploadedDocument, UploadKind
from agent.uploads.tables import Columns
from agent.workspace import Workspace

_OPEN_SIDES = {
    "interview": NN_(
        "{n} interview has open sides: left out of what models read until it is said who is who",
        "{n} interviews have open sides: left out of what models read until it is said who is who",
    ),
    "call": NN_(
        "{n} call has open sides: left out of what models read until it is said who is who",
        "{n} calls have open sides: left out of what models read until it is said who is who",
    ),
}
How = Literal["new", "changed", "unchanged", "problem"]


@dataclass(frozen=True)
class ImportLine:
    """What becomes of one file or row. `number` is a line of `file`; `hint` says what to do about a problem, `label`
    which speaker's label is in doubt."""

    file: str
    how: How
    what: str
    id: str = ""
    number: int | None = None
    hint: str = ""
    label: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.number}" if self.number is not None else self.file
        return f"{place}: {self.what}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True)
class Brought:
    """What somebody brings in: interviews or calls on a shelf with a table that describes them, or a table of rows.

    `name` is what lists of uploads call it. `columns`: their column -> our field; `speakers`: label (or "FILE:label")
    -> "rep", "buyer" or a name; `reps`: the known reps; `form`: a transcript format instead of detecting it; `dates`:
    how dates like 3/4/2026 are read; `preset`: the column map of a CRM; `rubric`: what ratings were made with; `notes`:
    interviews are notes or e-mails of one voice, where their table does not say otherwise.
    """

    kind: UploadKind
    name: str
    table: Path | Source
    shelf: Path | Shelf | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)
    reps: Sequence[str] | None = None
    form: str | None = None
    dates: DateOrder = ""
    preset: str = ""
    rubric: str = ""
    notes: bool = False
    reader: Reader = reading_of


@dataclass(frozen=True)
class ReadDocument:
    """An interview or call that was read: from which file, in which format, and what its reader ought to know of it.
    `recording` is the hash of the recording in which it was heard."""

    document: Interview | Call
    how: How
    file: str
    form: str
    notes: tuple[str, ...]
    recording: str = ""

    @property
    def in_words(self) -> str:
        """Format, turns and speakers, with the part that each plays, and the notes."""
        turns, people = turns_and_people(self.document.transcript)
        return "; ".join((f"{self.form}, {turns}: {people}", *map(retold, self.notes)))


def turns_and_people(transcript: Transcript) -> tuple[str, str]:
    """How many turns, and the speakers with the part that each plays where that is known."""
    roles, turns = transcript.roles, len(transcript.turns)
    people = ", ".join(f"{name} ({_(roles[name])})" if name in roles else name for name in transcript.speakers)
    return ngettext("{n} turn", "{n} turns", turns, n=turns), people


@dataclass
class Checked:
    """What storing would do. `add` stores the `rows` of a table as those of an upload of that moment; `notes` are what
    there is to know beside its lines, and `around` are the words before the number of what was imported, the noun with
    it (if any), and the words behind.

    `heard` is where recordings are kept that were heard.
    `waiting` are files that nothing is known about yet, `strangers` those whose speakers are not.
    """

    kind: UploadKind
    name: str
    lines: list[ImportLine] = field(default_factory=list)
    documents: list[ReadDocument] = field(default_factory=list)
    add: Callable[[Workspace, datetime], Counter[str]] | None = None
    rows: list[UploadedDocument] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    around: tuple[str, str, str] = ("", "", " imported")
    waiting: list[str] = field(default_factory=list)
    strangers: list[Unmatched] = field(default_factory=list)
    columns: Columns | None = None
    heard: HeardFolder | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def problems(self) -> list[ImportLine]:
        """What would not be stored."""
        return [line for line in self.lines if line.how == "problem"]

    @property
    def storable(self) -> int:
        """How many files or rows would be stored."""
        return self.counts["new"] + self.counts["changed"]


def as_line(error: CloseReadError) -> ImportLine:
    """A problem as the command line has it."""
    if isinstance(error, ImportProblem):
        return ImportLine(
            error.where, "problem", error.what, "", error.line, error.told.at_the_terminal(), error.told.label
        )
    return ImportLine("", "problem", error.at_the_terminal())


def check(
    space: Workspace,
    brought: Brought,
    checked: Checked | None = None,
    told: Callable[[CloseReadError], ImportLine] = as_line,
) -> Checked:
    """Read everything. ImportProblem, UsageError or NotFound where the table as a whole cannot be used.

    For a page `checked` is given and filled in: files are also searched for strangers, and what is wrong with the table
    as a whole is one more problem. `told` puts problems into words.
    """
    made = checked or Checked(brought.kind, brought.name)
    try:
        if brought.kind in ("interview", "call"):
            problems = _read_documents(space, brought, made, strangers=checked is not None)
        else:
            problems = _read_rows(space, brought, made)
    except (ImportProblem, UsageError, NotFound) as error:
        if checked is None:
            raise
        problems = [error]
    made.lines += [told(problem) for problem in problems]
    return made


def _read_documents(space: Workspace, brought: Brought, made: Checked, *, strangers: bool) -> Sequence[CloseReadError]:
    assert brought.shelf is not None
    kind: Literal["interview", "call"] = "interview" if brought.kind == "interview" else "call"
    load: Any = load_interviews if kind == "interview" else load_calls
    shelf, table, says, reader = brought.shelf, brought.table, brought.speakers, brought.reader
    reps, buyers = known_reps(space), known_buyers(space)
    options: dict[str, Any] = {"format": brought.form, "reader": reader, "dates": brought.dates}
    if kind == "interview":
        options["notes"] = brought.notes
    intake = load(shelf, table, brought.columns, says, brought.reps, reps=reps, buyers=buyers, **options)
    made.notes += [*intake.left_out, *_new_people(reps, buyers)]
    if strangers:
        made.strangers, _labels = unmatched(
            kind,
            shelf,
            table,
            brought.columns,
            says,
            nameless=True,
            reader=reader,
            dates=brought.dates,
            notes=brought.notes,
        )
    stored: Any = space.store[Interviews] if kind == "interview" else space.store[Calls]
    prints: Prints = stored.prints()
    names = stored.known_as(document.id for document in intake.loaded)
    made.heard = reader.heard if isinstance(reader, HeardReader) else None
    read_in = zip(intake.loaded, intake.files, intake.formats, intake.notes, intake.recordings, strict=True)
    for document, file, form, notes, recording in read_in:
        how: How = "new"
        document = _as_known(space, document, file, stored, names)
        try:
            before = stored.get(document.id)
            how = "unchanged" if before == document else "changed"
            if before.transcript.id != document.transcript.id:
                what = _("{id} is already stored with other words", id=document.id)
                hint = _("give it another {kind}_id, or take the earlier upload back", kind=kind)
                made.lines.append(ImportLine(file, "problem", what, document.id, None, hint))
                continue
        except NotFound:
            pass
        words = Print.of([turn.text for turn in document.transcript.turns])
        same = same_words(prints, document.id, words, kind)
        if same.refused and how == "new":
            made.lines.append(ImportLine(file, "problem", same.refused, document.id, None, _("leave this row out")))
            continue
        prints.add(document.id, words)
        read = ReadDocument(document, how, file, form, (*notes, *same.notes), recording)
        made.counts[how] += 1
        made.documents.append(read)
        made.lines.append(ImportLine(file, how, read.in_words, document.id))
    if waiting := sum(one.document.sides_open for one in made.documents):
        made.notes.append(ngettext(*_OPEN_SIDES[kind], waiting, n=waiting))
    return intake.problems  # type: ignore[no-any-return]


_ABOUT = N_("about {share}")
_SAME_WORDS = N_("{ident} has the same words as {other}: they are not counted twice")
_IS_IT = {
    "interview": N_("{much} of the words are those of {other}: is it the same interview?"),
    "call": N_("{much} of the words are those of {other}: is it the same call?"),
}


@dataclass(frozen=True)
class SameWords:
    """What is said of words that another document has too: why they are `refused`, if they are, and what is noted."""

    refused: str = ""
    notes: tuple[str, ...] = ()


def same_words(prints: Prints, ident: str, words: Print, kind: Literal["interview", "call"]) -> SameWords:
    """Compare the words that a document is about to have with those of all others."""
    other, share = prints.same(ident, words)
    if not other:
        return SameWords()
    all_of_them = share == 1.0 and not words.is_short
    much = N_("all") if share == 1.0 else _ABOUT.format(share=percent(share))
    return SameWords(
        _SAME_WORDS.format(ident=ident, other=other) if all_of_them else "",
        (_IS_IT[kind].format(much=much, other=other),),
    )


def recordings_in(brought: Brought) -> list[Recorded]:
    """The recordings that the table of `brought` names and that are there. ImportProblem where it cannot be used."""
    assert brought.shelf is not None
    shelf = shelf_at(brought.shelf)
    read: Any = read_interview_manifest if brought.kind == "interview" else read_call_manifest
    found = []
    for row in read(manifest_on(shelf, brought.table), brought.columns, brought.dates).rows:
        with suppress(ImportProblem):  # told where the files are read
            source = shelf.get(row.file)
            if source is not None and source.is_recording and source.path is not None:
                found.append(Recorded(row.file, source.path))
    return found


def _as_known(space: Workspace, document: Any, file: str, stored: Any, names: Mapping[str, str]) -> Any:
    """The document under the id that it has: a manifest may name it by its file, and an earlier program named it so. An
    id in the place of a name is made with the workspace's secret: nobody can try names against it."""
    if (known := names[document.id]) != document.id:
        return document.model_copy(update={"id": known, "alias": document.id})
    if document.id == id_without_names(file):
        for earlier, alias in ((PurePosixPath(file).stem, ""), (document.id, document.alias)):
            with suppress(NotFound):
                (stored.about if isinstance(stored, Calls) else stored.get)(earlier)
                return document.model_copy(update={"id": earlier, "alias": alias})
        key = secret_key(space.settings.workspace).encode()
        return document.model_copy(update={"id": f"file-{hmac.new(key, file.encode(), 'sha256').hexdigest()[:12]}"})
    return document


def _read_rows(space: Workspace, brought: Brought, made: Checked) -> Sequence[CloseReadError]:
    """Deals, ratings or coaching cycles: rows of one table."""
    path, columns, dates = brought.table, dict(brought.columns), brought.dates
    assert isinstance(path, Path)
    reps = known_reps(space)
    if brought.kind == "ratings":
        using = in_use(space.store, brought.rubric)
        rubric = using.rubric
        ratings = read_ratings(path, rubric, columns, dates, reps, space.store[Calls].known_as)
        made.notes += [*ratings.notes, *_new_people(reps)]
        if using.others or using.newer:
            made.notes.append(
                _(
                    "read as ratings with {rubric}; name another if they were made with it",
                    rubric=f"{using}{using.newer_words}",
                )
            )
        leave_out_contradictions(space, ratings, path)
        made.add = lambda into, at: store_ratings(into, ratings, path, rubric.id, at)
        known = space.store[ImportedRatings].known_calls()
        made.rows = [_row(call, "changed" if call in known else "new") for call in ratings.calls]
        # Which of them are new is known only to the transaction that stores them.
        made.counts["new"] = len(ratings.ratings)
        made.around = (f"{rubric.label}: ", "rating", f" on {plural(len(ratings.calls), 'call')}")
        return ratings.problems
    if brought.kind == "deals":
        funnel, covered = space.stages.funnel_steps
        deals = read_deals(path, funnel, _deal_map(space, brought), covered, reps)
        made.notes += [*deals.notes, *_new_people(reps)]
        before: Mapping[Any, object] = {deal.id: deal for deal in space.store[Deals].all([d.id for d in deals.rows])}
        _count_rows(made, ((deal.id, _how(before.get(deal.id), deal)) for deal in deals.rows))
        made.add, made.around = lambda into, _: into.store[Deals].add(deals.rows), ("", "deal", "")
        if unknown := sum(not deal.stage and deal.outcome == "lost" for deal in deals.rows):
            made.notes.append(ngettext(*_HOW_FAR, unknown, n=number(unknown)))
        return deals.problems
    stored = space.store[CoachingPeriods].all()
    cycles = read_coaching(path, known_criteria(space), columns, dates, reps, stored)
    made.notes += [*cycles.notes, *_new_people(reps)]
    made.notes += filter(None, [shared_note(baseline_calls_in(space, cycles.rows))])
    before = {(period.rep, period.cycle): period for period in stored}
    _count_rows(made, ((cycle_ident(p.rep, p.cycle), _how(before.get((p.rep, p.cycle)), p)) for p in cycles.rows))
    made.add = lambda into, _: into.store[CoachingPeriods].add(cycles.rows)
    made.around = ("", "cycle", f" of {plural(len({period.rep for period in cycles.rows}), 'rep')}")
    return cycles.problems


def known_reps(space: Workspace) -> People:
    """The reps of calls, interviews, deals and cycles, under the name that each has there."""
    store = space.store
    cycles = (period.rep for period in store[CoachingPeriods].all())
    known = dict.fromkeys((*store[Calls].reps(), *store[Interviews].reps(), *store[Deals].reps(), *cycles))
    return People(known, store[Names].now("rep"))


def known_buyers(space: Workspace) -> People:
    """The buyers of interviews and the customers of calls, under the name that each has there."""
    names = space.store[Names]
    return People(names.all("buyer"), names.now("buyer"))


_HOW_FAR = NN_(
    "{n} lost deal does not say how far it came; it counts for win rates, and the funnel gives bounds for "
    "the steps that depend on it",
    "{n} lost deals do not say how far they came; they count for win rates, and the funnel gives bounds for "
    "the steps that depend on it",
)
_MAKE_ONE = N_("make the two names one, under Admin, Names or with: closeread people rename NEW KNOWN")


def _new_people(reps: People, buyers: People | None = None) -> list[str]:
    """What is said of people whom nobody knew before the import, of reps all where others were known, else those who
    are like one another; of buyers only those who are like somebody known."""
    found = []
    if new := reps.new_in_words:
        found.append(
            _("new reps: {new}; if one is known under another name, {make_one}", new=new, make_one=_(_MAKE_ONE))
        )
    if buyers is not None and buyers.known:
        like = [
            _(LIKE, name=name, others=_(" or ").join(others)) for name in buyers.new if (others := buyers.like(name))
        ]
        said = _("new buyers: {like}; if they are the same, {make_one}", like=", ".join(like), make_one=_(_MAKE_ONE))
        found += [f"{said} --buyer"] if like else []
    return found


def _count_rows(made: Checked, rows: Iterable[tuple[str, How]]) -> None:
    """Note what would become of each row; those that are there already leave nothing to take back."""
    for ident, how in rows:
        made.counts[how] += 1
        if how == "new" or how == "changed":
            made.rows.append(_row(ident, how))


def _row(ident: str, how: Literal["new", "changed"]) -> UploadedDocument:
    return UploadedDocument(id=ident, how=how)


def _how(before: object, now: object) -> How:
    return "new" if before is None else "unchanged" if before == now else "changed"


def _deal_map(space: Workspace, brought: Brought) -> DealMap:
    """A person's own columns, laid over the map of a CRM where one is named. ConfigError names the maps there are."""
    own = dict(brought.columns)
    if not brought.preset:
        return DealMap(columns=own, dates=brought.dates)
    there = space.settings.export_map(brought.preset)
    return DealMap(over(there.columns, own), there.stages, there.outcomes, brought.dates, there.dates)


def leave_out_contradictions(space: Workspace, intake: RatingIntake, file: Path) -> None:
    """Ratings on a call that is stored as another rep's or of another day become problems."""
    known = space.store[ImportedRatings].known_calls()
    for call, facts in sorted(intake.calls.items()):
        stored = known.get(call)
        if stored is None or (stored.rep, stored.date) == (facts.rep, facts.date):
            continue
        what = _(
            "{call} is stored as a call of {rep} on {date}; its ratings are left out",
            call=call,
            rep=stored.rep,
            date=stored.date,
        )
        intake.problems.append(ImportProblem(str(file), None, what, "put rep and date right, or give it another id"))
        del intake.calls[call]
    intake.ratings[:] = [rating for rating in intake.ratings if rating.call in intake.calls]


def store_ratings(
    space: Workspace, intake: RatingIntake, file: Path, rubric: str, at: datetime | None = None
) -> Counter[str]:
    """Store what was read, how many new, changed, unchanged; what contradicts a stored call is left out. `at` is the
    moment of the upload that they belong to."""
    leave_out_contradictions(space, intake, file)
    store = space.store[ImportedRatings]
    known = store.known_calls()
    new = [ImportedCall(call, *facts) for call, facts in intake.calls.items() if call not in known]
    return store.add(new, [ImportedRating(*rating) for rating in intake.ratings], f"import:{file.stem}", rubric, at)


def roster(path: Path) -> list[str]:
    """The known reps in a text file, one a line. InputError where it cannot be read."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("{path}: cannot be read: {error}; give a UTF-8 text file with one rep a line", path=path, error=error)
        ) from error


class _Kept(BaseModel):
    """A reading as it is kept, or the problem there was."""

    format: str = ""
    transcript: Transcript | None = None
    notes: tuple[str, ...] = ()
    problem: tuple[str, int | None, str, Advice] | None = None


class KeptReadings:
    """Reads each file once, however often it is looked at before it is stored: readings are kept in a folder.

    A reading is kept under the digest of the file's bytes and all that it depends on, the program's version
    too. `files` are the names of all files beside it: what is said of labels of another file ("FILE:label")
    has nothing to do with this one.
    """

    def __init__(self, folder: Path, files: Iterable[str]) -> None:
        self._folder = folder
        self._prefixes = tuple(f"{part}:" for name in files for part in {name, name.rpartition("/")[2]})

    def __call__(
        self,
        source: Source,
        *,
        format: str | None = None,
        speakers: Mapping[str, str] | None = None,
        people: Iterable[str] = (),
    ) -> Reading:
        """As `reading_of`."""
        known = tuple(people)
        said = {label: who for label, who in (speakers or {}).items() if not label.startswith(self._prefixes)}
        facts = (__version__, source.name, source.part, format, sorted(said.items()), known)
        path = self._folder / f"{hashlib.sha256(source.data + repr(facts).encode()).hexdigest()}.json"
        kept = self._kept(path)
        if kept is None:
            try:
                read = reading_of(source, format=format, speakers=said, people=known)
                kept = _Kept(format=read.format.name, transcript=read.transcript, notes=read.notes)
            except ImportProblem as problem:
                kept = _Kept(problem=(problem.where, problem.line, problem.what, problem.told))
            with suppress(OSError):  # no room, or thrown away meanwhile: then the file is read again the next time
                self._folder.mkdir(exist_ok=True)
                path.write_text(kept.model_dump_json(), encoding="utf-8")
        if kept.problem is not None:
            raise ImportProblem(*kept.problem)
        assert kept.transcript is not None
        form = next(form for form in FORMATS if form.name == kept.format)
        return Reading(form, kept.transcript, kept.notes)

    def _kept(self, path: Path) -> _Kept | None:
        try:
            return _Kept.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
