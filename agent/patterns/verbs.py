"""Extracting patterns, deciding single codings, and editing patterns. Everything is counted anew after each change."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from agent.app.queue.model import Job
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.app.telling import Phase, unseen
from agent.app.verb import Who, verb
from agent.core.errors import Conflict, InputError, NotFound
from agent.interviews.model import Interview
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.llm.model import Request
from agent.patterns.coding import Moments, noting_requests
from agent.patterns.concluding import decide_by_person
from agent.patterns.edits import EditedPatterns, check_split, edited
from agent.patterns.extraction import ANALYSTS, Readers, extract, slug, unique
from agent.patterns.model import (
    Coding,
    Extraction,
    Merged,
    Pattern,
    PatternChange,
    PatternEdit,
    Rejected,
    Renamed,
    Resettled,
    Split,
    Undone,
)
from agent.patterns.store import Extractions, PatternEdits
from agent.patterns.updating import age, count_anew, recounted
from agent.workspace import Workspace

PROMPTS = ("code_interview", "merge_patterns", "check_criterion", "apply_codebook", "adjudicate_coding")


def current(space: Workspace) -> EditedPatterns:
    """The newest extraction with its edits, counted with present outcomes: the one that all figures and drafts use.
    NotFound if there is none."""
    extraction = space.store[Extractions].newest()
    edits = space.store[PatternEdits].of(extraction.codebook.id)
    if not edits and not extraction.read:
        return edited(extraction, [], edits)
    interviews = counted(space, space.store[Interviews].all(extraction.patterns.interviews))
    return edited(recounted(extraction, interviews), interviews, edits)


def by_any_id(space: Workspace) -> dict[str, Pattern]:
    """Patterns by every id that they, or patterns merged into them, ever had: criteria keep the id of the pattern
    they were drafted from."""
    patterns = current(space)
    known = {p.id: p for p in patterns.every}
    for gone in patterns.gone:
        into = patterns.gone[gone]
        while into in patterns.gone:
            into = patterns.gone[into]
        known[gone] = known[into]
    return known


def placed_interviews(space: Workspace, interviews: Sequence[str] = ()) -> list[Interview]:
    """Interviews that can be read (of all, or of those named): their words are there, and everybody's side is known."""
    on_a_side = counted(space, space.store[Interviews].all(interviews))
    return [interview for interview in on_a_side if not interview.open_sides and not interview.transcript.removed]


def open_interviews(space: Workspace, interviews: Sequence[Interview] | None = None) -> list[str]:
    """Interviews that are left out until somebody says who is on which side. `interviews` are all, if the caller has
    read them already."""
    there = space.store[Interviews].all() if interviews is None else interviews
    return [interview.id for interview in there if interview.open_sides and not interview.transcript.removed]


async def extract_patterns(
    space: Workspace, adjudicated_by: str, concurrency: int, budget: float | None, phase: Phase = unseen, job: str = ""
) -> Extraction:
    """Two analysts read all interviews, their notes become a codebook, both apply it, and our code counts. Nothing is
    stored.

    `adjudicated_by`: "model" or "person", who decides if the two analysts differ. Costs are booked on `job`.
    """
    prompts = {name: space.prompt(name) for name in PROMPTS}
    interviews = placed_interviews(space)
    if not interviews:
        raise InputError(
            "of no interview it is said who is on whose side; say it at their import, or on the upload page"
        )
    async with space.roles("analyst_a", "analyst_b", "drafter", budget_usd=budget, job=job) as roles:
        readers = Readers(roles["analyst_a"], roles["analyst_b"], roles["drafter"])
        moments = Moments.of(space.stages)
        return await extract(interviews, readers, prompts, moments, concurrency, phase, adjudicated_by)


@verb("ops_lead", audit="patterns_extracted", subject=lambda extraction: extraction.patterns.id)
def keep_extraction(who: Who, extraction: Extraction) -> Extraction:
    """Store an extraction as the newest one."""
    who.space.store[Extractions].add(extraction)
    return extraction


@verb(
    "ops_lead",
    audit="patterns_updated",
    subject=lambda extraction: extraction.patterns.id,
    facts=lambda extraction: {"interviews": len(extraction.patterns.interviews)},
)
def keep_update(who: Who, extraction: Extraction) -> Extraction:
    """Store an updated extraction as the newest one."""
    who.space.store[Extractions].add(extraction)
    return extraction


@verb("ops_lead", audit="patterns_updated", subject=lambda made: made.id if isinstance(made, Job) else made.patterns.id)
def start_update(who: Who, *, budget_usd: float | None = None) -> Job | Extraction:
    """Update the patterns: at once if nothing has to be read, else by a job. InputError if nothing has changed,
    RoleUnbound without models, Conflict if such a job is under way."""
    space = who.space
    if not age(space).to_read:
        counted = count_anew(space)
        space.store[Extractions].add(counted)
        return counted
    if running := space.store[Jobs].open("extract"):
        raise Conflict(f"{running[0].id} reads interviews already and is {running[0].state}; wait for it, or cancel it")
    for role in ("analyst_a", "analyst_b", "drafter"):
        space.binding(role)
    params = {"adjudicated_by": "model", "budget_usd": budget_usd, "update": True}
    return start(space, "extract", params, by=who.signature)


