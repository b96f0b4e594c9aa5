"""Prompts and their versions."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.wiring import Workspace


def prompts_data(space: Workspace) -> list[dict[str, Any]]:
    """All versions of all prompts as JSON data."""
    return [
        {
            "name": p.meta.name,
            "version": p.meta.version,
            "status": p.meta.status,
            "role": p.meta.role,
            "hash": p.hash,
            "changed": p.meta.changed,
        }
        for p in space.prompts.all()
    ]


def prompt_difference(space: Workspace, first: str, second: str) -> list[str]:
    """What changed from one version to another (each `name@version`), as lines of a unified diff of their files."""
    old, new = space.prompt(first), space.prompt(second)
    before, after = (prompt.path.read_text(encoding="utf-8").splitlines() for prompt in (old, new))
    return list(unified_diff(before, after, old.id, new.id, lineterm="", n=2))
