"""Collects all routes. A router in a slice's module called api*, pages* or web* is found automatically."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from agent.app.slices import modules
from agent.app.web.guarding import GuardedRoute, allowed_of
from agent.app.web.idempotency import ApiRoute
from agent.app.web.problems import MEDIA_TYPE
from agent.core.people import Role

API = "/api/v1"
BODY_BYTES = 2_000_000
"""The largest body, unless a route says `max_body_size=` itself."""
_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"description": "What went wrong.", **_PROBLEM}}


@dataclass(frozen=True)
class Declared:
    """What a route declares about itself. `roles` is None for a public one."""

    method: str
    path: str
    roles: tuple[Role, ...] | None
    route: APIRoute


class _Router(APIRouter):
    """Tries its routes only if the address begins with a word that one of them begins with. Trying the routes of all
    slices one after the other takes longer than most answers of the API."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not scope.get("root_path") and self._head(scope["path"]) not in self._heads:
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _heads(self) -> frozenset[str]:
        heads = frozenset(self._head(route.path) for route in self.routes if isinstance(route, APIRoute))
        if parameters := [head for head in heads if "{" in head]:
            raise ValueError(f"no word to find a route by: {parameters}")
        return heads

    def _head(self, path: str) -> str:
        return path[len(self.prefix) + 1 :].partition("/")[0]


def api_router(topic: str) -> APIRouter:
    """A router for the API; its paths start below /api/v1."""
    return _Router(prefix=API, tags=[topic], route_class=ApiRoute, responses=_RESPONSES, max_body_size=BODY_BYTES)


def page_router() -> APIRouter:
    """A router for pages."""
    return _Router(
        include_in_schema=False,
        default_response_class=HTMLResponse,
        route_class=GuardedRoute,
        max_body_size=BODY_BYTES,
    )


def include(app: FastAPI) -> None:
    """Add all routes to the application."""
    for router in _routers():
        app.include_router(router)


def declared() -> Iterator[Declared]:
    """Every route with the roles it is for."""
    for router in _routers():
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise TypeError(f"{route} in a router of pages or of the API: only plain routes say who may use them")
            allowed = allowed_of(route)
            for method in sorted(route.methods or ()):
                yield Declared(method, route.path, allowed.roles if allowed else None, route)


@cache
def _routers() -> tuple[APIRouter, ...]:
    """The routers of all slices, from modules called api*, pages* or web*; the API's first."""
    loaded = [value for module in modules("api", "pages", "web") for value in vars(module).values()]
    routers = {id(value): value for value in loaded if isinstance(value, APIRouter)}
    return tuple(sorted(routers.values(), key=lambda router: router.prefix != API))
