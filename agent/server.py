"""The application: sessions, errors, routes and static files around one workspace."""

import os

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from agent import __version__
from agent.app.web import edge, metrics, openapi, problems, routes
from agent.app.web.auth import known_at_no_route
from agent.app.web.background import beside
from agent.app.web.context import AppContext
from agent.app.web.segments import Segments
from agent.app.web.sessions import Sessions
from agent.app.web.templates import STATIC, error_page
from agent.db.secret_key import secret_key
from agent.people.accounts import StoredAccounts
from agent.people.passwords import Passwords
from agent.settings import Settings
from agent.workspace import Workspace


def create_app(space: Workspace, passwords: Passwords | None = None) -> FastAPI:
    """The application on a workspace, which it sees as its owner; whoever asks gets a scoped one."""
    app = FastAPI(
        title="Closeread",
        version=__version__,
        description=openapi.DESCRIPTION,
        openapi_url=f"{routes.API}/openapi.json",
        docs_url=None,  # both pages load scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,
        lifespan=beside(space),
    )
    key = secret_key(space.settings.workspace)
    app.state.context = AppContext(space, key, passwords or Passwords(), StoredAccounts(space))
    problems.install(app, error_page, known_at_no_route)
    routes.include(app)
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(Sessions, secret=key)
    app.add_middleware(edge.Edge)
    app.add_middleware(Segments)
    metrics.install(app)
    openapi.install(app)
    return app


def from_environment() -> FastAPI:
    """For uvicorn's worker processes: the workspace that the environment names."""
    os.umask(os.umask(0o077) | 0o077)  # as `main` does
    return create_app(Workspace(Settings.read()))


class _Static(StaticFiles):
    """Files that a browser may keep: their addresses carry a hash of what is in them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"v=" in scope.get("query_string", b""):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
