"""The working copy of a rubric: its criteria, their order, publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.problems import HttpProblem
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, InputError
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import editing as rubric_editing
from agent.rubrics.criterion_tests import tested
from agent.rubrics.drafts_model import WorkingCriterion

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric

router = page_router()

Base = Annotated[str, Path(max_length=200)]
Version = Annotated[int, Form(ge=0, le=10**9)]


@router.get("/rubric/{base}/edit")
def edit(request: Request, who: OpsLead, base: Base) -> HTMLResponse:
    """All criteria of the working copy, with what the checks find."""
    return _page(request, who, rubric_drafts.base_of(who.space, base))


def _page(
    request: Request, who: SignedIn, base: Rubric | None, label: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    from agent.rubrics.diff import differences

    draft = rubric_drafts.opened(who.space, base)
    criteria = draft.working.criteria
    found = differences(base.criteria if base else (), criteria)
    values = {
        "base": base,
        "path": f"/rubric/{base.id if base else rubric_drafts.NEW}",
        "draft": draft,
        "findings": {c.id: tested(c).findings for c in criteria},
        "states": {c.id: c.state for c in found.criteria},
        "removed": [c for c in found.criteria if c.state == "removed"],
        "changed": found.any,
        "label": label,
        "problem_text": problem,
    }
    return render(request, "rubrics/edit.html", who, values, status)


def _stale(request: Request, who: SignedIn, base: Rubric | None, label: str = "") -> HTMLResponse:
    by = rubric_drafts.opened(who.space, base).by
    text = f"{by or 'somebody'} has saved this in the meantime; below is how it is now. Nothing of yours was applied"
    return _page(request, who, base, label, text, 412)


@router.post("/rubric/{base}/add")
def add(
    request: Request, who: OpsLead, base: Base, version: Version, name: Annotated[str, Form(max_length=200)]
) -> Response:
    """One more criterion, at the end."""
    rubric = rubric_drafts.base_of(who.space, base)
    if not name.strip():
        return _page(request, who, rubric, problem="give the new criterion a name", status=422)
    working = rubric_drafts.opened(who.space, rubric).working
    new = WorkingCriterion(id=rubric_drafts.new_id(working, name), name=name.strip())
    try:
        rubric_editing.save(who, rubric, version, working.replaced(new))
    except HttpProblem:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{base}/edit/{new.id}")


@router.post("/rubric/{base}/order")
def order(
    request: Request,
    who: OpsLead,
    base: Base,
    version: Version,
    criterion: Annotated[str, Form(max_length=100)],
    move: Annotated[Literal["up", "down", "remove"], Form()],
) -> Response:
    """Move a criterion up or down, or take it out."""
    rubric = rubric_drafts.base_of(who.space, base)
    working = rubric_drafts.opened(who.space, rubric).working
    if working.criterion(criterion) is None:
        return _stale(request, who, rubric)
    moved = working.without(criterion) if move == "remove" else working.moved(criterion, -1 if move == "up" else 1)
    try:
        rubric_editing.save(who, rubric, version, moved)
    except HttpProblem:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{base}/edit#c-{criterion}" if move != "remove" else f"/rubric/{base}/edit")


@router.post("/rubric/{base}/publish")
def publish(
    request: Request, who: OpsLead, base: Base, version: Version, label: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """The working copy as a new version."""
    rubric = rubric_drafts.base_of(who.space, base)
    try:
        new = rubric_editing.publish(who, rubric, version, label)
    except HttpProblem:
        return _stale(request, who, rubric, label)
    except (InputError, CloseReadError) as error:
        return _page(request, who, rubric, label, str(error), problems.status_of(error))
    return done(
        request, f"/rubric/{new.id}", f"{new.label} is published. Scores and rounds of the earlier version stay."
    )


@router.post("/rubric/{base}/discard")
def discard(request: Request, who: OpsLead, base: Base, version: Version) -> Response:
    """Give the working copy up."""
    rubric = rubric_drafts.base_of(who.space, base)
    try:
        rubric_editing.discard(who, rubric, version)
    except HttpProblem:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{rubric.id}" if rubric else "/rubric", "The working copy is gone.")
