"""Changing rubrics: bringing one in, editing a working copy, publishing it. Deploying: agent/calibration/verbs.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.app.steps import TEAM
from agent.app.verb import Who, verb
from agent.core.errors import Conflict, ImportProblem, InputError
from agent.rubrics import drafts
from agent.rubrics.compliance import with_rules
from agent.rubrics.drafts_model import RubricDraft, WorkingCopy
from agent.rubrics.file import parse_rubric
from agent.rubrics.model import Rubric
from agent.rubrics.store import RubricDrafts, Rubrics


class StaleVersion(Conflict):
    """Somebody else saved the working copy since it was read. `version` is the current one."""

    code = "precondition_failed"

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__("somebody else saved this since you loaded it; load it again and repeat your change")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.version,))


@verb("ops_lead", audit="rubric_imported", subject=lambda made: made.id, facts=lambda made: {"label": made.label})
def import_rubric(who: Who, name: str, content: bytes, label: str = "") -> Rubric:
    """Store the rubric in a YAML or JSON file called `name`, under `label` where one is given, else under the file's
    own or its name. ImportProblem says what is wrong with it."""
    shown = Path(name).name or "the file"
    read = parse_rubric(shown, content, Path(shown).stem)
    try:
        WorkingCopy.of(read)
    except InputError as error:
        raise ImportProblem(shown, None, str(error)) from error
    return who.space.store[Rubrics].add(read.model_copy(update={"label": label.strip()}) if label.strip() else read)


@verb(*TEAM, audit="document_exported", subject=lambda made: f"Rubric: {made.label}")
def export_rubric(who: Who, reference: str) -> Rubric:
    """The rubric, to be written as a file that people edit (`write_rubric`). NotFound without one."""
    return who.space.store[Rubrics].get(reference)


@verb("ops_lead", audit="rubric_added", subject=lambda made: made.id, facts=lambda made: {"label": made.label})
def add_rubric(who: Who, working: WorkingCopy, label: str = "") -> Rubric:
    """Store a rubric as a whole. Examples that name a source are located; InputError for one that is not found."""
    return drafts.add(who.space, working, label)


@verb(
    "ops_lead",
    audit="rubric_draft_saved",
    subject=lambda saved: saved.base or drafts.NEW,
    facts=lambda saved: {"version": saved.version, "criteria": len(saved.working.criteria)},
)
def save_draft(who: Who, base: str, version: int, working: WorkingCopy) -> RubricDraft:
    """Save a working copy of `base` made out of `version`. StaleVersion if that is not the current one."""
    rubric = drafts.base_of(who.space, base)
    try:
        return drafts.save(who.space, rubric, version, working, who.name)
    except Conflict as error:
        raise StaleVersion(drafts.opened(who.space, rubric).version) from error


@verb(
    "ops_lead",
    audit="compliance_added",
    subject=lambda saved: saved.base or drafts.NEW,
    facts=lambda saved: {"version": saved.version, "criteria": len(saved.working.criteria)},
)
def add_compliance(who: Who, base: str, rules: Sequence[str]) -> RubricDraft:
    """Add criteria of the compliance catalogue to the working copy of `base`, each with its source."""
    rubric = drafts.base_of(who.space, base)
    copy = drafts.opened(who.space, rubric)
    if not rules:
        raise InputError("choose at least one compliance criterion")
    return drafts.save(who.space, rubric, copy.version, with_rules(who.space, copy.working, rules), who.name)


@verb(
    "ops_lead",
    audit="rubric_draft_discarded",
    subject=lambda draft: draft.base or drafts.NEW,
    facts=lambda draft: {"version": draft.version} if draft.open else None,
)
def discard_draft(who: Who, base: str, version: int) -> RubricDraft:
    """Give a working copy up; returns what it was. StaleVersion if `version` is not the current one."""
    draft = drafts.opened(who.space, drafts.base_of(who.space, base))
    if draft.version != version:
        raise StaleVersion(draft.version)
    if draft.open:
        who.space.store[RubricDrafts].close(draft.base, version, who.name)
    return draft


@dataclass(frozen=True)
class Published:
    """A new version of a rubric, and the id of the one it was made from (`new` for none)."""

    rubric: Rubric
    base: str


@verb(
    "ops_lead",
    audit="rubric_published",
    subject=lambda made: made.rubric.id,
    facts=lambda made: {"label": made.rubric.label, "base": made.base},
)
def publish_draft(who: Who, base: str, version: int, label: str = "") -> Published:
    """The working copy as a new version. StaleVersion if `version` is not the current one, InputError
    where something is missing."""
    rubric = drafts.base_of(who.space, base)
    current = drafts.opened(who.space, rubric).version
    if current != version:
        raise StaleVersion(current)
    new = drafts.publish(who.space, rubric, version, label.strip(), who.name)
    return Published(new, drafts.NEW if rubric is None else rubric.id)
