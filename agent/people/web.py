"""Accounts, tokens and the audit log. The API first, then the admin pages. Secrets and links are shown once."""

from typing import Annotated

from fastapi import Form, Path, Query, Request
from fastapi import Response as ApiResponse
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.panels import panels
from agent.app.view import Page, example
from agent.app.web import sessions
from agent.app.web.auth import Anybody, OpsLead
from agent.app.web.forms import Typed
from agent.app.web.idempotency import SHOWN_ONCE
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.language import _
from agent.core.people import ROLES, Role
from agent.db.audit import AuditLog
from agent.db.audit_chain import noted_heads
from agent.people import verbs
from agent.people.links import address_of, link_of
from agent.people.model import Invitation
from agent.people.store import People, Tokens
from agent.people.verbs_names import unknown_rep
from agent.people.views import (
    AuditCheckView,
    AuditView,
    InvitationView,
    MeView,
    NewTokenView,
    PersonList,
    PersonView,
    TokenList,
    TokenView,
)

accounts, tokens, log = api_router("people"), api_router("tokens"), api_router("audit")
me_router = api_router("me")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["pe-5c1e0b7a9d3f2c48"])]
TokenIdent = Annotated[str, Path(max_length=40, examples=["to-9f2d0c4b7e1a6538"])]


