"""Giving an interview or call other words or other speakers, taking it out, and making people one."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.app.telling import Note
from agent.app.verb import Who, verb
from agent.calls.intake import load_calls
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import Advice, Conflict, InputError, NotFound
from agent.core.transcript import TOLD, Quote, SpeakerRole, Transcript
from agent.corrections.store import Corrections, Hanging, Kind
from agent.db.transcripts import Documents
from agent.db.word_prints import Print
from agent.interviews.intake import load_interviews
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.interviews.verbs import Proposed, propose_for_files
from agent.patterns.store import Extractions
from agent.patterns.updating import without_interviews
from agent.retention.model import Removal
from agent.retention.store import Retention
from agent.text.importers import Source
from agent.text.intake import customers_of
from agent.text.shelf import Zip
from agent.text.unmatched import Unmatched
from agent.uploads.reading import same_words
from agent.workspace import Workspace

SIDES: dict[Kind, tuple[SpeakerRole, ...]] = {
    "interview": ("buyer", "interviewer", "other"),
    "call": ("rep", "customer", "other"),
}
_MAIN: dict[Kind, SpeakerRole] = {"interview": "buyer", "call": "rep"}


@dataclass(frozen=True)
class Corrected:
    """An interview or call after a correction. Of the `quotes` that rest on it, `lost`
    are not in its words any more."""

    kind: Kind
    document: Interview | Call
    quotes: int
    lost: int
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """For the audit log."""
        return self.document.id


def documents(space: Workspace, kind: Kind) -> Documents[Any]:
    """The interviews, or the calls."""
    return space.store[Interviews] if kind == "interview" else space.store[Calls]


def _facts(made: Corrected) -> dict[str, Any]:
    return {"kind": made.kind, "quotes": made.quotes, "lost": made.lost}


@verb("ops_lead", audit="words_replaced", facts=_facts)
def replace_words(
    who: Who, ident: str, kind: Kind, source: Source, speakers: Mapping[str, str] | None = None
) -> Corrected:
    """Give an interview or call the words of another file. What was read before stays, marked as of the words before.

    `speakers` as at an import. ImportProblem where the file cannot be read; Conflict where it has the same words.
    """
    space = who.space
    stored: Interview | Call = documents(space, kind).get(ident)
    read, notes = _read_for(kind, stored, source, speakers or {})
    if read.id == stored.transcript.id:
        raise Conflict(f"{ident} has these words already")
    print_of_it = Print.of([turn.text for turn in read.turns])
    same = same_words(documents(space, kind).prints(), ident, print_of_it, kind)
    if same.refused:
        raise Conflict(same.refused)
    return _reworded(who, kind, ident, read, (*notes, *same.notes))


@verb("ops_lead", audit="words_put_back", facts=_facts)
def restore_words(who: Who, ident: str, kind: Kind) -> Corrected:
    """Give an interview or call the words and names back that it had before the last change of them."""
    return _reworded(who, kind, ident, documents(who.space, kind).words_before(ident))


@verb("ops_lead", audit="speakers_corrected", facts=_facts)
def correct_speakers(
    who: Who, ident: str, kind: Kind, names: Mapping[str, str], sides: Mapping[str, SpeakerRole]
) -> Corrected:
    """Give speakers other names (`names`: now -> new) and parts (`sides`: by the name as it is now).

    NotFound for somebody who does not speak there; InputError for a part that there is not, and where nobody would be
    left as the buyer or rep.
    """
    stored: Interview | Call = documents(who.space, kind).get(ident)
    before, notes = stored.transcript, isinstance(stored, Interview) and stored.kind == "notes"
    if notes and TOLD in (*names, *sides, *names.values()):
        raise InputError(f"what is {TOLD} in notes is nobody's own words and stays so")
    for label in (*names, *sides):
        if label not in before.speakers:
            raise NotFound(f"nobody is called {label!r} there; the speakers are {', '.join(before.speakers)}")
    for side in sides.values():
        if side not in SIDES[kind]:
            raise InputError(f"there is no part {side!r} in a {kind}; there are {', '.join(SIDES[kind])}")
    new = {label: " ".join(name.split()) for label, name in names.items()}
    if not all(new.values()):
        raise InputError("a speaker has a name; write one")
    turns = tuple(turn.model_copy(update={"speaker": new.get(turn.speaker, turn.speaker)}) for turn in before.turns)
    roles: dict[str, SpeakerRole] = {}
    for label, side in {**before.roles, **sides}.items():
        if roles.setdefault(new.get(label, label), side) != side:
            raise InputError(f"{new.get(label, label)} would be {roles[new.get(label, label)]} and {side}; say which")
    if _MAIN[kind] not in roles.values() and not notes:
        raise InputError(f"nobody would be the {_MAIN[kind]} any more; say who is")
    after = Transcript(turns=turns, roles=roles)
    if (after.id, after.roles) == (before.id, before.roles):
        raise InputError("nothing would be changed")
    return _reworded(who, kind, ident, after)


@dataclass(frozen=True)
class Settled:
    """Documents whose sides were open: those in which they are `settled` now, and the ids of those still open."""

    settled: tuple[Interview | Call, ...]
    left: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """For the audit log."""
        return [document.id for document in self.settled]


def open_documents(space: Workspace, kind: Kind) -> list[Interview | Call]:
    """Interviews or calls that are left out until somebody says who is on whose side."""
    if kind == "call":
        ids = space.store[Calls].with_open_sides()
        return list(space.store[Calls].all(ids)) if ids else []
    return [one for one in space.store[Interviews].all() if one.sides_open and not one.transcript.removed]


@verb("ops_lead", audit="sides_settled", facts=lambda made: {"settled": made.ids, "left": len(made.left)})
def settle_sides(who: Who, kind: Kind, sides: Mapping[str, SpeakerRole]) -> Settled:
    """Say once for all interviews (or calls) with open sides who is on which: by a speaker's label, or by `ID:label`
    for one of them alone. Sides that are known stay. The one label that is said to be the rep (or buyer), of whom
    nobody had the name, has it from now on.

    InputError for a part that there is not, and where nobody would be the rep or buyer; NotFound
    for a label that is open nowhere.
    """
    for side in sides.values():
        if side not in SIDES[kind]:
            raise InputError(
                f"there is no part {side!r} in {'a call' if kind == 'call' else 'an interview'}; "
                f"there are {', '.join(SIDES[kind])}"
            )
    if not sides:
        raise InputError("say of at least one speaker on whose side they are")
    waiting = open_documents(who.space, kind)
    known = {key for one in waiting for label in one.open_sides for key in (label, f"{one.id}:{label}")}
    if unknown := [label for label in sides if label not in known]:
        raise NotFound(f"nobody called {unknown[0]!r} has an open side; open are {', '.join(sorted(known)) or 'none'}")
    settled, left = [], []
    for one in waiting:
        said = {label: sides.get(f"{one.id}:{label}", sides.get(label)) for label in one.open_sides}
        roles = {**one.transcript.roles, **{label: side for label, side in said.items() if side}}
        if any(said.values()):
            words = _with_name(one, kind, {label: side for label, side in roles.items() if side})
            one = documents(who.space, kind).reword(one.id, words, who.signature)
        if one.sides_open:
            left.append(one.id)
        else:
            settled.append(one)
    return Settled(tuple(settled), tuple(left))


def _with_name(document: Interview | Call, kind: Kind, roles: dict[str, SpeakerRole]) -> Transcript:
    """The words with these parts, said under the name of the rep or buyer where only now it is known whose they are."""
    words, main = document.transcript, _MAIN[kind]
    speaking = [label for label in words.speakers if roles.get(label) == main]
    if len(roles) == len(words.speakers) and not speaking:
        raise InputError(f"nobody would be the {main} of {document.id}; say who is")
    name = document.buyer if isinstance(document, Interview) else document.rep
    new = {speaking[0]: name} if len(speaking) == 1 and name not in words.speakers and ";" not in name else {}
    turns = tuple(turn.model_copy(update={"speaker": new.get(turn.speaker, turn.speaker)}) for turn in words.turns)
    return Transcript(turns=turns, roles={new.get(label, label): side for label, side in roles.items()})


async def propose_sides(space: Workspace, kind: Kind, note: Note, budget: float | None = None) -> Proposed:
    """Let the drafter's model propose whose the open labels of stored interviews or calls
    are. Nothing is decided by it."""
    return await propose_for_files(space, unplaced(space, kind), note, budget)


@verb("ops_lead", audit="sides_proposed", facts=lambda made: {"documents": len(made.files)} if made.files else None)
def note_proposed(who: Who, made: Proposed) -> Proposed:
    """Have it in the audit log that a model was asked whose the open labels are."""
    return made


def unplaced(space: Workspace, kind: Kind) -> list[Unmatched]:
    """Stored interviews or calls with open sides, as models are asked about them."""
    return [Unmatched(one.id, one.id, kind, _people(one), one.transcript) for one in open_documents(space, kind)]


def _people(one: Interview | Call) -> tuple[tuple[SpeakerRole, str], ...]:
    named: list[tuple[SpeakerRole, str]]
    if isinstance(one, Interview):
        named = [("buyer", name.strip()) for name in one.buyer.split(";")]
    else:
        named = [("rep", one.rep), *(("customer", name) for name in customers_of(one.customer))]
    known = {name for _, name in named}
    return (*named, *((side, name) for name, side in one.transcript.roles.items() if name not in known))


def hanging(space: Workspace, kind: Kind, ident: str) -> Hanging:
    """What rests on an interview or call: the preview of deleting it."""
    return space.store[Corrections].hanging(kind, ident)


@verb("ops_lead", audit="document_deleted", subject=lambda gone: gone.id, facts=lambda gone: {"kind": gone.kind})
def delete_document(who: Who, ident: str, kind: Kind, *, along: bool = False) -> Corrected:
    """Take an interview or call out for good. With `along` what models read in it goes too, and patterns are counted
    without it. Conflict where something rests on it that cannot be made again; it names what.

    An interview out of the patterns leaves no words behind: the quotes from it in earlier extractions are removed.
    """
    space, bound = who.space, hanging(who.space, kind, ident)
    if stops := (*bound.holds, *(() if along else bound.along)):
        raise Conflict(f"{ident} stays: {'; '.join(stops)}")
    gone = Corrected(kind, documents(space, kind).get(ident), 0, 0)
    remove_documents(space, kind, [ident], along=along)
    return gone


def remove_documents(space: Workspace, kind: Kind, idents: Sequence[str], *, along: bool = True) -> None:
    """Remove interviews or calls with what models read in them; patterns are counted without them first. Conflict where
    anything else rests on one of them."""
    if kind == "interview":
        without_interviews(space, idents)
        removal = Removal(calls=(), interviews=tuple(idents), waiting=(), ratings=0, plans=0, disputes=0, requests=())
        space.store[Retention].remove(removal)
    for ident in idents:
        space.store[Corrections].remove(kind, ident, along=along or kind == "interview")


def _reworded(who: Who, kind: Kind, ident: str, words: Transcript, notes: Sequence[str] = ()) -> Corrected:
    space = who.space
    document = documents(space, kind).reword(ident, words, who.signature)
    quotes = _quotes(space, kind, ident)
    lost = sum(not words.holds(quote) for quote in quotes)
    return Corrected(kind, document, len(quotes), lost, tuple(notes))


def _quotes(space: Workspace, kind: Kind, ident: str) -> list[Quote]:
    """All quotes that rest on a document: of ratings, or of the codings that the patterns go by."""
    if kind == "call":
        return space.store[Corrections].quotes(kind, ident)
    try:
        codings = space.store[Extractions].newest().codings
    except NotFound:
        return []
    return [quote for coding in codings if coding.interview == ident for quote in coding.quotes]


def _read_for(
    kind: Kind, stored: Interview | Call, source: Source, speakers: Mapping[str, str]
) -> tuple[Transcript, tuple[str, ...]]:
    """The words of `source` with everybody's part, read as at an import with the facts that are known."""
    facts = {"file": source.name, "date": stored.date.isoformat(), "rep": stored.rep}
    if isinstance(stored, Interview):
        asked = [name for name, part in stored.transcript.roles.items() if part == "interviewer"]
        facts |= {"outcome": stored.outcome, "buyer": stored.buyer, "interviewer": ";".join(asked), "kind": stored.kind}
    else:
        facts |= {"customer": stored.customer}
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(facts)
    rows.writerow(facts.values())
    shelf = Zip(Source("", b""), {source.name: source})
    load: Any = load_interviews if kind == "interview" else load_calls
    intake = load(shelf, Source("what is known", table.getvalue().encode()), {}, speakers)
    if intake.problems:
        raise intake.problems[0]
    made: Interview | Call = intake.loaded[0]
    if made.sides_open and not stored.sides_open:
        what = f"it would be open who is on whose side: {', '.join(made.open_sides)}"
        option = f'--speakers "{made.open_sides[0]}={_MAIN[kind]}"'
        raise InputError(what, advice=Advice(text="give the speakers the names that are known", option=option))
    return made.transcript, intake.notes[0]
