"""Rubrics: versions, the gate, what differs, documents; and working copies with ETags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import File, Form, Path, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from agent.app.web import etags
from agent.app.web.auth import Anybody, OpsLead, SignedIn, Team
from agent.app.web.routes import api_router
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import editing as rubric_editing
from agent.rubrics.drafts_model import RubricDraft
from agent.rubrics.store import Rubrics
from agent.rubrics.store_drafts import RubricDrafts
from agent.rubrics.views import (
    Checked,
    Deployment,
    DiffOut,
    DraftIn,
    DraftOut,
    Drafts,
    GateOut,
    GateRow,
    NewRubric,
    Publication,
    RubricList,
    RubricOut,
    RubricRow,
    StateOut,
    ToCheck,
    working_copy,
)

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric

router = api_router("rubrics")

Ref = Annotated[str, Path(max_length=200, description="Id or label.", examples=["v1"])]
Base = Annotated[str, Path(max_length=200, description="Id or label; `new` for one without a base.", examples=["v1"])]
GuideFormat = Literal["html", "docx", "pdf", "md", "xlsx"]
MEDIA = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml",
    "json": "application/json",
}


def _files(*forms: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What is documented of a route that sends a file in one of these formats."""
    content = {MEDIA[form].partition(";")[0]: {"schema": schema} for form in forms}
    return {200: {"description": "The file.", "content": content}}


GUIDE = _files("html", "docx", "pdf", "md", "xlsx", schema={"type": "string", "format": "binary"})
FILES = _files("yaml", "json", schema={"type": "object"})


@router.get("/rubrics")
def list_rubrics(who: Anybody) -> RubricList:
    """All versions, newest first."""
    stored = reversed(who.space.store[Rubrics].all())
    return RubricList(items=[RubricRow.of(who.space, s) for s in stored])


@router.post("/rubrics", status_code=201)
def add_rubric(who: OpsLead, new: NewRubric, response: Response) -> RubricOut:
    """Store a rubric as a whole. The same criteria again give the rubric that is there."""
    rubric = rubric_drafts.add(who.space, working_copy(new.criteria), new.label)
    who.audit("rubric_added", rubric.id, label=rubric.label)
    response.headers["Location"] = f"/api/v1/rubrics/{rubric.id}"
    return RubricOut.of(who.space, rubric)


@router.post("/rubrics/import", status_code=201)
def import_rubric(
    who: OpsLead,
    file: Annotated[UploadFile, File(description="YAML or JSON, as `export` writes it.")],
    label: Annotated[str, Form(max_length=200)] = "",
) -> RubricOut:
    """Store the rubric in a file. Only id, description and scale of each criterion are needed."""
    return RubricOut.of(who.space, imported(who, file, label))


@router.post("/rubrics/checks")
async def check(who: OpsLead, asked: ToCheck) -> Checked:
    """The three tests on one criterion: by rules, and by the model in the role drafter where `model` says so."""
    from agent.rubrics.criterion_tests import tested, tested_by_model

    if asked.model:
        return Checked.of(await tested_by_model(who.space, asked.criterion.working()))
    return Checked.of(await run_in_threadpool(tested, asked.criterion.working()))


@router.get("/rubrics/{ref}")
def read_rubric(who: Anybody, ref: Ref) -> RubricOut:
    """One version."""
    return RubricOut.of(who.space, who.space.store[Rubrics].get(ref))


@router.get("/rubrics/{ref}/gate")
def gate(who: Team, ref: Ref) -> GateOut:
    """Where each criterion stands after all rounds that are no longer blind."""
    from agent.calibration.rounds import current_standings

    rubric = who.space.store[Rubrics].get(ref)
    rows = [GateRow.of(standing) for standing in current_standings(who.space, rubric)]
    return GateOut(rubric=rubric.id, open=all(row.passed for row in rows), criteria=rows)


@router.post("/rubrics/{ref}/deploy")
def deploy(who: OpsLead, ref: Ref, asked: Deployment) -> StateOut:
    """Make it the one in use. 409 while a criterion has not passed calibration, unless overridden with a reason."""
    rubric = who.space.store[Rubrics].get(ref)
    return StateOut.of(rubric_editing.deploy(who, rubric, override=asked.override, reason=asked.reason))


