"""Signing in and out, and the links with which people set a password."""

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from agent.app.web import again, auth, context, sessions
from agent.app.web.auth import Anybody, Anyone
from agent.app.web.problems import HttpProblem
from agent.app.web.routes import BODY_BYTES, page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, InputError
from agent.core.language import _
from agent.core.people import Person
from agent.db.audit import AuditLog
from agent.people import oidc
from agent.people.passwords import SHORTEST
from agent.people.sign_in import Refused, attempt, safe_target, welcome
from agent.people.store import Invitations, People
from agent.people.store_sessions import LiveSessions
from agent.settings import Oidc

router = page_router()

Text = Annotated[str, Form(max_length=400)]
Kept = Annotated[str, Form(max_length=BODY_BYTES)]
_GO_ON = "/sign-in/go-on"


@router.get("/sign-in")
async def sign_in_form(
    request: Request, anyone: Anyone, target: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """The sign-in page; on to where one wanted to go for who is signed in."""
    if await auth.visitor(request) is not None:
        return done(request, safe_target(target))
    typed = request.scope.get("again")
    if typed is None:
        return _sign_in_page(request, safe_target(target))
    request.scope["again"] = None  # it is sealed here, and stands in its own form after signing in
    fields = dict(typed.fields)
    if typed.action == "/sign-in":
        return _sign_in_page(request, safe_target(target), name=fields.get("name", ""), kept=fields.get("kept", ""))
    kept = fields.get("kept", "") if typed.action == _GO_ON else again.seal(context.of(request).key, typed)
    return _sign_in_page(request, safe_target(target), kept=kept)


@router.post("/sign-in")
def sign_in(
    request: Request,
    anyone: Anyone,
    name: Text,
    password: Text,
    target: Annotated[Text, Form(alias="next")] = "/",
    kept: Kept = "",
) -> Response:
    """Check name and password. `kept` is a form that was sent by somebody who was signed out: it is shown again."""
    found = attempt(request, name, password)
    if isinstance(found, Refused):
        return _sign_in_page(request, safe_target(target), problem=found.text, name=name, status=401, kept=kept)
    return _with_kept(request, kept, safe_target(target))


@router.post(_GO_ON)
def go_on(request: Request, who: Anybody, kept: Kept = "") -> Response:
    """For who has signed in elsewhere, in another tab or through the single sign-on: the form that was kept."""
    return _with_kept(request, kept, "/")


@router.post("/sign-out")
def sign_out(request: Request, who: Anybody) -> Response:
    """End the session in this browser."""
    who.audit("signed_out", who.person.id if who.person else "")
    who.base.store[LiveSessions].end(sessions.key_of(request))
    sessions.end(request)
    return done(request, "/sign-in", _("You are signed out."))


@router.post("/sign-out-everywhere")
def sign_out_everywhere(request: Request, who: Anybody) -> Response:
    """End all sessions of this person."""
    if who.person is not None:
        who.base.store[People].end_sessions(who.person.id)
        who.audit("signed_out_everywhere", who.person.id)
    sessions.end(request)
    return done(request, "/sign-in", _("You are signed out on all devices."))


@router.get("/welcome/{secret}")
def welcome_form(request: Request, anyone: Anyone, secret: str) -> Response:
    """Where an invitation leads. Looking at it does not use it up: programs that preview links do that."""
    return _welcome_page(request, secret)


@router.post("/welcome/{secret}")
def accept(
    request: Request, anyone: Anyone, secret: str, password: Text, name: Text = "", email: Text = ""
) -> Response:
    """Set the password, and make the first account where the link is for that."""
    try:
        person = _accepted(request, secret, password, name, email)
    except InputError as error:
        return _welcome_page(request, secret, problem=str(error), name=name, email=email, status=422)
    welcome(request, person, "invitation")
    return done(request, "/", _("Welcome, {name}.", name=person.name))


@router.get("/sso/start")
async def sso_start(
    request: Request, anyone: Anyone, target: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """On to the single sign-on."""
    request.session["next"] = safe_target(target)
    return await oidc.start(request, context.of(request).space.settings, _oidc(request))


@router.get("/sso/callback")
async def sso_callback(request: Request, anyone: Anyone) -> Response:
    """Back from the single sign-on."""
    space, configured = context.of(request).space, _oidc(request)
    told = await oidc.claims(request, space.settings, configured)
    target = safe_target(str(request.session.get("next", "/")))
    person = await run_in_threadpool(oidc.person_of, space.store, configured, told)
    await run_in_threadpool(welcome, request, person, "single sign-on")
    return done(request, target)


def _with_kept(request: Request, kept: str, target: str) -> Response:
    typed = again.unseal(context.of(request).key, kept)
    if typed is None:
        return done(request, target)
    sessions.flash(request, _("You are signed in. Nothing was sent yet: look at what you typed, and send it."))
    return again.FormAgain(request, typed, typed.page or typed.action, 200, lambda: _alone(request))


def _alone(request: Request) -> Response:
    return render(request, "people/kept.html", None)


def _sign_in_page(
    request: Request, target: str, problem: str = "", name: str = "", status: int = 200, kept: str = ""
) -> Response:
    space = context.of(request).space
    sso = space.settings.auth().oidc
    values: dict[str, Any] = {"target": target, "problem": problem, "name": name, "sso": sso.label if sso else ""}
    values["kept"] = kept
    values["nobody"] = not space.store[People].exist()
    return render(request, "people/sign_in.html", None, values, status)


def _welcome_page(
    request: Request, secret: str, problem: str = "", name: str = "", email: str = "", status: int = 200
) -> Response:
    store = context.of(request).space.store
    ident = store[Invitations].whose(secret)
    person = store[People].get(ident) if ident else None
    values = {"problem": problem, "name": name, "email": email, "shortest": SHORTEST, "person": person}
    return render(request, "people/welcome.html", None, values, status)


def _accepted(request: Request, secret: str, password: str, name: str, email: str) -> Person:
    app = context.of(request)
    store = app.space.store
    ident = store[Invitations].whose(secret)
    about = (name, email)
    if ident:
        person = store[People].get(ident)
        about = (person.name, person.email)
    hashed = app.passwords.hash(password, about)
    if ident:
        store[Invitations].use(secret)
    else:
        ident = _first_person(request, secret, name, email)
    store[People].set_password(ident, hashed)
    store[AuditLog].append("password_set", ident, person=store[People].get(ident).name)
    return store[People].get(ident)


def _first_person(request: Request, secret: str, name: str, email: str) -> str:
    """The first account manages the others. The link is used up first: of two who send it at once one gets in."""
    store = context.of(request).space.store
    if store[People].exist():
        raise HttpProblem(409, "set_up", "there are accounts already; ask an ops lead for an invitation")
    store[Invitations].use(secret)
    try:
        return store[People].create(name, email, "ops_lead").id
    except CloseReadError:
        store[Invitations].put_back(secret)
        raise


def _oidc(request: Request) -> Oidc:
    configured = context.of(request).space.settings.auth().oidc
    if configured is None:
        raise HttpProblem(404, "not_found", "no single sign-on is configured here")
    return configured
