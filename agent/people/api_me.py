"""Who is asking."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from agent.app.web.auth import Anybody
from agent.app.web.routes import api_router
from agent.core.people import Role

router = api_router("me")


class Me(BaseModel):
    """Who the token or session belongs to, and what it covers."""

    name: Annotated[str, Field(description="The name you rate under; empty for a token without a person.")]
    role: Role
    rep: Annotated[str, Field(description="The rep whose calls these are, for the role rep.")]
    person: Annotated[str, Field(description="Id of the account; empty for a token without a person.")]
    token: Annotated[str, Field(description="Id of the token; empty in a session.")]

    model_config = {
        "json_schema_extra": {
            "examples": [{"name": "Ana Ruiz", "role": "manager", "rep": "", "person": "pe-5c1e", "token": ""}]
        }
    }


@router.get("/me", summary="Who am I")
def me(who: Anybody) -> Me:
    """The scope of whoever asks."""
    ident = who.person.id if who.person else ""
    return Me(name=who.name, role=who.scope.role, rep=who.scope.rep, person=ident, token=who.token)
