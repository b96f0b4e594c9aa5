"""Rubrics over HTTP: versions, what differs, files, working copies with ETags. The API first, then the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import File, Form, Path, Query, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from agent.app.panels import panels
from agent.app.steps import Step, next_step
from agent.app.web import etags
from agent.app.web.auth import Anew, Anybody, OpsLead, SignedIn, Team
from agent.app.web.files import attached, described
from agent.app.web.problems import HttpProblem
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.app.web.wording import shipped
from agent.core.errors import Advice, Forbidden
from agent.core.language import _
from agent.core.yaml_files import MOST_BYTES
from agent.interviews.store import Interviews
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import verbs
from agent.rubrics.checks import tested, tested_by_model
from agent.rubrics.compliance import catalogue
from agent.rubrics.diff import differences
from agent.rubrics.drafts_model import RubricDraft
from agent.rubrics.file import write_rubric
from agent.rubrics.in_use import in_use
from agent.rubrics.model import Rubric
from agent.rubrics.store import RubricDrafts, Rubrics, RubricStates
from agent.rubrics.views import (
    ComplianceIn,
    ComplianceView,
    CriterionChecksView,
    NewRubric,
    Publication,
    RubricDiffView,
    RubricDraftIn,
    RubricDraftList,
    RubricDraftView,
    RubricList,
    RubricRowView,
    RubricView,
    ToCheck,
    working_copy,
)

api = api_router("rubrics")
pages = page_router()

Ref = Annotated[str, Path(max_length=200, description="Id or label.", examples=["v1"])]
Base = Annotated[str, Path(max_length=200, description="Id or label; `new` for one without a base.", examples=["v1"])]
FILES = described("yaml", "json")


@api.get("/rubrics")
def list_rubrics(who: Anybody) -> RubricList:
    """All versions, newest first."""
    stored = reversed(who.space.store[Rubrics].all())
    return RubricList(items=[RubricRowView.of(who.space, s) for s in stored])


@api.post("/rubrics", status_code=201)
def add_rubric(who: OpsLead, new: NewRubric, response: Response) -> RubricView:
    """Store a rubric as a whole. The same criteria again give the rubric that is there."""
    rubric = verbs.add_rubric(who, working_copy(new.criteria), new.label)
    response.headers["Location"] = f"/api/v1/rubrics/{rubric.id}"
    return RubricView.of(who.space, rubric)


@api.post("/rubrics/import", status_code=201)
def import_rubric(
    who: OpsLead,
    file: Annotated[UploadFile, File(description="YAML or JSON, as `export` writes it.")],
    label: Annotated[str, Form(max_length=200)] = "",
) -> RubricView:
    """Store the rubric in a file. Only id, description and scale of each criterion are needed."""
    return RubricView.of(who.space, _imported(who, file, label))


@api.post("/rubrics/checks")
async def check(who: OpsLead, asked: ToCheck, _anew: Anew) -> CriterionChecksView:
    """The three tests on one criterion: by rules, and by the model in the role drafter where `model` says so."""
    if asked.model:
        return CriterionChecksView.of(await tested_by_model(who.space, asked.criterion.working()))
    return CriterionChecksView.of(await run_in_threadpool(tested, asked.criterion.working()))


@api.get("/rubrics/{ref}")
def read_rubric(who: Anybody, ref: Ref) -> RubricView:
    """One version."""
    return RubricView.of(who.space, who.space.store[Rubrics].get(ref))


@api.get("/rubrics/{ref}/diff")
def diff(
    who: Team, ref: Ref, against: Annotated[str, Query(max_length=200, description="The older one.", examples=["v1"])]
) -> RubricDiffView:
    """What changed from `against` to this one."""
    old, new = who.space.store[Rubrics].get(against), who.space.store[Rubrics].get(ref)
    return RubricDiffView.of(old, new, differences(old.criteria, new.criteria))


@api.get("/rubrics/{ref}/file", response_class=Response, responses=FILES)
def export(who: Team, ref: Ref, format: Literal["yaml", "json"] = "yaml") -> Response:
    """The rubric as a file that people edit; import it again for a new version."""
    return rubric_file(who, ref, format)


@api.get("/rubric-drafts")
def list_drafts(who: Team) -> RubricDraftList:
    """Working copies that are being edited."""
    return RubricDraftList(items=[RubricDraftView.of(draft) for draft in who.space.store[RubricDrafts].all()])


@api.get("/rubrics/{base}/draft")
def read_draft(who: Team, base: Base, response: Response) -> RubricDraftView:
    """The working copy with its ETag; the rubric itself where nobody has changed it."""
    draft = rubric_drafts.opened(who.space, rubric_drafts.base_of(who.space, base))
    return _told(response, draft)


@api.put("/rubrics/{base}/draft")
def save_draft(who: OpsLead, base: Base, new: RubricDraftIn, request: Request, response: Response) -> RubricDraftView:
    """Save the working copy: send If-Match. 412 if somebody saved since; examples that name a source are located."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    with _stale_is_412():
        return _told(response, verbs.save_draft(who, base, version, working_copy(new.criteria)))


