"""Rubrics: versions, one to read, differences, the gate, deploying, and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import File, Form, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, GateClosed, UsageError
from agent.interviews.store import Interviews
from agent.rubrics import api as api
from agent.rubrics import editing as rubric_editing
from agent.rubrics.store import Rubrics
from agent.rubrics.store_drafts import RubricDrafts
from agent.rubrics.store_states import RubricStates
from agent.rubrics.views import GateRow

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric

router = page_router()

Ref = Annotated[str, Path(max_length=200)]


@router.get("/rubric")
def rubrics(request: Request, who: Team) -> HTMLResponse:
    """All versions, newest first."""
    return _list_page(request, who)


def _list_page(request: Request, who: SignedIn, problem: str = "", status: int = 200) -> HTMLResponse:
    store = who.space.store
    stored = list(reversed(store[Rubrics].all()))
    labels = {s.rubric.id: s.rubric.label for s in stored}
    values = {
        "rows": [{"stored": s, "state": store[RubricStates].of(s.rubric.id)} for s in stored],
        "labels": labels,
        "drafts": store[RubricDrafts].all(),
        "may_edit": who.scope.may_run,
        "problem_text": problem,
    }
    return render(request, "rubrics/list.html", who, values, status)


@router.post("/rubric-import")
def import_rubric(
    request: Request,
    who: OpsLead,
    file: Annotated[UploadFile, File()],
    label: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A rubric out of a YAML or JSON file."""
    try:
        rubric = api.imported(who, file, label)
    except CloseReadError as error:
        return _list_page(request, who, str(error), problems.status_of(error))
    return done(request, f"/rubric/{rubric.id}", f"{rubric.label} is imported: {len(rubric.criteria)} criteria.")


@router.get("/rubric/{ref}")
def rubric(request: Request, who: Team, ref: Ref) -> HTMLResponse:
    """One version, to read."""
    return _rubric_page(request, who, who.space.store[Rubrics].get(ref))


def _rubric_page(
    request: Request,
    who: SignedIn,
    found: Rubric,
    typed: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    store = who.space.store
    every = store[Rubrics].all()
    place = next(at for at, s in enumerate(every) if s.rubric.id == found.id)
    values = {
        "rubric": found,
        "state": store[RubricStates].of(found.id),
        "states": store[RubricStates].history(found.id),
        "gate": _gate(who, found),
        "before": every[place - 1].rubric if place else None,
        "others": [s.rubric for s in reversed(every) if s.rubric.id != found.id],
        "draft": store[RubricDrafts].of(found.id),
        "stages": {s.id: s.name for s in who.space.stages.stages},
        "interview_ids": {i.id for i in store[Interviews].all()} if any(c.examples for c in found.criteria) else set(),
        "typed": typed or {},
        "may_edit": who.scope.may_run,
        "problem_text": problem,
    }
    return render(request, "rubrics/show.html", who, values, status)


def _gate(who: SignedIn, found: Rubric) -> list[GateRow]:
    from agent.calibration.rounds import current_standings

    return [GateRow.of(standing) for standing in current_standings(who.space, found)]


@router.get("/rubric/{ref}/gate")
def gate(request: Request, who: Team, ref: Ref) -> HTMLResponse:
    """The gate alone: a part of the list."""
    found = who.space.store[Rubrics].get(ref)
    return render(request, "rubrics/_gate.html", who, {"gate": _gate(who, found), "rubric": found})


@router.get("/rubric/{ref}/diff")
def diff(request: Request, who: Team, ref: Ref, against: Annotated[str, Query(max_length=200)]) -> HTMLResponse:
    """What changed between two versions."""
    from agent.rubrics.diff import differences

    store = who.space.store
    old, new = store[Rubrics].get(against), store[Rubrics].get(ref)
    others = [s.rubric for s in reversed(store[Rubrics].all()) if s.rubric.id != new.id]
    values = {"old": old, "new": new, "found": differences(old.criteria, new.criteria), "others": others}
    return render(request, "rubrics/diff.html", who, values)


@router.post("/rubric/{ref}/deploy")
def deploy(
    request: Request,
    who: OpsLead,
    ref: Ref,
    override: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Make it the one in use."""
    found = who.space.store[Rubrics].get(ref)
    try:
        rubric_editing.deploy(who, found, override=override, reason=reason)
    except GateClosed as error:
        problem, status = str(error), problems.status_of(error)
    except UsageError:
        problem, status = "deploying below the gate needs a reason; it is shown with the scores", 400
    else:
        return done(request, f"/rubric/{found.id}", f"{found.label} is deployed: calls are scored against it.")
    typed: dict[str, Any] = {"reason": reason, "override": "yes" if override else ""}
    return _rubric_page(request, who, found, typed, problem, status)


@router.get("/rubric/{ref}/guide/{form}")
def scoring_guide(who: Team, ref: Ref, form: Literal["html", "docx", "pdf"]) -> Response:
    """The scoring guide as a file."""
    return api.guide_file(who, ref, form)


@router.get("/rubric/{ref}/file/{form}")
def rubric_file(who: Team, ref: Ref, form: Literal["yaml", "json"]) -> Response:
    """The rubric as a file to edit elsewhere."""
    return api.rubric_file(who, ref, form)
