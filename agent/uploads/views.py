"""Uploads as they are shown outside, and the page on which files are looked at before they are stored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from agent.app.queue.model import Job
from agent.app.view import View
from agent.calls.store import Calls
from agent.core.figures import plural
from agent.core.language import N_, NS_, _
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.store import Rubrics
from agent.speech.hearing_files import bound_transcriber, plan
from agent.speech.model import HearingPlan
from agent.text.importers.turns import NOBODY, SAME
from agent.text.names import folded
from agent.text.unmatched import Unmatched
from agent.uploads.job import hearing_job
from agent.uploads.made_manifest import guessed
from agent.uploads.model import TakenBack, Upload, UploadedDocument, UploadKind
from agent.uploads.reading import Checked, How, ImportLine
from agent.uploads.staging import Staged, StagingArea
from agent.uploads.tables import FORM_FIELDS, Columns, candidates, filled_in, presets, transcripts, unheard
from agent.uploads.verbs import StoredUpload
from agent.workspace import Workspace

FACTS_AT_ONCE = 50
"""Files in the form at a time: a form has at most a thousand fields."""
LABELS_AT_ONCE = 240
"""Speaker labels in the form at a time."""
_LINES = 200  # result lines on the page; problems first
_SAMPLES, _SAMPLE = 2, 160
KINDS: dict[UploadKind, str] = {
    "interview": N_("Interviews"),
    "call": N_("Calls"),
    "deals": N_("Deals"),
    "ratings": N_("Ratings"),
    "coaching": N_("Coaching cycles"),
}
_NOUNS: dict[UploadKind, str] = {
    "interview": N_("interview"),
    "call": N_("call"),
    "deals": N_("deal"),
    "ratings": N_("rating"),
    "coaching": N_("cycle"),
}
# Said in the middle of a sentence, and what columns are called.
NS_("interviews", "calls", "deals", "ratings", "coaching cycles", "coaching", "new", "changed", "unchanged", "removed")
NS_("file", "date", "outcome", "buyer", "rep", "interview id", "account", "stage", "interviewer", "kind", "speakers")
NS_(
    "call id", "customer", "industry", "deal", "deal id", "opened", "closed", "furthest stage", "amount usd", "currency"
)
NS_("cycle", "start", "end", "criteria", "criterion", "value", "status", "period", "other")
_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "interview": (("buyer", N_("the buyer")), ("interviewer", N_("the interviewer")), ("other", N_("somebody else"))),
    "call": (("rep", N_("the rep")), ("customer", N_("the customer")), ("other", N_("somebody else"))),
}


class ImportLineView(View):
    """What became of one file or row. `line` is a line of `file`; `hint` says what to do about a problem."""

    file: str
    id: str
    how: How
    what: str
    line: int | None
    hint: str

    @classmethod
    def of(cls, line: ImportLine) -> "ImportLineView":
        return cls(file=line.file, id=line.id, how=line.how, what=line.what, line=line.number, hint=line.hint)


class DocumentView(UploadedDocument, View):
    """An interview, call, deal or cycle of an upload, and what rests on it where it can no longer be taken back."""

    kept_because: str = ""


class UploadView(View):
    """One upload. `undoable` says whether something of it could be taken back."""

    id: str
    kind: UploadKind
    by: str
    at: datetime
    undone: datetime | None
    source: str
    counts: dict[str, int]
    undoable: bool
    documents: list[DocumentView]

    @classmethod
    def of(cls, upload: Upload, kept: Mapping[str, str] | None = None) -> "UploadView":
        """`kept` says for each document that could not be taken back what rests on it."""
        why = kept or {}
        return super().of(
            upload, documents=[DocumentView.of(d, kept_because=why.get(d.id, "")) for d in upload.documents]
        )


class ImportView(View):
    """What an import did. `upload` is null where nothing was stored; `lines` are problems and the files of which
    something is to be known (near the same words as another, say), and all files if only checked."""

    upload: UploadView | None
    counts: dict[str, int] = Field(description="Files or rows by new, changed, unchanged and problems.")
    lines: list[ImportLineView]
    notes: list[str] = Field(description="What there is to know beside: the rubric, how many calls, reps or open ends.")

    @classmethod
    def of(cls, done: StoredUpload) -> "ImportView":
        upload = None if done.upload is None else UploadView.of(done.upload)
        noted = [
            ImportLine(one.file, how, "; ".join(one.notes), one.document.id) for how, one in done.stored if one.notes
        ]
        lines = [ImportLineView.of(line) for line in (*done.problems, *noted)]
        return cls(upload=upload, counts=done.counts, lines=lines, notes=done.notes)

    @classmethod
    def checked(cls, checked: Checked) -> "ImportView":
        """What it would do."""
        lines = [ImportLineView.of(line) for line in checked.lines]
        problems = {"problem": len(checked.problems)} if checked.problems else {}
        return cls(upload=None, counts=checked.counts | problems, lines=lines, notes=checked.notes)


class TakenBackView(TakenBack, View):
    """What taking back an upload did, or would do. `kept` says for each thing that stays what rests on it; `along` what
    goes with those that stay only for what models read in them, where `along` is asked for."""


@dataclass(frozen=True)
class Label:
    """One speaker label to be placed. `key` is what is sent back, `options` what may be said; `label` is empty for
    words of nobody. `proposed` and `reason` are a model's; `name` is what the label was said to be called, `files` in
    how many of the files to be placed it speaks."""

    key: str
    label: str
    chosen: str
    options: tuple[tuple[str, str], ...]
    samples: tuple[str, ...]
    proposed: str = ""
    reason: str = ""
    name: str = ""
    files: int = 1


@dataclass(frozen=True)
class Stranger:
    """A file whose labels are to be placed: somebody whom the manifest names is not heard in it, some words are
    nobody's, or (`asked`) a person wants to say otherwise. `more` labels do not fit on the page."""

    file: str
    people: str
    labels: tuple[Label, ...]
    asked: bool
    more: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormRow:
    """One file in the form, with what was typed or can be guessed from its name."""

    file: str
    values: dict[str, str]