@api.get("/compliance-criteria")
def list_compliance(who: Team) -> list[ComplianceView]:
    """Criteria that no interview tells of, each with its source and for which calls that
    holds. They are no legal advice."""
    return [ComplianceView.of(rule) for rule in catalogue(who.space)]


@api.post("/rubrics/{base}/draft/compliance")
def add_compliance(who: OpsLead, base: Base, chosen: ComplianceIn, response: Response) -> RubricDraftView:
    """Add criteria of the compliance catalogue to the working copy."""
    return _told(response, verbs.add_compliance(who, base, chosen.criteria))


@api.delete("/rubrics/{base}/draft", status_code=204)
def discard_draft(who: OpsLead, base: Base, request: Request) -> None:
    """Give the working copy up: send If-Match."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    with _stale_is_412():
        verbs.discard_draft(who, base, version)


@api.post("/rubrics/{base}/draft/publish", status_code=201)
def publish_draft(who: OpsLead, base: Base, asked: Publication, request: Request) -> RubricView:
    """The working copy as a new version: send If-Match. 422 says what is missing in which criterion."""
    rubric = rubric_drafts.base_of(who.space, base)
    version = rubric_drafts.opened(who.space, rubric).version
    etags.check(request, version)
    with _stale_is_412():
        return RubricView.of(who.space, verbs.publish_draft(who, base, version, asked.label).rubric)


def _imported(who: SignedIn, file: UploadFile, label: str) -> Rubric:
    """Reads one byte more than is allowed, so that a longer file is refused and not cut."""
    return verbs.import_rubric(who, file.filename or "rubric.yaml", file.file.read(MOST_BYTES + 1), label)


@contextmanager
def _stale_is_412() -> Iterator[None]:
    """Somebody was faster than the check of If-Match could see."""
    try:
        yield
    except verbs.StaleVersion as error:
        raise HttpProblem(412, error.code, str(error), {"ETag": etags.etag(error.version)}) from error


def rubric_file(who: SignedIn, ref: str, form: Literal["yaml", "json"]) -> Response:
    """The rubric's file to be saved."""
    rubric = verbs.export_rubric(who, ref)
    return attached(write_rubric(rubric, form).encode(), rubric.label, form)


def _told(response: Response, draft: RubricDraft) -> RubricDraftView:
    etags.tell(response, draft.version)
    return RubricDraftView.of(draft)


# Pages.