@router.get("/rubrics/{ref}/diff")
def diff(
    who: Team, ref: Ref, against: Annotated[str, Query(max_length=200, description="The older one.", examples=["v1"])]
) -> DiffOut:
    """What changed from `against` to this one."""
    from agent.rubrics.diff import differences

    old, new = who.space.store[Rubrics].get(against), who.space.store[Rubrics].get(ref)
    return DiffOut.of(old, new, differences(old.criteria, new.criteria))


@router.get("/rubrics/{ref}/guide", response_class=Response, responses=GUIDE)
def scoring_guide(who: Team, ref: Ref, format: GuideFormat = "html") -> Response:
    """The scoring guide: levels, examples, near misses."""
    return guide_file(who, ref, format)


@router.get("/rubrics/{ref}/file", response_class=Response, responses=FILES)
def export(who: Team, ref: Ref, format: Literal["yaml", "json"] = "yaml") -> Response:
    """The rubric as a file that people edit; import it again for a new version."""
    return rubric_file(who, ref, format)


@router.get("/rubric-drafts")
def list_drafts(who: Team) -> Drafts:
    """Working copies that are being edited."""
    return Drafts(items=[DraftOut.of(draft) for draft in who.space.store[RubricDrafts].all()])


@router.get("/rubrics/{base}/draft")
def read_draft(who: Team, base: Base, response: Response) -> DraftOut:
    """The working copy with its ETag; the rubric itself where nobody has changed it."""
    draft = rubric_drafts.opened(who.space, rubric_drafts.base_of(who.space, base))
    return _told(response, draft)


@router.put("/rubrics/{base}/draft")
def save_draft(who: OpsLead, base: Base, new: DraftIn, request: Request, response: Response) -> DraftOut:
    """Save the working copy: send If-Match. 412 if somebody saved since; examples that name a source are located."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    return _told(response, rubric_editing.save(who, rubric, version, working_copy(new.criteria)))


@router.delete("/rubrics/{base}/draft", status_code=204)
def discard_draft(who: OpsLead, base: Base, request: Request) -> None:
    """Give the working copy up: send If-Match."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    rubric_editing.discard(who, rubric, version)


@router.post("/rubrics/{base}/draft/publish", status_code=201)
def publish_draft(who: OpsLead, base: Base, asked: Publication, request: Request) -> RubricOut:
    """The working copy as a new version: send If-Match. 422 says what is missing in which criterion."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    return RubricOut.of(who.space, rubric_editing.publish(who, rubric, version, asked.label))


def imported(who: SignedIn, file: UploadFile, label: str) -> Rubric:
    """The rubric in an uploaded file, stored and noted in the audit log. For the page as well."""
    from agent.rubrics.file import MOST_BYTES
    from agent.rubrics.verbs import import_rubric

    content = file.file.read(MOST_BYTES + 1)
    rubric = import_rubric(who.space, file.filename or "rubric.yaml", content, label.strip())
    who.audit("rubric_imported", rubric.id, label=rubric.label)
    return rubric


def guide_file(who: SignedIn, ref: str, form: GuideFormat) -> Response:
    """The scoring guide to be saved. What is withheld while a round is blind is not in it."""
    from agent.app.documents.formats import written
    from agent.app.telling import unsaid
    from agent.documents.verbs import scoring_guide_document

    label = who.space.store[Rubrics].get(ref).label
    document = scoring_guide_document(who.space, unsaid, ref, who.name)
    return _attached(written(document, form), f"scoring-guide-{label}", form)


def rubric_file(who: SignedIn, ref: str, form: Literal["yaml", "json"]) -> Response:
    """The rubric's file to be saved."""
    from agent.rubrics.file import write_rubric

    rubric = who.space.store[Rubrics].get(ref)
    return _attached(write_rubric(rubric, form).encode(), rubric.label, form)


def _attached(content: bytes, name: str, form: str) -> Response:
    import re
    from urllib.parse import quote

    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:80] or "rubric"
    shown = f"attachment; filename=\"{plain}.{form}\"; filename*=UTF-8''{quote(name[:120], safe='')}.{form}"
    return Response(content, media_type=MEDIA[form], headers={"Content-Disposition": shown})


def _told(response: Response, draft: RubricDraft) -> DraftOut:
    etags.tell(response, draft.version)
    return DraftOut.of(draft)
