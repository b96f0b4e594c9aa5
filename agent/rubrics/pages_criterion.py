"""One criterion in the editor: the form, the three checks as it is written, examples out of a transcript beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.highlights import pieces
from agent.app.web.problems import HttpProblem
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.interviews.store import Interviews
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import editing as rubric_editing
from agent.rubrics.criterion_tests import tested, tested_by_model
from agent.rubrics.drafts_model import RubricDraft, WorkingCriterion
from agent.rubrics.forms import EVERY_LEVEL, Pick, criterion_in, pick_in, version_in, with_pick
from agent.rubrics.model import LEVELS

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric

router = page_router()

Base = Annotated[str, Path(max_length=200)]
Criterion = Annotated[str, Path(max_length=100)]
_FIELDS = 400
_CALLS = 200


@dataclass(frozen=True)
class Editing:
    """What the page shows: the criterion as stored or typed, the version it was made from, the transcript beside it."""

    base: Rubric | None
    draft: RubricDraft
    criterion: WorkingCriterion
    source: str = ""
    pick: Pick | None = None
    theirs: WorkingCriterion | None = None
    conflict: bool = False
    problem: str = ""


@router.get("/rubric/{base}/edit/{criterion}")
def criterion(
    request: Request, who: OpsLead, base: Base, criterion: Criterion, source: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """The editor. `source` is the call or interview whose transcript stands beside it."""
    rubric = rubric_drafts.base_of(who.space, base)
    draft = rubric_drafts.opened(who.space, rubric)
    found = draft.working.criterion(criterion)
    if found is None:
        raise NotFound(f"there is no criterion {criterion!r} in this working copy; it may have been taken out")
    return _page(request, who, Editing(rubric, draft, found, source.strip()))


def _page(request: Request, who: SignedIn, editing: Editing, status: int = 200) -> HTMLResponse:
    from agent.rubrics.diff import differences

    space = who.space
    source, missing = _source(who, editing)
    theirs = (editing.theirs,) if editing.theirs else ()
    values: dict[str, Any] = {
        "editing": editing,
        "criterion": editing.criterion,
        "path": f"/rubric/{editing.base.id if editing.base else rubric_drafts.NEW}",
        "examples": [(e, e.model_dump_json()) for e in editing.criterion.examples],
        "levels": LEVELS,
        "every_level": EVERY_LEVEL,
        "stages": space.stages.stages,
        "tests": tested(editing.criterion),
        "drafter": space.settings.binding("drafter"),
        "source": source,
        "source_missing": missing,
        "interviews": space.store[Interviews].all(),
        "calls": [c for c in space.store[Calls].page(limit=_CALLS) if c.has_transcript],
        "conflict": differences(theirs, (editing.criterion,)) if editing.conflict else None,
    }
    return render(request, "rubrics/criterion.html", who, values, status)


def _source(who: SignedIn, editing: Editing) -> tuple[dict[str, Any] | None, str]:
    """The transcript with the examples that are from it marked; why there is none."""
    if not editing.source:
        return None, ""
    try:
        found = rubric_drafts.source(who.space, editing.source)
    except NotFound as error:
        return None, str(error)
    marks = [(e.quote.span, e.kind) for e in editing.criterion.examples if e.source == found.id and e.quote]
    turns = [{"turn": t, "pieces": pieces(t.text, t.index, marks)} for t in found.transcript.turns]
    return {"id": found.id, "turns": turns, "roles": dict(found.transcript.roles)}, ""


@router.post("/rubric/{base}/edit/{criterion}")
async def save(request: Request, who: OpsLead, base: Base, criterion: Criterion) -> Response:
    """Save what was typed; with `add` also an example, with `drop` without one."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    return await run_in_threadpool(_saved, request, who, base, criterion, form)


def _saved(request: Request, who: SignedIn, base: str, ident: str, form: FormData) -> Response:
    rubric = rubric_drafts.base_of(who.space, base)
    draft = rubric_drafts.opened(who.space, rubric)
    stored, source, version = draft.working.criterion(ident), str(form.get("pick_source", ""))[:200], version_in(form)
    before = stored or WorkingCriterion(id=ident)
    pick = pick_in(form)
    try:
        typed = criterion_in(form, before)
    except InputError as error:
        return _page(request, who, Editing(rubric, draft, before, source, pick, problem=str(error)), 422)
    if version != draft.version:
        return _conflict(request, who, Editing(rubric, draft, typed, source, pick, stored, True))
    try:
        new = typed if pick is None else with_pick(who.space, typed, pick)
        rubric_editing.save(who, rubric, version, draft.working.replaced(new))
    except HttpProblem:
        later = rubric_drafts.opened(who.space, rubric)
        return _conflict(
            request, who, Editing(rubric, later, typed, source, pick, later.working.criterion(ident), True)
        )
    except InputError as error:
        editing = Editing(rubric, draft, typed, source, pick, problem=str(error))
        return _page(request, who, editing, problems.status_of(error))
    return _on(request, base, ident, source, form, pick)


def _conflict(request: Request, who: SignedIn, editing: Editing) -> HTMLResponse:
    return _page(request, who, editing, 412)


def _on(request: Request, base: str, ident: str, source: str, form: FormData, pick: Pick | None) -> Response:
    from urllib.parse import quote

    if "drop" not in form and pick is None and form.get("then") == "back":
        return done(request, f"/rubric/{base}/edit#c-{ident}", "Saved.")
    here = f"/rubric/{base}/edit/{ident}" + (f"?source={quote(source, safe='')}" if source else "")
    if pick is not None:
        return done(request, f"{here}#examples", f"Added as {pick.kind} example, and saved.")
    return done(request, f"{here}#examples" if "drop" in form else here, "Saved.")


@router.post("/rubric-checks")
async def checks(request: Request, who: OpsLead) -> HTMLResponse:
    """What the rules find in the criterion as it is typed: a part of the editor."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    found = await run_in_threadpool(lambda: tested(criterion_in(form, WorkingCriterion(id="typed"))))
    return render(request, "rubrics/_checks.html", who, {"tests": found, "asked": False})


@router.post("/rubric-checks/model")
async def model_checks(request: Request, who: OpsLead) -> HTMLResponse:
    """The three tests by the model in the role drafter: a part of the editor."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    found = await tested_by_model(who.space, criterion_in(form, WorkingCriterion(id="typed")))
    return render(request, "rubrics/_checks.html", who, {"tests": found, "asked": True})
