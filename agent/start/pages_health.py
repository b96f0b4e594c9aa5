"""For whatever watches the server: is it alive, can it work."""

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent.app.web import context
from agent.app.web.auth import Anyone
from agent.app.web.problems import HttpProblem
from agent.db.database import HEAD

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def alive(_: Anyone) -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(request: Request, _: Anyone) -> dict[str, str]:
    """The database answers and has the schema that this version works with. 503 otherwise."""
    engine = context.of(request).space.store.engine
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError as error:
        raise HttpProblem(503, "database", "the database does not answer") from error
    if version != HEAD:
        raise HttpProblem(503, "schema", f"the database has schema {version}, this version works with {HEAD}")
    return {"status": "ready"}
