"""What the pages and the API do alike when a rubric is changed: versions are checked, the audit log is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.web import etags
from agent.app.web.auth import SignedIn
from agent.app.web.problems import HttpProblem
from agent.core.errors import Conflict
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics.store_drafts import RubricDrafts

if TYPE_CHECKING:
    from agent.rubrics.drafts_model import RubricDraft, WorkingCopy
    from agent.rubrics.model import Rubric, RubricState


def changed(current: int) -> HttpProblem:
    """Somebody else was faster: 412 with the version that counts now."""
    detail = "somebody else saved this since you loaded it; load it again and repeat your change"
    return HttpProblem(412, "precondition_failed", detail, {"ETag": etags.etag(current)})


def save(who: SignedIn, base: Rubric | None, version: int, working: WorkingCopy) -> RubricDraft:
    """Save a working copy made out of `version`; 412 if that is not the current one."""
    try:
        saved = rubric_drafts.save(who.space, base, version, working, who.name)
    except Conflict as error:
        raise changed(rubric_drafts.opened(who.space, base).version) from error
    who.audit("rubric_draft_saved", _name(base), version=saved.version, criteria=len(working.criteria))
    return saved


def discard(who: SignedIn, base: Rubric | None, version: int) -> None:
    """Give a working copy up; 412 if `version` is not the current one."""
    draft = rubric_drafts.opened(who.space, base)
    if draft.version != version:
        raise changed(draft.version)
    if draft.open:
        who.space.store[RubricDrafts].close(draft.base, version, who.name)
        who.audit("rubric_draft_discarded", _name(base), version=version)


def publish(who: SignedIn, base: Rubric | None, version: int, label: str) -> Rubric:
    """The working copy as a new version; 412 if `version` is not the current one."""
    current = rubric_drafts.opened(who.space, base).version
    if current != version:
        raise changed(current)
    rubric = rubric_drafts.publish(who.space, base, version, label.strip(), who.name)
    who.audit("rubric_published", rubric.id, label=rubric.label, base=_name(base))
    return rubric


def deploy(who: SignedIn, rubric: Rubric, *, override: bool, reason: str) -> RubricState:
    """Deploy a rubric. GateClosed says which criteria are short."""
    from agent.calibration.verbs import deploy_rubric

    return deploy_rubric(who, rubric.id, override=override, reason=reason).state


def _name(base: Rubric | None) -> str:
    return rubric_drafts.NEW if base is None else base.id
