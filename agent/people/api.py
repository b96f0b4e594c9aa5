"""Accounts: ops leads add people, change roles, close accounts and make the links with which passwords are set."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead
from agent.app.web.idempotency import SHOWN_ONCE
from agent.app.web.routes import api_router
from agent.core.people import Person, Role
from agent.people.store import Invitations, People

router = api_router("people")

Ident = Annotated[str, Path(max_length=40, examples=["pe-5c1e0b7a9d3f2c48"])]


class PersonOut(BaseModel):
    """An account."""

    id: str
    name: str
    email: str
    role: Role
    rep: str
    disabled: bool
    at: datetime
    last_seen: datetime | None

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        """As it is sent."""
        return cls(**person.model_dump())


class PersonList(BaseModel):
    """Everybody with an account."""

    items: list[PersonOut]


class NewPerson(BaseModel):
    """An account to be made."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="Also the name they rate under.")]
    email: Annotated[str, Field(min_length=3, max_length=320)]
    role: Role
    rep: Annotated[str, Field(max_length=200, description="For the role rep: the name in the calls.")] = ""

    model_config = {
        "json_schema_extra": {"examples": [{"name": "Ana Ruiz", "email": "ana@example.com", "role": "manager"}]}
    }


class NewRole(BaseModel):
    """Another role."""

    role: Role
    rep: Annotated[str, Field(max_length=200)] = ""

    model_config = {"json_schema_extra": {"examples": [{"role": "rep", "rep": "Rae Kim"}]}}


class Link(BaseModel):
    """A link that works once."""

    url: str

    model_config = {"json_schema_extra": {"examples": [{"url": "https://closeread.example.com/welcome/k3…"}]}}


@router.get("/people")
def list_people(who: OpsLead) -> PersonList:
    """Everybody, by name."""
    return PersonList(items=[PersonOut.of(person) for person in who.space.store[People].all()])


@router.post("/people", status_code=201)
def add_person(who: OpsLead, new: NewPerson, response: Response) -> PersonOut:
    """Add an account. It has no password yet: make an invitation."""
    person = who.space.store[People].create(new.name, new.email, new.role, new.rep)
    who.audit("person_added", person.id, name=person.name, role=person.role, rep=person.rep)
    response.headers["Location"] = f"/api/v1/people/{person.id}"
    return PersonOut.of(person)


@router.get("/people/{ident}")
def read_person(who: OpsLead, ident: Ident) -> PersonOut:
    """One account."""
    return PersonOut.of(who.space.store[People].get(ident))


@router.post("/people/{ident}/role")
def change_role(who: OpsLead, ident: Ident, new: NewRole) -> PersonOut:
    """Give somebody another role. It holds from their next request on."""
    person = who.space.store[People].change(ident, new.role, new.rep)
    who.audit("role_changed", ident, role=new.role, rep=new.rep)
    return PersonOut.of(person)


@router.post("/people/{ident}/disable")
def disable(who: OpsLead, ident: Ident) -> PersonOut:
    """Close an account: sessions and tokens end at once."""
    person = who.space.store[People].disable(ident)
    who.audit("person_disabled", ident)
    return PersonOut.of(person)


@router.post("/people/{ident}/enable")
def enable(who: OpsLead, ident: Ident) -> PersonOut:
    """Open a closed account again."""
    person = who.space.store[People].disable(ident, False)
    who.audit("person_enabled", ident)
    return PersonOut.of(person)


@router.post("/people/{ident}/invitation", status_code=201, openapi_extra=SHOWN_ONCE)
def invite(who: OpsLead, ident: Ident, request: Request) -> Link:
    """A link with which this person sets a password. It works once, for seven days; earlier ones are void."""
    who.space.store[People].get(ident)
    secret = who.space.store[Invitations].create(ident)
    who.audit("invited", ident)
    return Link(url=str(request.url_for("welcome_form", secret=secret)))
