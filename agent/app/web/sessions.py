"""Sessions in a signed cookie: HttpOnly, SameSite=Lax, Secure over https. Nothing is kept on the server.

    {"person": id, "epoch": number, "csrf": secret, "flash": [[kind, text, page], …]}

A session ends when the person's epoch moves on: password changed, account closed, signed out everywhere.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from fastapi import Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.core.errors import Advice, ConfigError
from agent.core.people import Person

COOKIE = "closeread_session"
LASTS = 14 * 24 * 60 * 60  # seconds


class Sessions:
    """Starlette's session middleware, with the Secure flag decided by how the request came."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._plain = SessionMiddleware(app, secret, COOKIE, LASTS, https_only=False)
        # The prefix makes the browser refuse such a cookie from a subdomain or over http.
        self._secure = SessionMiddleware(app, secret, f"__Host-{COOKIE}", LASTS, https_only=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        chosen = self._secure if scope.get("scheme") in ("https", "wss") else self._plain
        await chosen(scope, receive, send)


def begin(request: Request, person: Person, epoch: int) -> None:
    """Sign `person` in. What was in the session before is dropped: a session set by somebody else gains nothing."""
    request.session.clear()
    request.session.update({"person": person.id, "epoch": epoch, "csrf": secrets.token_urlsafe(24)})


def end(request: Request) -> None:
    """Sign out in this browser."""
    request.session.clear()


def signed_in_as(request: Request) -> tuple[str, int] | None:
    """Id and epoch of the session's person; None where nobody is signed in."""
    person, epoch = request.session.get("person"), request.session.get("epoch")
    return (person, epoch) if isinstance(person, str) and isinstance(epoch, int) else None


def flash(request: Request, text: str, kind: str = "done", page: str = "") -> None:
    """Say something on the next page that is shown, with a link to `page`. `kind` is "done" or "problem"."""
    request.session["flash"] = [*request.session.get("flash", []), [kind, text, page]][-5:]


def take_flashes(request: Request) -> list[tuple[str, str, str]]:
    """What is to be said; it is said once."""
    if "flash" not in request.session:
        return []
    flashes = request.session.pop("flash")
    return [(str(kind), str(text), str(page[0]) if page else "") for kind, text, *page in flashes]


def secret_key(folder: Path) -> str:
    """The key that signs cookies and cursors: a file in the workspace that only its owner can read, made once."""
    path = folder / "secret-key"
    try:
        if not path.exists():
            _make(path)
        key = path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"{path}: the key that signs sessions cannot be used: {error.strerror}",
            advice=Advice(text="give this user the right to write there"),
        ) from error
    if len(key) < 32:
        raise ConfigError(f"{path}: this key is too short to sign sessions; delete the file, and a new one is made")
    return key


def _make(path: Path) -> None:
    """Written whole under another name first: a second process must not read half a key, or put its own over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
