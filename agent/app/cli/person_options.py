"""Options that name a role and a rep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.core.errors import UsageError

if TYPE_CHECKING:
    from agent.core.people import Role

RoleOption = Annotated[str, typer.Option("--role", help="One of ops_lead, manager, rep, viewer.")]
RepOption = Annotated[str, typer.Option("--rep", help="For the role rep: the rep's name as it stands in the calls.")]


def role_of(name: str) -> Role:
    """The role of that name, however it is written. UsageError if there is none."""
    from agent.core.people import ROLES

    found = name.strip().lower().replace("-", "_").replace(" ", "_")
    if found not in ROLES:
        raise UsageError(f"there is no role {name!r}; there are {', '.join(ROLES)}")
    return found
