"""The outermost layer: gives each request an id, sets security headers, and answers when everything else fails."""

import logging
import re
from secrets import token_hex

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.app.web import context, problems
from agent.core import language
from agent.core.language import _

logger = logging.getLogger("closeread")

# No inline script or style runs and nothing comes from elsewhere, so markup that slips through can do nothing.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HSTS = "max-age=31536000; includeSubDomains"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Wraps the whole application. Uncaught errors become a problem document with the request's id; the log has the
    details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        # The id that a proxy in front gave, else a new one.
        given = request.headers.get("x-request-id", "")
        request.state.request_id = given if _GIVEN_ID.fullmatch(given) else f"rq-{token_hex(8)}"
        started = too_large = False

        async def send_named(message: Message) -> None:
            nonlocal started, too_large
            if message["type"] == "http.response.start":
                # Starlette sends a plain-text 413; it is replaced by our problem document.
                kind = Headers(raw=message["headers"]).get("content-type", "")
                too_large = message["status"] == 413 and kind.startswith("text/plain")
                started = not too_large
                named = MutableHeaders(scope=message)
                named["X-Request-ID"] = scope["state"]["request_id"]
                for name, value in _HEADERS.items():
                    named.setdefault(name, value)
                if scope["scheme"] == "https":
                    named["Strict-Transport-Security"] = _HSTS
                if not scope["path"].startswith("/static/"):
                    named.setdefault("Cache-Control", "no-store")  # what is shown depends on who asks
            if not too_large:
                await send(message)

        try:
            with language.speaking(_first_language(request)):  # until it is known who asks
                await self._app(scope, receive, send_named)
                if too_large:
                    detail = _("this is larger than what may be sent here")
                    await problems.respond(request, 413, "too_large", detail)(scope, receive, send_named)
        except Exception:
            # The route's template and not the address, which may name a rep or hold an invitation's secret.
            route = getattr(scope.get("route"), "path", "(none)")
            logger.exception("request %s: %s %s", request.state.request_id, request.method, route)
            if started:
                raise
            with language.speaking(_first_language(request)):
                detail = _("this is our mistake, and nothing you did; tell whoever runs this server the request's id")
                await problems.respond(request, 500, "internal", detail)(scope, receive, send_named)


def _first_language(request: Request) -> str:
    """The language for somebody who is not identified yet: the workspace's, else the one the browser asks for.
    Programs get English."""
    if problems.is_api(request):
        return language.ENGLISH
    own = context.of(request).space.settings.said.language
    return own or language.preferred(request.headers.get("accept-language", ""))
