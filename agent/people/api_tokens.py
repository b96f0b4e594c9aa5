"""API tokens. The secret is in the answer to POST and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead
from agent.app.web.idempotency import SHOWN_ONCE
from agent.app.web.routes import api_router
from agent.core.people import Role
from agent.people.store_tokens import Token, Tokens

router = api_router("tokens")

Ident = Annotated[str, Path(max_length=40, examples=["to-9f2d0c4b7e1a6538"])]


class TokenOut(BaseModel):
    """A token, without its secret."""

    id: str
    label: str
    role: Role
    person: str
    name: str
    rep: str
    by: str
    at: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None

    @classmethod
    def of(cls, token: Token) -> TokenOut:
        """As it is sent."""
        return cls(**vars(token))


class NewTokenOut(TokenOut):
    """A new token with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again.")]


class TokenList(BaseModel):
    """All tokens."""

    items: list[TokenOut]


class NewToken(BaseModel):
    """A token to be made."""

    role: Role
    rep: Annotated[str, Field(max_length=200, description="For the role rep: the name in the calls.")] = ""
    label: Annotated[str, Field(max_length=200, description="What it is for.")] = ""
    days: Annotated[int | None, Field(ge=1, le=3650, description="Until it expires; null for never.")] = None
    person: Annotated[str, Field(max_length=40, description="Id of the account under whose name it rates.")] = ""

    model_config = {"json_schema_extra": {"examples": [{"role": "manager", "label": "nightly import", "days": 90}]}}


@router.get("/tokens")
def list_tokens(who: OpsLead) -> TokenList:
    """All tokens, newest first."""
    return TokenList(items=[TokenOut.of(token) for token in who.space.store[Tokens].all()])


@router.post("/tokens", status_code=201, openapi_extra=SHOWN_ONCE)
def make_token(who: OpsLead, new: NewToken) -> NewTokenOut:
    """Make a token. An idempotency key does not bring the secret back: make another one instead."""
    token, secret = who.space.store[Tokens].create(**new.model_dump(), by=who.name)
    who.audit("token_made", token.id, role=token.role, label=token.label)
    return NewTokenOut(**vars(token), secret=secret)


@router.delete("/tokens/{ident}")
def revoke_token(who: OpsLead, ident: Ident) -> TokenOut:
    """End a token for good."""
    token = who.space.store[Tokens].revoke(ident)
    who.audit("token_revoked", ident)
    return TokenOut.of(token)