class PersonIn(BaseModel):
    """An account to be made."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="Also the name they rate under.")]
    email: Annotated[str, Field(min_length=3, max_length=320)]
    role: Role
    rep: Annotated[str, Field(max_length=200, description="For the role rep: the name in the calls.")] = ""

    model_config = example({"name": "Ana Ruiz", "email": "ana@example.com", "role": "manager"})


class RoleIn(BaseModel):
    """Another role."""

    role: Role
    rep: Annotated[str, Field(max_length=200)] = ""

    model_config = example({"role": "rep", "rep": "Rae Kim"})


class TokenIn(BaseModel):
    """A token to be made."""

    role: Role
    rep: Annotated[str, Field(max_length=200, description="For the role rep: the name in the calls.")] = ""
    label: Annotated[str, Field(max_length=200, description="What it is for.")] = ""
    days: Annotated[int | None, Field(ge=1, le=3650, description="Until it expires; null for never.")] = (
        verbs.TOKEN_DAYS
    )
    person: Annotated[str, Field(max_length=40, description="Id of the account under whose name it rates.")] = ""

    model_config = example({"role": "manager", "label": "nightly import", "days": 90})


@accounts.get("/people")
def list_people(who: OpsLead) -> PersonList:
    """Everybody, by name."""
    return PersonList(items=[PersonView.of(person) for person in who.space.store[People].all()])


@accounts.post("/people", status_code=201)
def add_person(who: OpsLead, new: PersonIn, response: ApiResponse) -> PersonView:
    """Add an account. It has no password yet: make an invitation."""
    person = verbs.add_person(who, new.name, new.email, new.role, new.rep)
    response.headers["Location"] = f"/api/v1/people/{person.id}"
    return PersonView.of(person)


@accounts.get("/people/{ident}")
def read_person(who: OpsLead, ident: Ident) -> PersonView:
    """One account."""
    return PersonView.of(who.space.store[People].get(ident))


@accounts.post("/people/{ident}/role")
def change_role(who: OpsLead, ident: Ident, new: RoleIn) -> PersonView:
    """Give somebody another role. It holds from their next request on."""
    return PersonView.of(verbs.change_role(who, ident, new.role, new.rep))


@accounts.post("/people/{ident}/disable")
def disable(who: OpsLead, ident: Ident) -> PersonView:
    """Close an account: sessions and tokens end at once."""
    return PersonView.of(verbs.disable_person(who, ident))


@accounts.post("/people/{ident}/enable")
def enable(who: OpsLead, ident: Ident) -> PersonView:
    """Open a closed account again."""
    return PersonView.of(verbs.enable_person(who, ident))


@accounts.post("/people/{ident}/invitation", status_code=201, openapi_extra=SHOWN_ONCE)
def invite(who: OpsLead, ident: Ident, request: Request) -> InvitationView:
    """A link with which this person sets a password. It works once, for seven days; earlier ones are void."""
    address_of(request)  # an invitation makes earlier ones void: not where its link cannot be told
    return InvitationView(url=_link(request, verbs.invite(who, ident)))


@tokens.get("/tokens")
def list_tokens(who: OpsLead) -> TokenList:
    """All tokens, newest first."""
    return TokenList(items=[TokenView.of(token) for token in who.space.store[Tokens].all()])


@tokens.post("/tokens", status_code=201, openapi_extra=SHOWN_ONCE)
def make_token(who: OpsLead, new: TokenIn) -> NewTokenView:
    """Make a token. An idempotency key does not bring the secret back: make another one instead."""
    return NewTokenView.of(verbs.make_token(who, **new.model_dump()))


@tokens.delete("/tokens/{ident}")
def revoke_token(who: OpsLead, ident: TokenIdent) -> TokenView:
    """End a token for good."""
    return TokenView.of(verbs.revoke_token(who, ident))


@me_router.get("/me", summary="Who am I")
def me(who: Anybody) -> MeView:
    """The scope of whoever asks."""
    return MeView.of(who, who.person)


@log.get("/audit")
def audit(
    who: OpsLead,
    paging: Pages,
    subject: Annotated[str, Query(max_length=200, description="Id of what was changed.")] = "",
    action: Annotated[str, Query(max_length=60, description="Name of the change.")] = "",
) -> Page[AuditView]:
    """What was changed, newest first."""
    rows = who.space.store[AuditLog].page(paging.after, paging.fetch, subject=subject, action=action)
    return paging.page(rows, lambda entry: entry.position, AuditView.of)


@log.get("/audit/check")
def audit_check(
    who: OpsLead,
    expect: Annotated[str, Query(max_length=90, description="A `head` noted earlier.", examples=[""])] = "",
) -> AuditCheckView:
    """Whether every line of the audit log is as it was written: none changed, taken out or put in."""
    return AuditCheckView.of(who.space.store[AuditLog].verify(noted_heads([expect] if expect else [])))


# Pages.

Text = Annotated[str, Form(max_length=400)]


@pages.get("/admin")
def admin(request: Request, who: OpsLead) -> Response:
    """The first of the admin pages."""
    return done(request, "/admin/people")


@pages.get("/admin/people")
def people_page(request: Request, who: OpsLead) -> HTMLResponse:
    """Accounts."""
    return _people_page(request, who)


@pages.post("/admin/people")
def add_on_page(request: Request, who: OpsLead, new: Annotated[PersonIn, Form()]) -> HTMLResponse:
    """Add an account, and show the link with which its owner sets a password."""
    address_of(request)
    person = verbs.add_person(who, new.name, new.email, new.role, new.rep)
    if warning := unknown_rep(who, person.rep):
        sessions.flash(request, warning, "problem", "/admin/names")
    return _people_page(request, who, verbs.invite(who, person.id))


@pages.post("/admin/people/{ident}/invitation")
def invite_on_page(request: Request, who: OpsLead, ident: str) -> HTMLResponse:
    """A new link for somebody."""
    address_of(request)
    return _people_page(request, who, verbs.invite(who, ident))


@pages.post("/admin/people/{ident}/role")
def change_role_on_page(request: Request, who: OpsLead, ident: str, new: Annotated[RoleIn, Form()]) -> Response:
    """Give somebody another role."""
    person = verbs.change_role(who, ident, new.role, new.rep)
    if warning := unknown_rep(who, person.rep):
        sessions.flash(request, warning, "problem", "/admin/names")
    return done(request, "/admin/people", f"{person.name} is now {new.role.replace('_', ' ')}.")


@pages.post("/admin/people/{ident}/disable")
def disable_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """Close an account."""
    person = verbs.disable_person(who, ident)
    return done(request, "/admin/people", _("The account of {name} is closed.", name=person.name))


@pages.post("/admin/people/{ident}/enable")
def enable_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """Open an account again."""
    person = verbs.enable_person(who, ident)
    return done(request, "/admin/people", _("The account of {name} is open again.", name=person.name))


@pages.get("/admin/tokens")
def tokens_page(request: Request, who: OpsLead) -> HTMLResponse:
    """Tokens."""
    return _tokens_page(request, who)


@pages.post("/admin/tokens")
def make_token_on_page(request: Request, who: OpsLead, form: Typed) -> HTMLResponse:
    """Make a token and show its secret, this once."""
    lasts = {"days": None} if form.get("never") else {}
    return _tokens_page(request, who, make_token(who, form.filled_in(TokenIn, **lasts)).secret)


@pages.post("/admin/tokens/{ident}/revoke")
def revoke_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """End a token."""
    token = verbs.revoke_token(who, ident)
    return done(request, "/admin/tokens", _("The token {id} no longer works.", id=token.label or token.id))


@pages.get("/admin/audit")
def audit_page(request: Request, who: OpsLead, paging: Pages) -> HTMLResponse:
    """The audit log."""
    return render(request, "people/audit.html", who, {"page": audit(who, paging), "checked": None})


@pages.get("/admin/audit/check")
def audit_check_page(request: Request, who: OpsLead, paging: Pages) -> HTMLResponse:
    """The audit log, and whether it is as it was written."""
    return render(request, "people/audit.html", who, {"page": audit(who, paging), "checked": audit_check(who)})


def _people_page(request: Request, who: OpsLead, invited: Invitation | None = None) -> HTMLResponse:
    values = {
        "people": list_people(who).items,
        "roles": ROLES,
        "panels": panels("rep_names", who, None),
        "link": _link(request, invited) if invited else "",
        "link_for": invited.person.name if invited else "",
    }
    return render(request, "people/people.html", who, values)


def _tokens_page(request: Request, who: OpsLead, secret: str = "") -> HTMLResponse:
    values = {
        "tokens": list_tokens(who).items,
        "people": list_people(who).items,
        "roles": ROLES,
        "panels": panels("rep_names", who, None),
        "secret": secret,
        "days": verbs.TOKEN_DAYS,
    }
    return render(request, "people/tokens.html", who, values)


def _link(request: Request, invited: Invitation) -> str:
    return link_of(request, "welcome_form", secret=invited.secret)
