"""Prompts and their versions."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.evaluation.gating import Verdict
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


def may_be_released(space: Workspace, reference: str) -> Verdict | None:
    """The passed gate that lets a draft (`name` or `name@version`) be released; None for a prompt's first version.

    GateClosed where there is none, with the commands that lead to one; NotFound where there is no draft.
    """
    from agent.evaluation.release import passed_gate, to_release
    from agent.services.evaluating import archive, find_suite

    draft, before = to_release(space.prompts, reference)
    return None if before is None else passed_gate(archive(space), lambda name: find_suite(space, name), draft, before)


def release_prompt(space: Workspace, reference: str) -> dict[str, Any]:
    """Release a draft and lock it; what was released instead of what, and on what proof. Refused as above."""
    from agent.evaluation.release import release, to_release

    draft, before = to_release(space.prompts, reference)
    verdict = may_be_released(space, reference)
    release(space.prompts, draft)
    proof = (
        "its first version: there was nothing to hold it against"
        if verdict is None
        else f"{verdict.candidate} against {verdict.baseline}, suite {verdict.suite}"
    )
    return {"released": draft.id, "instead_of": before.id if before else None, "proof": proof}
