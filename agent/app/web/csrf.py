"""Forms sent from somebody else's page are refused: whoever comes with a cookie must send back the session's secret.

A form has it in the hidden field `csrf`, HTMX and scripts in the header `X-CSRF-Token`. Requests with a token of their
own (`Authorization: Bearer`) need none: no browser adds that by itself.
"""

from __future__ import annotations

import secrets

from fastapi import Request

from agent.app.web.problems import HttpProblem

FIELD = "csrf"
HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def token(request: Request) -> str:
    """The secret of this session, made when a page first needs it."""
    found = request.session.get("csrf")
    if not isinstance(found, str):
        found = secrets.token_urlsafe(24)
        request.session["csrf"] = found
    return found


async def check(request: Request) -> None:
    """403 unless the request is only a question, or carries the session's secret."""
    if request.method in _SAFE:
        return
    wanted = request.session.get("csrf")
    given = request.headers.get(HEADER) or await _field(request)
    if not isinstance(wanted, str) or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise HttpProblem(403, "csrf", "this form is too old, or came from another page; load the page again and retry")


async def _field(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    value = (await request.form()).get(FIELD)  # read once: the route gets the same form
    return value if isinstance(value, str) else ""
