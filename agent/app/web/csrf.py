"""Forms sent from somebody else's page are refused: whoever comes with a cookie must send back the session's secret.

A form has it in the hidden field `csrf`, HTMX and scripts in the header `X-CSRF-Token`. Requests with a token of their
own (`Authorization: Bearer`) need none: no browser adds that by itself.
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
    """The secret of this session, made when a page first needs it."""
    found = request.session.get("csrf")
    if not isinstance(found, str):
        found = secrets.token_urlsafe(24)
        request.session["csrf"] = found
    return found


async def check(request: Request) -> None:
    """403 unless the request is only a question, or carries the session's secret.

    A page that was loaded before its reader signed in anew has an old one. It is told so with what was
    typed (again.py); a page that stays where it is gets the new one in the header of the answer, which
    no page from elsewhere can read.
    """
    if request.method in _SAFE:
        return
    wanted = request.session.get("csrf")
    given = request.headers.get(HEADER) or str((await again.read(request)).get(FIELD, ""))
    if not isinstance(wanted, str) or not secrets.compare_digest(given.encode(), wanted.encode()):
        stays = request.headers.get("hx-request") == "true"
        said = _("this page is older than your last sign-in, so nothing was done yet; do it once more")
        raise HttpProblem(403, "csrf", said, {HEADER: token(request)} if stays else None)
