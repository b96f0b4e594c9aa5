"""Who sends a request, and whether they may. Each route declares its roles; there is no other way to get at the data.

    @router.get("/calls")
    def calls(who: Annotated[SignedIn, Depends(require("ops_lead", "manager"))]) -> …:
        who.space.store[Calls]…

`Anybody`, `Team`, `Raters` and `OpsLead` are such annotations, ready to use; `Anyone` marks a route that needs no
sign-in. The tests walk over all routes and hold each to what it says here.
"""

import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from agent.app.verb import PLURAL, Who
from agent.app.web import again, context, csrf, problems, sessions
from agent.app.web.problems import HttpProblem
from agent.core import language
from agent.core.language import _
from agent.core.people import ROLES, Person, Role, Scope
from agent.workspace import Workspace

_SIGN_IN = "/sign-in"
_DATA = re.compile(r"(?:^|[/.])(?:csv|xlsx|json|yaml)$")
_SHEET = re.compile(r"\d+\.xlsx")  # a page's own table as a workbook: for people, as the page is


class SignedIn(Who):
    """Whoever sent a request. `person` is None for a token that belongs to nobody; `token` is empty for a session."""

    def __init__(self, scope: Scope, person: Person | None, token: str, base: Workspace) -> None:
        super().__init__(base, scope, token=token)
        self.person = person

    @property
    def language(self) -> str:
        """The code of the language in which pages speak; empty where neither the person nor the workspace has one."""
        return (self.person.language if self.person else "") or self.base.settings.said.language

    @property
    def owner(self) -> str:
        """The owner under whose name idempotency keys are stored."""
        return self.token or (self.person.id if self.person else "")


class Allowed:
    """A dependency that lets only these roles through. Raises 401 if nobody is signed in, 403 for other roles."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self.roles = roles

    async def __call__(self, request: Request) -> SignedIn:
        """Whoever sends the request, if their role is allowed."""
        who = await identify(request)
        if who.scope.role not in self.roles and not problems.is_api(request):
            language.speak(who.language)  # a page says no, also where a file of data was asked for
        return self.check(who)

    def check(self, who: SignedIn) -> SignedIn:
        """Raises Forbidden unless the role is one of these."""
        if who.scope.role not in self.roles:
            raise HttpProblem(
                403, "forbidden", _("this is for {who}", who=_(" and ").join(_(PLURAL[role]) for role in self.roles))
            )
        return who


class Public:
    """A dependency for routes that need no sign-in. A form there must send the session's secret all the same."""

    async def __call__(self, request: Request) -> None:
        """Check that a form carries the session's secret; nothing else is needed."""
        await csrf.check(request)


def require(*roles: Role) -> Allowed:
    """A dependency for these roles; without any, for everybody who is signed in."""
    return Allowed(roles or ROLES)


Anybody = Annotated[SignedIn, Depends(require())]
"""Everybody who is signed in. A rep gets only what is the rep's own: the store sees to it."""
Team = Annotated[SignedIn, Depends(require("ops_lead", "manager", "viewer"))]
"""Everybody but reps: what is about the whole team."""
Raters = Annotated[SignedIn, Depends(require("ops_lead", "manager"))]
"""Those who rate, coach and answer disputes."""
OpsLead = Annotated[SignedIn, Depends(require("ops_lead"))]
"""Those who change rubrics, uploads, people and money."""


async def _anew(
    request: Request,
    fresh: Annotated[bool, Query(description="Ask the model also where a reply is kept.")] = False,
) -> None:
    (await identify(request)).space.fresh = fresh


Anew = Annotated[None, Depends(_anew)]
"""For routes that ask a model: with `?fresh=true` what it answered before is asked anew."""
Anyone = Annotated[None, Depends(Public())]
"""No sign-in needed."""


async def identify(request: Request) -> SignedIn:
    """Whoever sent the request, by token or else by session. Looked up once for each request."""
    known = getattr(request.state, "signed_in", None)
    if isinstance(known, SignedIn):
        return known
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        found = await run_in_threadpool(_by_token, request, scheme, secret.strip())
    else:
        found = await run_in_threadpool(_by_session, request)
        if found is not None:
            _speak_with(request, found)
            await csrf.check(request)
    if found is None:
        await again.read_unasked(request)
        raise _nobody(request)
    request.state.signed_in = found
    _speak_with(request, found)
    return found


def _speak_with(request: Request, found: SignedIn) -> None:
    """Set the language of pages to that of the person asking."""
    if not problems.is_api(request):
        request.state.language = own = found.language
        language.speak(language.ENGLISH if _asks_for_data(request) else own)


def _asks_for_data(request: Request) -> bool:
    """Whether the request is for a file that programs read. Such a file is the same for everybody, with English
    numbers."""
    query = request.query_params
    asked = (request.url.path, *(query.get(name, "") for name in ("table", "file", "format", "form")))
    return any(_DATA.search(one) for one in asked) and not _SHEET.fullmatch(query.get("table", ""))


def still_allowed(request: Request, who: SignedIn) -> Callable[[], bool]:
    """A function that says whether the sender of a request is still signed in with the same role: for streams, which
    outlast the request."""

    def look() -> bool:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        now = _by_token(request, scheme, secret.strip()) if scheme else _by_session(request)
        return now is not None and now.scope == who.scope

    return look


async def visitor(request: Request) -> SignedIn | None:
    """Whoever has a session, or None: for public pages that look different to people who are signed in."""
    return await run_in_threadpool(_by_session, request)


async def known_at_no_route(request: Request) -> None:
    """For the answer at an address that no route has: whoever has a session is told in
    the language that pages speak."""
    if not problems.is_api(request) and (found := await visitor(request)) is not None:
        request.state.signed_in = found
        _speak_with(request, found)


def _by_token(request: Request, scheme: str, secret: str) -> SignedIn | None:
    app = context.of(request)
    found = app.accounts.by_token(secret) if scheme.lower() == "bearer" else None
    return SignedIn(found.scope, found.person, found.token, app.space) if found else None


def _by_session(request: Request) -> SignedIn | None:
    app, key = context.of(request), sessions.key_of(request)
    found = app.accounts.by_session(key) if key else None
    return SignedIn(found.scope, found.person, "", app.space) if found else None


def _nobody(request: Request) -> HttpProblem:
    """The answer to somebody who is not signed in: 401 for programs; browsers are sent to the sign-in page and back."""
    if problems.is_api(request):
        detail = "send a valid token: Authorization: Bearer cr_…; an ops lead makes one"
        return HttpProblem(401, "unauthenticated", detail, {"WWW-Authenticate": 'Bearer realm="closeread"'})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"{_SIGN_IN}?next={quote(here, safe='')}" if request.method == "GET" and here != "/" else _SIGN_IN
    if request.headers.get("hx-request"):  # HTMX would follow a redirect and put the sign-in page into a corner
        if request.method == "GET":
            return HttpProblem(401, "unauthenticated", _("sign in first"), {"HX-Redirect": _SIGN_IN})
        return HttpProblem(
            401, "unauthenticated", _("you are signed out; sign in in another tab, then do this once more")
        )
    return HttpProblem(303, "unauthenticated", _("sign in first"), {"Location": target})