def first_reading(space: Workspace, interviews: Sequence[str] = ()) -> list[Request[Any]]:
    """The exact requests of the analysts' first reading of those interviews (all if none is named). Later requests
    depend on its replies."""
    prompt, moments = space.prompt("code_interview"), Moments.of(space.stages)
    documents = placed_interviews(space, interviews)
    return [
        request
        for analyst in ANALYSTS
        for interview in documents
        for request in noting_requests(interview, analyst, space.planned_role(analyst), prompt, moments)
    ]


@verb("ops_lead", audit="coding_decided", facts=lambda coding: {"interview": coding.interview})
def decide(who: Who, pattern: str, interview: str, *, present: bool, reason: str) -> Coding:
    """Decide whether a pattern is present in an interview; this wins over both analysts and the model.

    `pattern` is one that was extracted; what was merged or split follows from those.
    """
    space = who.space
    extraction = space.store[Extractions].newest()
    interviews = counted(space, space.store[Interviews].all(extraction.patterns.interviews))
    decided = decide_by_person(extraction, interviews, pattern, interview, present, reason)
    space.store[Extractions].add(decided)
    return decided.codings[-1]


def _changed(patterns: EditedPatterns) -> str:
    """The pattern that the newest edit made or changed."""
    return patterns.edits[-1].pattern


def _number(patterns: EditedPatterns) -> dict[str, Any]:
    return {"edit": patterns.last}


@verb("ops_lead", audit="pattern_renamed", subject=_changed, facts=_number)
def rename(who: Who, pattern: str, name: str) -> EditedPatterns:
    """Give a pattern another name."""
    patterns = current(who.space)
    if patterns.pattern(pattern).name == name:
        raise InputError(f"{pattern} has this name already")
    return _add(who, patterns, Renamed(pattern=pattern, name=name))


@verb("ops_lead", audit="pattern_merged", subject=_changed, facts=_number)
def merge(who: Who, parts: Sequence[str], name: str, behavior: str) -> EditedPatterns:
    """Make one pattern of several."""
    if len(set(parts)) < 2:
        raise InputError("choose at least two patterns to merge")
    patterns = current(who.space)
    into = _new_id(patterns, name)
    return _add(who, patterns, Merged(patterns=tuple(dict.fromkeys(parts)), into=into, name=name, behavior=behavior))


@verb("ops_lead", audit="pattern_split", subject=_changed, facts=_number)
def split(
    who: Who, pattern: str, name: str, behavior: str, observations: Sequence[str], settled: Sequence[Resettled]
) -> EditedPatterns:
    """Give some observations of a pattern to a new one. `settled` has an answer for every
    interview it is present in."""
    if not observations:
        raise InputError("choose the observations that go to the new pattern")
    patterns = current(who.space)
    change = Split(
        pattern=patterns.pattern(pattern).id,
        into=_new_id(patterns, name),
        name=name,
        behavior=behavior,
        observations=tuple(dict.fromkeys(observations)),
        settled=tuple(settled),
    )
    check_split(patterns, change)
    return _add(who, patterns, change)


@verb("ops_lead", audit="pattern_rejected", subject=_changed, facts=_number)
def reject(who: Who, pattern: str, reason: str) -> EditedPatterns:
    """Exclude a pattern from everything that follows."""
    return _add(who, current(who.space), Rejected(pattern=pattern, reason=reason))


@verb("ops_lead", audit="pattern_edit_undone", subject=lambda patterns: str(patterns.edits[-1].change.edit))
def undo(who: Who, number: int) -> EditedPatterns:
    """Take an edit back. NotFound if there is none; Conflict if it was taken back before or a later one depends on
    it."""
    patterns = current(who.space)
    edit = next((e for e in patterns.edits if e.number == number), None)
    if edit is None or isinstance(edit.change, Undone):
        raise NotFound(f"there is no edit {number} of these patterns that could be taken back")
    if number in patterns.undone:
        raise Conflict(f"edit {number} was taken back already")
    try:
        return _add(who, patterns, Undone(edit=number))
    except InputError as error:
        raise Conflict(f"a later edit builds on this one: {error}; take that back first") from error


def _add(who: Who, patterns: EditedPatterns, change: PatternChange) -> EditedPatterns:
    """Store a change, after checking that it fits the present state."""
    store = who.space.store
    before = store[Extractions].newest().patterns  # as stored: what is shown may be counted with corrected outcomes
    interviews = counted(who.space, store[Interviews].all(before.interviews))
    tried = PatternEdit(
        number=patterns.last + 1, pattern_set=before.id, by=who.name, at=datetime.now(UTC), change=change
    )
    edited(patterns.raw, interviews, [*patterns.edits, tried])
    edit = store[PatternEdits].add(before.id, patterns.raw.codebook.id, change, who.name, patterns.last)
    return edited(patterns.raw, interviews, [*patterns.edits, edit])


def _new_id(patterns: EditedPatterns, name: str) -> str:
    """An id that no pattern has or ever had."""
    books = (patterns.raw.codebook, patterns.extraction.codebook)
    ever = {entry.id for book in books for entry in book.entries} | {*patterns.gone}
    return unique(
        slug(name)[:100], ever | {e.change.into for e in patterns.edits if isinstance(e.change, Merged | Split)}
    )