@dataclass
class CheckPage:
    """Everything that the page needs on which files are looked at before they are stored. `unheard` recordings wait to
    be heard; `one_voice` are files that are notes; `hearing` is what that would take where a model is bound,
    `heard_by` the job that does it."""

    staged: Staged
    noun: str
    files: list[str]
    tables: list[str]
    columns: Columns | None
    form_fields: tuple[str, ...]
    form: list[FormRow]
    waiting: int
    reps: list[str]
    strangers: list[Stranger]
    unplaced: int
    lines: list[ImportLine]
    notes: list[str]
    hidden: int
    counts: dict[str, int]
    problems: int
    storable: int
    button: str
    may_propose: bool
    one_voice: set[str] = field(default_factory=set)
    hearing: HearingPlan | None = None
    unheard: int = 0
    heard_by: Job | None = None
    rubrics: list[str] = field(default_factory=list)
    rubric_in_use: str = ""
    presets: list[str] = field(default_factory=list)
    kinds: dict[UploadKind, str] = field(default_factory=lambda: KINDS)

    @property
    def people(self) -> list[str]:
        """The names that files to be placed should have in them."""
        return sorted({name for one in self.strangers for name in one.names})

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """What a label may be: a part and how it is called."""
        return _PARTS.get(self.staged.kind, ())

    @property
    def is_table(self) -> bool:
        """Whether one table is all there is to import."""
        return self.staged.kind not in FORM_FIELDS


def check_page(
    space: Workspace, area: StagingArea, staged: Staged, checked: Checked, asked: Unmatched | None = None
) -> CheckPage:
    """The page of what was checked. `asked` is the file whose speakers a person wants to say."""
    files = transcripts(area, staged)
    lines = sorted(checked.lines, key=lambda line: line.how != "problem")
    left = unheard(area, staged)
    rubrics = [stored.rubric.label for stored in space.store[Rubrics].all()] if staged.kind == "ratings" else []
    form = [] if staged.manifest or staged.kind not in FORM_FIELDS else _form(staged, files, checked)
    return CheckPage(
        staged=staged,
        noun=_NOUNS[staged.kind],
        files=files,
        tables=candidates(area, staged),
        columns=checked.columns,
        form_fields=FORM_FIELDS.get(staged.kind, ()),
        form=form,
        waiting=len(checked.waiting),
        reps=space.store[Calls].reps(),
        strangers=_strangers(staged, checked.strangers, asked),
        unplaced=len(checked.strangers),
        lines=lines[:_LINES],
        notes=checked.notes,
        hidden=max(0, len(lines) - _LINES),
        counts={how: checked.counts[how] for how in ("new", "changed", "unchanged")},
        problems=len(checked.problems),
        storable=checked.storable,
        button=_button(staged.kind, checked),
        may_propose=bool(checked.strangers) and (bool(space.model) or space.settings.binding("drafter") is not None),
        presets=presets(space) if staged.kind == "deals" else [],
        one_voice={one.file for one in checked.documents if getattr(one.document, "kind", "") == "notes"},
        hearing=plan(space, left) if left and bound_transcriber(space) else None,
        unheard=len(left),
        heard_by=hearing_job(space, staged),
        rubrics=rubrics,
        rubric_in_use=rubric_in_use(space.store).label if rubrics else "",
    )


