"""Refuses forms sent from other people's pages: whoever sends a cookie must also send the session's secret.

A form has it in the hidden field `csrf`, HTMX and scripts in the header `X-CSRF-Token`. Requests with a token
(`Authorization: Bearer`) need none, since no browser adds one by itself.
"""

import secrets

from fastapi import Request

from agent.app.web import again
from agent.app.web.problems import HttpProblem
from agent.core.language import _

FIELD = "csrf"
HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def token(request: Request) -> str:
    """The secret of this session; made when a page first needs it."""
    found = request.session.get("csrf")
    if not isinstance(found, str):
        found = secrets.token_urlsafe(24)
        request.session["csrf"] = found
    return found


async def check(request: Request) -> None:
    """Raises 403 unless the request only reads, or carries the session's secret.

    A page that was loaded before its reader signed in again has an old secret. The answer says so and shows what was
    typed (again.py). A page that stays open gets the new secret in a header of the answer, which pages from elsewhere
    cannot read.
    """
    if request.method in _SAFE:
        return
    wanted = request.session.get("csrf")
    given = request.headers.get(HEADER) or str((await again.read(request)).get(FIELD, ""))
    if not isinstance(wanted, str) or not secrets.compare_digest(given.encode(), wanted.encode()):
        stays = request.headers.get("hx-request") == "true"
        said = _("this page is older than your last sign-in, so nothing was done yet; do it once more")
        raise HttpProblem(403, "csrf", said, {HEADER: token(request)} if stays else None)
