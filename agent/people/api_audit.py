"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from agent.app.web.auth import OpsLead
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.db.audit import AuditEntry, AuditLog

router = api_router("audit")


class AuditOut(BaseModel):
    """One line of the log."""

    at: datetime
    person: str
    action: str
    subject: str
    facts: dict[str, Any]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "at": "2026-11-24T09:30:00+00:00",
                    "person": "Ana Ruiz",
                    "action": "token_made",
                    "subject": "to-9f2d0c4b7e1a6538",
                    "facts": {"role": "viewer", "label": "dashboard"},
                }
            ]
        }
    }

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditOut:
        """As it is sent."""
        return cls(at=entry.at, person=entry.person, action=entry.action, subject=entry.subject, facts=entry.facts)


@router.get("/audit")
def audit(
    who: OpsLead,
    paging: Pages,
    subject: Annotated[str, Query(max_length=200, description="Id of what was changed.")] = "",
    action: Annotated[str, Query(max_length=60, description="Name of the change.")] = "",
) -> Page[AuditOut]:
    """What was changed, newest first."""
    rows = who.space.store[AuditLog].page(paging.after, paging.fetch, subject=subject, action=action)
    return paging.page(rows, lambda entry: entry.position, AuditOut.of)