def _button(kind: UploadKind, checked: Checked) -> str:
    if checked.storable:
        return (
            _("Store this {kind}", kind=_(_NOUNS[kind]))
            if checked.storable == 1
            else _("Store these {kind}", kind=plural(checked.storable, _NOUNS[kind]))
        )
    return _("Finish: everything is stored already") if checked.counts["unchanged"] else ""


def _form(staged: Staged, files: list[str], checked: Checked) -> list[FormRow]:
    """Files nothing is known about first, then those with a problem, then the rest, as many as fit."""
    wrong = {line.file for line in checked.problems}
    told = filled_in(staged, files)
    ordered = [*checked.waiting, *(f for f in told if f in wrong), *(f for f in told if f not in wrong)]
    return [FormRow(name, staged.facts.get(name) or guessed(name)) for name in ordered[:FACTS_AT_ONCE]]


def _strangers(staged: Staged, unplaced: Sequence[Unmatched], asked: Unmatched | None) -> list[Stranger]:
    """As many files as fit into a form, the one asked for first."""
    files = [*([asked] if asked else []), *(one for one in unplaced if asked is None or one.file != asked.file)]
    made: list[Stranger] = []
    shared = Counter(label for one in files for label in one.transcript.speakers)
    room = LABELS_AT_ONCE
    for one in files:
        labels = one.transcript.speakers
        if made and len(labels) > room:
            break
        is_asked = one is asked and one not in unplaced
        made.append(_stranger(staged, one, labels[:room], shared, asked=is_asked))
        room -= len(labels)
    return made


def _stranger(
    staged: Staged, one: Unmatched, shown: Sequence[str], shared: Mapping[str, int], *, asked: bool
) -> Stranger:
    proposed = {part.label: part for part in staged.proposals.get(one.file, ())}
    named: dict[str, str] = {folded(name): part for part, name in one.people}
    labels = []
    for label in shown:
        key, made = f"{one.file}:{label}", proposed.get(label)
        part, reason = (made.part, made.reason) if made else ("", "")
        chosen = staged.speakers.get(key) or (one.parts[label] if asked else part or named.get(folded(label), ""))
        plain = "" if label == NOBODY else label
        options = _options(one, label)
        said = staged.speakers.get(key, "")
        name = said if plain and said not in dict(options) else ""
        samples = _samples(one, label)
        labels.append(Label(key, plain, chosen, options, samples, part, reason, name, shared[label] if plain else 1))
    people = ", ".join(f"{name} ({_(part)})" for part, name in one.people)
    names = tuple(name for _, name in one.people)
    return Stranger(one.file, people, tuple(labels), asked, len(one.transcript.speakers) - len(shown), names)


def _options(one: Unmatched, label: str) -> tuple[tuple[str, str], ...]:
    """What may be said of a label: a part; of words of nobody also that they are somebody's who is heard."""
    parts = _PARTS[one.kind]
    if label != NOBODY:
        return parts
    others = tuple((name, name) for name in one.transcript.speakers if name != NOBODY)
    return ((SAME, N_("whoever spoke before")), *others, *parts)


def _samples(one: Unmatched, label: str) -> tuple[str, ...]:
    """The longest of what is said first under a label, cut where it is long."""
    said = [turn.text for turn in one.transcript.turns if turn.speaker == label]
    longest = sorted(said[:20], key=len, reverse=True)[:_SAMPLES]
    return tuple(t if len(t) <= _SAMPLE else f"{t[:_SAMPLE]}…" for t in said if t in longest)[:_SAMPLES]
