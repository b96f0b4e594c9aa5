"""Retention: removing what people said, and giving out everything about one person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.routes import api_router
from agent.core.errors import InputError
from agent.people import retention

router = api_router("retention")

CONFIRM = "remove"
Days = Annotated[int | None, Query(ge=0, le=100_000, description="Older than so many days.")]
Name = Annotated[str, Query(max_length=200)]


class CountsOut(BaseModel):
    """What goes: `calls` and `interviews` lose their words, `ratings`, `plans` and `disputes` their quotes and reasons.

    `replies` are model replies in the cache; `waiting` are calls that stay until their calibration round is over.
    """

    calls: int
    interviews: int
    ratings: int
    plans: int
    disputes: int
    replies: int
    waiting: int

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "calls": 212,
                    "interviews": 18,
                    "ratings": 1484,
                    "plans": 6,
                    "disputes": 2,
                    "replies": 248,
                    "waiting": 0,
                }
            ]
        }
    }


class Remove(BaseModel):
    """What is to go (all that is given has to hold), and the word `remove`: it cannot be undone."""

    older_than: Annotated[int | None, Field(ge=0, le=100_000, description="Days.")] = None
    rep: Annotated[str, Field(max_length=200)] = ""
    customer: Annotated[str, Field(max_length=200)] = ""
    confirm: Annotated[str, Field(max_length=20, description=f"Has to be `{CONFIRM}`.")]

    model_config = {"json_schema_extra": {"examples": [{"older_than": 730, "confirm": "remove"}]}}


@router.get("/retention")
def dry_run(who: OpsLead, older_than: Days = None, rep: Name = "", customer: Name = "") -> CountsOut:
    """What a removal would take away. Nothing is changed."""
    return counted(who, older_than, rep, customer)


@router.post("/retention")
def remove(who: OpsLead, what: Remove) -> CountsOut:
    """Remove transcripts, quotes and customers' names for good. Ratings and figures stay with the call's id."""
    return removed(who, what)


@router.get(
    "/retention/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "A zip of JSON files."}},
)
def export(who: OpsLead, name: Annotated[str, Query(min_length=1, max_length=200)]) -> Response:
    """Everything about one person: a rep, somebody who rates, or a customer or buyer."""
    return exported(who, name)


def counted(who: SignedIn, older_than: int | None, rep: str, customer: str) -> CountsOut:
    """What would go."""
    found = retention.dry_run(who.space, retention.chosen(older_than, rep, customer))
    return CountsOut.model_validate(found, from_attributes=True)


def removed(who: SignedIn, what: Remove) -> CountsOut:
    """Remove it. InputError without the word."""
    if what.confirm.strip().lower() != CONFIRM:
        raise InputError(f"type the word {CONFIRM!r} to confirm; it cannot be undone")
    chosen = retention.chosen(what.older_than, what.rep, what.customer)
    found = retention.remove(who.space, chosen, lambda **facts: who.audit("removed", "retention", **facts))
    return CountsOut.model_validate(found, from_attributes=True)


def exported(who: SignedIn, name: str) -> Response:
    """The zip, with a line in the audit log."""
    made = retention.person_export(who.space, name, who.name)
    who.audit("person_exported")
    headers = {"Content-Disposition": 'attachment; filename="closeread-person.zip"'}
    return Response(made, media_type="application/zip", headers=headers)
