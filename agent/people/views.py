"""Accounts, tokens and lines of the audit log as they are shown outside."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from agent.app.verb import Who
from agent.app.view import View
from agent.core.people import Person, Role
from agent.db.audit_chain import Checked
from agent.people.model import Token


class PersonView(View):
    """An account."""

    id: str
    name: str
    email: str
    role: Role
    rep: str
    disabled: bool
    at: datetime
    last_seen: datetime | None


class PersonList(View):
    """Everybody with an account."""

    items: list[PersonView]


class InvitationView(View):
    """A link that works once."""

    url: str


class TokenView(Token, View):
    """A token, without its secret."""


class NewTokenView(TokenView):
    """A new token with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again.")]


class TokenList(View):
    """All tokens."""

    items: list[TokenView]


class MeView(View):
    """Who the token or session belongs to, and what it covers."""

    name: Annotated[str, Field(description="The name you rate under; empty for a token without a person.")]
    role: Role
    rep: Annotated[str, Field(description="The rep whose calls these are, for the role rep.")]
    person: Annotated[str, Field(description="Id of the account; empty for a token without a person.")]
    token: Annotated[str, Field(description="Id of the token; empty in a session.")]
    language: Annotated[str, Field(description="In which the pages are read; empty for the workspace's.")] = ""

    @classmethod
    def of(cls, who: Who, person: Person | None) -> Self:
        ident, language = (person.id, person.language) if person else ("", "")
        return super().of(who, role=who.scope.role, rep=who.scope.rep, person=ident, language=language)


class AuditCheckView(View):
    """Whether the audit log is as it was written."""

    holds: bool
    lines: int
    nameless: Annotated[int, Field(description="Lines whose names were removed because somebody asked for it.")]
    head: Annotated[
        str, Field(description="Number and hash of the newest line. Keep it elsewhere, and give it next time.")
    ]
    faults: Annotated[list[str], Field(description="What is wrong, the first twenty.")]

    @classmethod
    def of(cls, checked: Checked) -> Self:
        return super().of(checked, holds=not checked.wrong, head=str(checked.head))


class AuditView(View):
    """One line of the audit log."""

    at: datetime
    person: str
    action: str
    subject: str
    facts: dict[str, Any]
