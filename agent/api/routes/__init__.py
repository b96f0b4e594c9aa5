"""All routes. A new file in `api` or `pages` with a `router` is found by itself; nothing is to be registered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from agent.api.guarding import GuardedRoute, allowed_of
from agent.api.idempotency import ApiRoute
from agent.api.problems import MEDIA_TYPE
from agent.domain.people import Role

API = "/api/v1"
BODY_BYTES = 2_000_000
"""The largest body, unless a route says `max_body_size=` itself."""
_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"description": "What went wrong.", **_PROBLEM}}


@dataclass(frozen=True)
class Declared:
    """A route as it says about itself. `roles` is None for a public one."""

    method: str
    path: str
    roles: tuple[Role, ...] | None
    route: APIRoute


def api_router(topic: str) -> APIRouter:
    """For a file in `routes/api`; paths start below /api/v1."""
    return APIRouter(tags=[topic], route_class=ApiRoute, responses=_RESPONSES, max_body_size=BODY_BYTES)


def page_router() -> APIRouter:
    """For a file in `routes/pages`."""
    return APIRouter(
        include_in_schema=False,
        default_response_class=HTMLResponse,
        route_class=GuardedRoute,
        max_body_size=BODY_BYTES,
    )


def include(app: FastAPI) -> None:
    """Add all routes to the application."""
    for prefix, router in _routers():
        app.include_router(router, prefix=prefix)


def declared() -> Iterator[Declared]:
    """Every route with the roles that it is for."""
    for prefix, router in _routers():
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise TypeError(f"{route} in a router of pages or of the API: only plain routes say who may use them")
            allowed = allowed_of(route)
            for method in sorted(route.methods or ()):
                yield Declared(method, prefix + route.path, allowed.roles if allowed else None, route)


@cache
def _routers() -> tuple[tuple[str, APIRouter], ...]:
    found = []
    for kind, prefix in (("api", API), ("pages", "")):
        package = import_module(f"{__name__}.{kind}")
        for module in sorted(iter_modules(package.__path__), key=lambda module: module.name):
            found.append((prefix, import_module(f"{package.__name__}.{module.name}").router))
    return tuple(found)
