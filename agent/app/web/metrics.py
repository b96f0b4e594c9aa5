"""Counts, logs and traces requests by the template of their route: an address itself may name a call or a rep."""

import logging

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.app.web.routes import API
from agent.core.observing import Known, span, traces
from agent.core.observing.metrics import process_metrics

log = logging.getLogger("closeread.http")

# Asked every few seconds by machines: counted, but no line each.
_QUIET = ("/healthz", "/readyz", "/metrics", "/static")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(app: FastAPI) -> None:
    """Measure every request outside all other layers; send traces if a collector is named."""
    process_metrics()
    if traces.wanted() and traces.installed():
        stop = traces.start()
        app.router.on_shutdown.append(stop)
    app.add_middleware(_Watched)


class _Watched:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The method is the client's word: anything may stand there.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status = 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with span("http", method=method) as told:
            try:
                await self._app(scope, receive, send_noted)
            finally:
                route = _template(scope)
                told.note(route=route, status=status)
        if route not in _QUIET:
            asked = scope.get("state", {}).get("request_id", "")
            log.info("request %s: %s %s gave %d in %.0f ms", asked, method, route, status, told.seconds * 1000)


def _template(scope: Scope) -> Known:
    """The route's template, such as `/api/v1/calls/{ident}`. All unknown paths get one word, since anybody can make
    up new ones."""
    if scope["path"].startswith("/static/"):
        return Known("/static")
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        return Known("(none)")
    inside = scope["path"].startswith(f"{API}/") and not path.startswith(API)
    return Known(f"{API}{path}" if inside else path)