@pages.get("/rubric")
def list_page(request: Request, who: Anybody) -> HTMLResponse:
    """All versions, newest first. A rep reads the one that calls are scored against."""
    if who.scope.role == "rep":
        store = who.space.store
        found = in_use(store).rubric if store[Rubrics].all() else None
        return render(request, "rubrics/read.html", who, {"rubric": found})
    store = who.space.store
    stored = list(reversed(store[Rubrics].all()))
    labels = {s.rubric.id: s.rubric.label for s in stored}
    values = {
        "rows": [{"stored": s, "state": store[RubricStates].of(s.rubric.id)} for s in stored],
        "labels": labels,
        "using": in_use(store).rubric if stored else None,
        "drafts": store[RubricDrafts].all(),
        "step": next_step(who, "rubric" if stored else "patterns"),
        "may_edit": who.scope.may_run,
    }
    return render(request, "rubrics/list.html", who, values)


@pages.post("/rubric-import")
def import_on_page(
    request: Request,
    who: OpsLead,
    file: Annotated[UploadFile, File()],
    label: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A rubric out of a YAML or JSON file."""
    rubric = _imported(who, file, label)
    return done(
        request,
        f"/rubric/{rubric.id}",
        _("{label} is imported: {criteria} criteria.", label=rubric.label, criteria=len(rubric.criteria)),
    )


@pages.get("/rubric/{ref}")
def rubric_page(request: Request, who: Anybody, ref: Ref) -> HTMLResponse:
    """One version, to read. A rep reads the one that calls are scored against."""
    found = who.space.store[Rubrics].get(ref)
    if who.scope.role != "rep":
        return render_rubric(request, who, found)
    if found.id != in_use(who.space.store).rubric.id:
        raise Forbidden("reps read the rubric that their calls are scored against", advice=Advice(page="/rubric"))
    return list_page(request, who)


def render_rubric(request: Request, who: SignedIn, rubric: Rubric) -> HTMLResponse:
    """One version, for whoever reads all of them."""
    store = who.space.store
    every = store[Rubrics].all()
    place = next(at for at, s in enumerate(every) if s.rubric.id == rubric.id)
    values = {
        "rubric": rubric,
        "state": store[RubricStates].of(rubric.id),
        "states": store[RubricStates].history(rubric.id),
        "step": _step(who, rubric),
        "before": every[place - 1].rubric if place else None,
        "others": [s.rubric for s in reversed(every) if s.rubric.id != rubric.id],
        "draft": store[RubricDrafts].of(rubric.id),
        "stages": {s.id: shipped(s.name) for s in who.space.stages.stages},
        "interview_ids": {i.id for i in store[Interviews].all()} if any(c.examples for c in rubric.criteria) else set(),
        "may_edit": who.scope.may_run,
        "parts": panels("rubric", who, rubric),
        "gate": panels("rubric_gate", who, rubric),
    }
    return render(request, "rubrics/show.html", who, values)


def _step(who: SignedIn, rubric: Rubric) -> Step:
    """What is next stands with the rubric in use, and with the newest: other versions are only looked back at."""
    using = in_use(who.space.store)
    if rubric.id in {one.id for one in (using.rubric, using.newer) if one}:
        return next_step(who, "rubric")
    text = _("This version is there to look back at. {label} is the one that goes on.", label=using.rubric.label)
    return Step(text, f"/rubric/{using.rubric.id}", _("To {label}", label=using.rubric.label), on_page=True)


@pages.get("/rubric/{ref}/diff")
def diff_page(request: Request, who: Team, ref: Ref, against: Annotated[str, Query(max_length=200)]) -> HTMLResponse:
    """What changed between two versions."""
    store = who.space.store
    old, new = store[Rubrics].get(against), store[Rubrics].get(ref)
    others = [s.rubric for s in reversed(store[Rubrics].all()) if s.rubric.id != new.id]
    values = {"old": old, "new": new, "difference": differences(old.criteria, new.criteria), "others": others}
    return render(request, "rubrics/diff.html", who, values)


@pages.get("/rubric/{ref}/file/{form}")
def file_on_page(who: Team, ref: Ref, form: Literal["yaml", "json"]) -> Response:
    """The rubric as a file to edit elsewhere."""
    return rubric_file(who, ref, form)
