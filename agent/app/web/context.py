"""What the application holds for its lifetime: the workspace as its owner sees it, the key, who hashes passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from agent.people.passwords import Passwords
from agent.workspace import Workspace


@dataclass(frozen=True)
class AppContext:
    """Only sign-in, health checks and the outermost layers may use `space`: it sees everything.

    Routes use `SignedIn.space`, which sees what whoever asks may see.
    """

    space: Workspace
    key: str
    passwords: Passwords


def of(request: Request) -> AppContext:
    """The context of the application that got this request."""
    return cast(AppContext, request.app.state.context)
