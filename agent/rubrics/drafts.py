"""Editing a rubric: the working copy, examples located in transcripts, and publishing it as a new version."""

import re
from typing import Literal

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError, NotFound
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.patterns.extraction import slug, unique
from agent.rubrics.drafting import Sources
from agent.rubrics.drafts_model import RubricDraft, WorkingCopy, WorkingCriterion
from agent.rubrics.model import Example, Rubric
from agent.rubrics.replies import DraftExample
from agent.rubrics.store import RubricDrafts, Rubrics
from agent.text.quotes import NotLocated
from agent.workspace import Workspace

NEW = "new"
"""Stands for the working copy of a rubric that has no earlier version."""


def base_of(space: Workspace, reference: str) -> Rubric | None:
    """The rubric to edit; None for `new`. NotFound if there is none."""
    return None if reference == NEW else space.store[Rubrics].get(reference)


def opened(space: Workspace, base: Rubric | None) -> RubricDraft:
    """The working copy; if there is none, the rubric itself as version 0 (or the version of the last copy)."""
    stored = space.store[RubricDrafts].of("" if base is None else base.id)
    if stored is not None and stored.open:
        return stored
    working = WorkingCopy() if base is None else WorkingCopy.of(base)
    version = 0 if stored is None else stored.version
    return RubricDraft(base="" if base is None else base.id, version=version, working=working)


def save(space: Workspace, base: Rubric | None, version: int, working: WorkingCopy, by: str = "") -> RubricDraft:
    """Store a working copy made out of version `version`. Conflict if somebody saved since.

    Examples that were not there before are located in their source; InputError for one that is not found.
    """
    before = opened(space, base)
    known = {e for c in before.working.criteria for e in c.examples}
    known |= {e for c in (base.criteria if base else ()) for e in c.examples}
    checked = working.model_copy(update={"criteria": tuple(_located(space, c, known) for c in working.criteria)})
    return space.store[RubricDrafts].save(before.base, version, _without_old_flaws(before.working, checked), by)


def add(space: Workspace, working: WorkingCopy, label: str = "") -> Rubric:
    """Store a rubric as a whole, without a working copy before it. Examples are located;
    InputError as for `publish`."""
    checked = working.model_copy(update={"criteria": tuple(_located(space, c, set()) for c in working.criteria)})
    return space.store[Rubrics].add(checked.finished(label.strip()))


def _located(space: Workspace, criterion: WorkingCriterion, known: set[Example]) -> WorkingCriterion:
    examples = tuple(
        e if e in known or not e.source else pick(space, e.source, e.text, _turn(e), e.kind, criterion.speaker, e.why)
        for e in criterion.examples
    )
    return criterion.model_copy(update={"examples": examples})


def _turn(example: Example) -> int | None:
    return None if example.quote is None else example.quote.span.turn


def _without_old_flaws(before: WorkingCopy, working: WorkingCopy) -> WorkingCopy:
    """Flaws found in an earlier wording are dropped with it."""
    criteria = []
    for c in working.criteria:
        old = before.criterion(c.id)
        kept = old.flaws if old is not None and old.description == c.description else ()
        criteria.append(c.model_copy(update={"flaws": kept}))
    return working.model_copy(update={"criteria": tuple(criteria)})


def source(space: Workspace, ident: str) -> Call | Interview:
    """The call or interview of that id. NotFound if there is neither."""
    try:
        return space.store[Calls].get(ident)
    except NotFound:
        pass
    try:
        return space.store[Interviews].get(ident)
    except NotFound as error:
        raise NotFound(f"there is no call or interview {ident!r} in this workspace") from error


def pick(
    space: Workspace,
    ident: str,
    words: str,
    turn: int | None,
    kind: Literal["present", "absent"],
    speaker: str,
    why: str = "",
) -> Example:
    """An example out of a transcript: the words as they stand there. InputError where they are not found.

    What shows a behavior must be said by the one who is rated; in an interview, by the buyer.
    """
    document = source(space, ident)
    calls, interviews = ((document,), ()) if isinstance(document, Call) else ((), (document,))
    given = DraftExample(source=ident, turn=-1 if turn is None else turn, quote=words, why=why)
    quote = Sources(calls=calls, interviews=interviews, stages=()).locate(given, kind, speaker)
    if isinstance(quote, NotLocated):
        raise InputError(quote.detail)
    return Example(kind=kind, text=quote.text, source=ident, quote=quote, why=why)


def new_id(working: WorkingCopy, name: str) -> str:
    """A free id for a criterion of that name."""
    return unique(slug(name)[:80], {c.id for c in working.criteria})


def next_label(space: Workspace, label: str) -> str:
    """The first free label of `name-2`, `name-3` …"""
    taken = {stored.rubric.label for stored in space.store[Rubrics].all()}
    match = re.fullmatch(r"(.*)-(\d+)", label)
    stem, number = (match[1], int(match[2]) + 1) if match else (label, 2)
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def publish(space: Workspace, base: Rubric | None, version: int, label: str = "", by: str = "") -> Rubric:
    """The working copy of version `version` as a new version of the rubric; the copy is closed.

    Conflict where somebody saved since or the label is taken, InputError where something is missing or nothing changed.
    """
    draft = opened(space, base)
    if draft.version != version:
        raise Conflict(f"{draft.by or 'somebody'} has saved this since you loaded it; look again, then publish")
    rubric = draft.working.finished(label or ("" if base is None else next_label(space, base.label)))
    same = next((s.rubric for s in space.store[Rubrics].all() if s.rubric.id == rubric.id), None)
    if same is not None:
        raise InputError(f"this is word for word {same.label}; change something, then publish it")
    stored = space.store[Rubrics].add(rubric)
    if draft.open:
        space.store[RubricDrafts].close(draft.base, draft.version, by)
    return stored
