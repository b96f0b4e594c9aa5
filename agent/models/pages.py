"""Admin: which model plays which role, whether it answers, and what this month cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import render
from agent.core.errors import CloseReadError, InputError, RoleUnbound
from agent.models.api import ProbeOut, RoleName, bindings, probed
from agent.models.spending import spending
from agent.models.verbs import role_line

router = page_router()

Text = Annotated[str, Form(max_length=300)]


@router.get("/admin/models")
def models(request: Request, who: OpsLead) -> HTMLResponse:
    """Roles and spending."""
    return _page(request, who)


@router.post("/admin/models/{role}/probe")
async def probe(request: Request, who: OpsLead, role: Annotated[RoleName, Path()]) -> HTMLResponse:
    """Ask the role's model one small question."""
    try:
        found = await probed(who, role)
    except RoleUnbound as unbound:
        return await run_in_threadpool(_page, request, who, problem=unbound)
    return await run_in_threadpool(_page, request, who, probe=found)


@router.post("/admin/models/line")
def line(
    request: Request, who: OpsLead, role: Text, model: Text, api_base: Text = "", api_key_env: Text = ""
) -> HTMLResponse:
    """The line to write into models.yaml. Nothing is changed: the file belongs to whoever runs the server."""
    # What was typed for the key's name is not sent back: it may be the key.
    typed = {"role": role, "model": model.strip(), "api_base": api_base.strip()}
    try:
        written = role_line(role, model.strip(), api_base.strip(), api_key_env.strip())
    except InputError as error:
        return _page(request, who, problem=error, typed=typed)
    return _page(request, who, typed=typed, line=written)


def _page(
    request: Request,
    who: SignedIn,
    *,
    problem: CloseReadError | None = None,
    probe: ProbeOut | None = None,
    typed: dict[str, str] | None = None,
    line: str = "",
) -> HTMLResponse:
    bound = bindings(who)
    spent = spending(who.space)
    values: dict[str, Any] = {
        "roles": bound.items,
        "file": bound.file,
        "unbound": [b.role for b in bound.items if b.model is None],
        "spending": spent,
        "parts": (("Model", spent.by_model), ("Rubric", spent.by_rubric), ("Job", spent.by_job)),
        "problem": str(problem) if problem else "",
        "probe": probe,
        "typed": {"role": "rater", "model": "", "api_base": ""} | (typed or {}),
        "line": line,
        "means": _MEANS,
    }
    return render(request, "models/admin.html", who, values, status_of(problem) if problem else 200)


_MEANS = {
    "analyst_a": "reads interviews",
    "analyst_b": "reads them again, independently",
    "drafter": "merges notes, drafts criteria and coaching",
    "rater": "scores calls",
}
