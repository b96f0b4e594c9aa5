"""Models and money: which model plays which role, whether it answers, and what this month cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from agent.app.steps import next_step
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.core.errors import CloseReadError, InputError, RoleUnbound
from agent.models.spending import CostList, SpendingView, costs, spending
from agent.models.verbs import BindingList, ProbeView, RoleName, bindings, probes, role_line

api = api_router("models")
pages = page_router()

Role = Annotated[RoleName, Path()]
Text = Annotated[str, Form(max_length=300)]


@api.get("/models")
def list_models(who: OpsLead) -> BindingList:
    """Which model plays which role. Keys stand in the server's environment and are never shown."""
    return bindings(who.space)


@api.post("/models/{role}/probe")
async def probe_model(who: OpsLead, role: Role) -> ProbeView:
    """Ask the role's model one small question. 409 where no model is bound."""
    return (await probes(who.space, [role])).items[0]


@api.get("/spending")
def read_spending(who: OpsLead) -> SpendingView:
    """What this month cost, by model, rubric and job (the 30 dearest)."""
    return spending(who.space)


@api.get("/costs")
def read_costs(who: OpsLead) -> CostList:
    """What model requests have taken so far, by model and prompt."""
    return costs(who.space)


@pages.get("/admin/models")
def models(request: Request, who: OpsLead) -> HTMLResponse:
    """Roles and spending."""
    return _page(request, who)


@pages.post("/admin/models/{role}/probe")
async def probe_form(request: Request, who: OpsLead, role: Role) -> HTMLResponse:
    """Ask the role's model one small question."""
    try:
        probe = (await probes(who.space, [role])).items[0]
    except RoleUnbound as unbound:
        return await run_in_threadpool(_page, request, who, problem=unbound)
    return await run_in_threadpool(_page, request, who, probe=probe)


@pages.post("/admin/models/line")
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
    probe: ProbeView | None = None,
    typed: dict[str, str] | None = None,
    line: str = "",
) -> HTMLResponse:
    bound = bindings(who.space)
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
        "step": next_step(who),
    }
    return render(request, "models/admin.html", who, values, status_of(problem) if problem else 200)


_MEANS = {
    "analyst_a": "reads interviews",
    "analyst_b": "reads them again, independently",
    "drafter": "merges notes, drafts criteria and coaching",
    "rater": "scores calls",
}
