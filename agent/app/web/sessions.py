"""The signed cookie of a session: HttpOnly, SameSite=Lax, Secure over https.

    {"key": secret, "csrf": secret, "flash": [[kind, text, page], …]}

Who is signed in is kept on the server, by `key` (agent/people/store_sessions.py).
"""

import secrets

from fastapi import Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "closeread_session"
LASTS = 14 * 24 * 60 * 60  # seconds


class Sessions:
    """Starlette's session middleware; the cookie is Secure if the request came over https."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._plain = SessionMiddleware(app, secret, COOKIE, LASTS, https_only=False)
        # The prefix makes the browser refuse such a cookie from a subdomain or over http.
        self._secure = SessionMiddleware(app, secret, f"__Host-{COOKIE}", LASTS, https_only=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        chosen = self._secure if scope.get("scheme") in ("https", "wss") else self._plain
        await chosen(scope, receive, send)


def begin(request: Request, key: str) -> None:
    """Sign in with the key of a new session. The old session's data is dropped, so that a session planted by
    somebody else is useless."""
    request.session.clear()
    request.session.update({"key": key, "csrf": secrets.token_urlsafe(24)})


def end(request: Request) -> None:
    """Sign out in this browser."""
    request.session.clear()


def key_of(request: Request) -> str:
    """The session's key; empty if nobody is signed in."""
    key = request.session.get("key")
    return key if isinstance(key, str) else ""


def flash(request: Request, text: str, kind: str = "done", page: str = "") -> None:
    """Show a message on the next page, with a link to `page`. `kind` is "done" or "problem"."""
    request.session["flash"] = [*request.session.get("flash", []), [kind, text, page]][-5:]


def take_flashes(request: Request) -> list[tuple[str, str, str]]:
    """The messages to show on this page; each is returned once."""
    if "flash" not in request.session:
        return []
    flashes = request.session.pop("flash")
    return [(str(kind), str(text), str(page[0]) if page else "") for kind, text, *page in flashes]
