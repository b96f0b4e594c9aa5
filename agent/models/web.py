"""Models and money: which model plays which role, whether it answers, and what this month cost."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from agent.app.steps import next_step
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.forms import Typed
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.language import N_
from agent.core.tongues import TONGUES
from agent.db.sealed_keys import endpoint_of
from agent.models.binding import ModelsIn, RoleName, bind_models, forget_model_key
from agent.models.offers import OFFERS
from agent.models.spending import CostList, SpendingView, costs, spending
from agent.models.verbs import BindingList, ProbeView, bindings, probes

api = api_router("models")
pages = page_router()

Role = Annotated[RoleName, Path()]
Text = Annotated[str, Form(max_length=300)]


@api.get("/models")
def list_models(who: OpsLead) -> BindingList:
    """Which model plays which role. Of keys that are kept here the last letters are shown."""
    return bindings(who.space)


@api.post("/models")
def bind(who: OpsLead, new: ModelsIn) -> BindingList:
    """Bind models to roles, at one endpoint, in `config/models.yaml`. A key that is given is kept sealed, sent to that
    endpoint only, and never sent back. It holds for what begins afterwards."""
    bind_models(who, new)
    return bindings(who.space)


@api.delete("/models/keys")
def forget_key(who: OpsLead, endpoint: Annotated[str, Query(max_length=300)]) -> BindingList:
    """Forget the key that is kept for an endpoint."""
    forget_model_key(who, endpoint)
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


# Pages.


@pages.get("/admin/models")
def models(request: Request, who: OpsLead, provider: Annotated[str, Query(max_length=40)] = "") -> HTMLResponse:
    """Roles, setting them up, and spending."""
    return _page(request, who, provider=provider)


@pages.post("/admin/models/probe")
async def probe_all(request: Request, who: OpsLead) -> HTMLResponse:
    """Ask every bound model one small question."""
    return await run_in_threadpool(_page, request, who, asked=(await probes(who.space, [])).items)


@pages.post("/admin/models/{role}/probe")
async def probe_form(request: Request, who: OpsLead, role: Role) -> HTMLResponse:
    """Ask the role's model one small question."""
    return await run_in_threadpool(_page, request, who, asked=(await probes(who.space, [role])).items)


@pages.post("/admin/models")
def bind_form(request: Request, who: OpsLead, form: Typed) -> Response:
    """Bind models to roles. A key that was typed is kept sealed and never sent back, nor is what may be one."""
    given = {
        "models": {role: form[role] for role in _MEANS if form.get(role)},
        "usd_per_million_input": form.get("price_in") or None,
        "usd_per_million_output": form.get("price_out") or None,
        "monthly_budget_usd": form.dollars("budget"),
        "language": form.get("language"),
    }
    bind_models(who, form.filled_in(ModelsIn, **given))
    return done(request, "/admin/models", "Saved. Ask each model one question now, to see that it answers.")


@pages.post("/admin/models/keys/forget")
def forget_form(request: Request, who: OpsLead, endpoint: Text) -> Response:
    """Forget a key."""
    forget_model_key(who, endpoint)
    return done(request, "/admin/models", f"The key for {endpoint} is forgotten.")


def _page(request: Request, who: SignedIn, *, asked: Sequence[ProbeView] = (), provider: str = "") -> HTMLResponse:
    bound = bindings(who.space)
    spent = spending(who.space)
    chosen = provider if provider in OFFERS else _provider_of(bound)
    offer = OFFERS[chosen]
    usual = {role: {"rater": offer.scores, "transcriber": ""}.get(role, offer.reads) for role in _MEANS}
    if not provider:
        usual |= {one.role: one.model for one in bound.items if one.model}
    base = next((one.api_base for one in bound.items if one.api_base), "") or offer.api_base
    usual |= {"api_base": base if chosen == "server" else "", "price_in": "", "price_out": "", "budget": ""}
    usual["language"] = who.space.settings.models().language
    endpoint = endpoint_of(usual["rater"] or offer.scores, usual["api_base"])
    values: dict[str, Any] = {
        "kept": next((key for key in bound.keys if key.endpoint == endpoint), None),
        "roles": bound.items,
        "file": bound.file,
        "keys": bound.keys,
        "unbound": [b.role for b in bound.items if b.model is None and b.role != "transcriber"],
        "spending": spent,
        "parts": (("Model", spent.by_model), ("Rubric", spent.by_rubric), ("Job", spent.by_job)),
        "asked": asked,
        "offers": OFFERS,
        "provider": chosen,
        "offer": offer,
        "in_environment": bool(offer.key_env and who.space.settings.environment.get(offer.key_env)),
        "typed": usual,
        "means": _MEANS,
        "tongues": TONGUES,
        "step": next_step(who),
    }
    return render(request, "models/admin.html", who, values)


def _provider_of(bound: BindingList) -> str:
    """Who offers what is bound; OpenAI where nothing is."""
    one = next((one for one in bound.items if one.model), None)
    if one is None or one.model is None:
        return "openai"
    begins = one.model.partition("/")[0]
    of = next((name for name, offer in OFFERS.items() if offer.reads.partition("/")[0] == begins), "server")
    return "server" if one.api_base else of


_MEANS = {
    "analyst_a": N_("reads interviews"),
    "analyst_b": N_("reads them again, independently"),
    "drafter": N_("merges notes, drafts criteria and coaching"),
    "rater": N_("scores calls"),
    "transcriber": N_("hears recordings; only where some are imported"),
}
