"""Routes that check who sends a request before they do anything else.

FastAPI reads and parses a request's body before it evaluates dependencies. Then anybody could have gigabytes parsed,
and an invalid body would be reported before a missing right. Here the order is: who asks, whether they may, and only
then the body.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from agent.app.web.auth import Allowed
from agent.app.web.page_tables import with_tables

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route for the roles of its `Allowed` dependency, or for everybody if it has none."""

    def get_route_handler(self) -> Handler:
        handler, allowed = super().get_route_handler(), allowed_of(self)
        if allowed is None:
            return handler

        async def guarded(request: Request) -> Response:
            try:
                await allowed(request)
                self.check_query(request)
                answer = await handler(request)
                if isinstance(answer, HTMLResponse):
                    answer = await run_in_threadpool(with_tables, request, answer)
                return answer
            finally:
                await request.close()  # files of a form that was read to see whether it may be sent

        return guarded

    def check_query(self, request: Request) -> None:
        """Hook to refuse unknown query parameters. A page ignores them, since browsers and mail programs add some to
        addresses."""


def allowed_of(route: APIRoute) -> Allowed | None:
    """Whom a route admits; None for a public route."""
    return next((d.call for d in route.dependant.dependencies if isinstance(d.call, Allowed)), None)
