"""Admin: people, tokens and the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead
from agent.app.web.paging import Pages
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.people import ROLES, Role
from agent.db.audit import AuditLog
from agent.people.store import Invitations, People
from agent.people.store_tokens import Tokens

router = page_router()

Text = Annotated[str, Form(max_length=400)]


@router.get("/admin")
def admin(request: Request, who: OpsLead) -> Response:
    """The first of the admin pages."""
    return done(request, "/admin/people")


@router.get("/admin/people")
def people(request: Request, who: OpsLead) -> HTMLResponse:
    """Accounts."""
    return _people_page(request, who)


@router.post("/admin/people")
def add_person(
    request: Request, who: OpsLead, name: Text, email: Text, role: Annotated[Role, Form()], rep: Text = ""
) -> HTMLResponse:
    """Add an account, and show the link with which its owner sets a password."""
    person = who.space.store[People].create(name, email, role, rep)
    who.audit("person_added", person.id, name=person.name, role=person.role, rep=person.rep)
    return _people_page(request, who, link=_invited(request, who, person.id), link_for=person.name)


@router.post("/admin/people/{ident}/invitation")
def invite(request: Request, who: OpsLead, ident: str) -> HTMLResponse:
    """A new link for somebody."""
    person = who.space.store[People].get(ident)
    return _people_page(request, who, link=_invited(request, who, ident), link_for=person.name)


@router.post("/admin/people/{ident}/role")
def change_role(request: Request, who: OpsLead, ident: str, role: Annotated[Role, Form()], rep: Text = "") -> Response:
    """Give somebody another role."""
    person = who.space.store[People].change(ident, role, rep)
    who.audit("role_changed", ident, role=role, rep=rep)
    return done(request, "/admin/people", f"{person.name} is now {role.replace('_', ' ')}.")


@router.post("/admin/people/{ident}/disable")
def disable(request: Request, who: OpsLead, ident: str) -> Response:
    """Close an account."""
    person = who.space.store[People].disable(ident)
    who.audit("person_disabled", ident)
    return done(request, "/admin/people", f"The account of {person.name} is closed.")


@router.post("/admin/people/{ident}/enable")
def enable(request: Request, who: OpsLead, ident: str) -> Response:
    """Open an account again."""
    person = who.space.store[People].disable(ident, False)
    who.audit("person_enabled", ident)
    return done(request, "/admin/people", f"The account of {person.name} is open again.")


@router.get("/admin/tokens")
def tokens(request: Request, who: OpsLead) -> HTMLResponse:
    """Tokens."""
    return _tokens_page(request, who)


@router.post("/admin/tokens")
def make_token(
    request: Request,
    who: OpsLead,
    role: Annotated[Role, Form()],
    rep: Text = "",
    label: Text = "",
    days: Annotated[str, Form(pattern=r"^\d{0,4}$")] = "",
    person: Text = "",
) -> HTMLResponse:
    """Make a token and show its secret, this once."""
    lasts = int(days) if days else None
    token, secret = who.space.store[Tokens].create(role, rep=rep, label=label, days=lasts, person=person, by=who.name)
    who.audit("token_made", token.id, role=role, label=label)
    return _tokens_page(request, who, secret=secret)


@router.post("/admin/tokens/{ident}/revoke")
def revoke_token(request: Request, who: OpsLead, ident: str) -> Response:
    """End a token."""
    token = who.space.store[Tokens].revoke(ident)
    who.audit("token_revoked", ident)
    return done(request, "/admin/tokens", f"The token {token.label or token.id} no longer works.")


@router.get("/admin/audit")
def audit(request: Request, who: OpsLead, paging: Pages) -> HTMLResponse:
    """The audit log."""
    rows = who.space.store[AuditLog].page(paging.after, paging.fetch)
    page = paging.page(rows, lambda entry: entry.position, lambda entry: entry)
    return render(request, "people/audit.html", who, {"page": page})


def _people_page(request: Request, who: OpsLead, link: str = "", link_for: str = "") -> HTMLResponse:
    store = who.space.store
    values = {"people": store[People].all(), "roles": ROLES, "reps": store[Calls].reps()}
    return render(request, "people/people.html", who, values | {"link": link, "link_for": link_for})


def _tokens_page(request: Request, who: OpsLead, secret: str = "") -> HTMLResponse:
    store = who.space.store
    values = {"tokens": store[Tokens].all(), "roles": ROLES, "reps": store[Calls].reps(), "people": store[People].all()}
    return render(request, "people/tokens.html", who, values | {"secret": secret})


def _invited(request: Request, who: OpsLead, ident: str) -> str:
    secret = who.space.store[Invitations].create(ident)
    who.audit("invited", ident)
    return str(request.url_for("welcome_form", secret=secret))
