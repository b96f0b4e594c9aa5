"""Prompts and their versions."""

from __future__ import annotations

from difflib import unified_diff
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.core.errors import GateClosed
from agent.llm.prompts import PromptLibrary

if TYPE_CHECKING:
    from agent.evals.gating import Verdict
    from agent.workspace import Workspace


def prompts_data(space: Workspace) -> list[dict[str, Any]]:
    """All versions of all prompts as JSON data."""
    root = space.prompts.root
    seen = [(str(path), path.stat()) for path in sorted(root.glob("*/*.md")) + sorted(root.glob("lock.toml"))]
    return [dict(row) for row in _rows(root, tuple((path, s.st_mtime_ns, s.st_size) for path, s in seen))]


@lru_cache(maxsize=4)
def _rows(root: Path, stamp: tuple[tuple[str, int, int], ...]) -> tuple[dict[str, Any], ...]:
    """Parsing and checking all files takes 150 ms, so it is done again only where one changed."""
    return tuple(
        {
            "name": p.meta.name,
            "version": p.meta.version,
            "status": p.meta.status,
            "role": p.meta.role,
            "hash": p.hash,
            "changed": p.meta.changed,
        }
        for p in PromptLibrary(root).all()
    )


def prompt_difference(space: Workspace, first: str, second: str) -> list[str]:
    """What changed from one version to another (each `name@version`), as lines of a unified diff of their files."""
    old, new = space.prompt(first), space.prompt(second)
    before, after = (prompt.path.read_text(encoding="utf-8").splitlines() for prompt in (old, new))
    return list(unified_diff(before, after, old.id, new.id, lineterm="", n=2))


def may_be_released(space: Workspace, reference: str) -> Verdict | None:
    """The passed gate that lets a draft (`name` or `name@version`) be released; None for a prompt's first version.

    GateClosed where there is none, with the commands that lead to one; NotFound where there is no draft.
    """
    from agent.evals.lists import archive, find_suite
    from agent.evals.release import passed_gate, to_release

    draft, before = to_release(space.prompts, reference)
    return None if before is None else passed_gate(archive(space), lambda name: find_suite(space, name), draft, before)


_OUTLOOKS: dict[tuple[object, ...], tuple[Verdict | None, str]] = {}


def release_outlook(space: Workspace, reference: str) -> tuple[Verdict | None, str]:
    """As `may_be_released`, with the refusal as a sentence. Judging takes half a second, so it is done again only where
    a verdict, a suite or a prompt changed; `release_prompt` always judges anew."""
    from agent.evals.lists import archive, suite_folders

    kept = archive(space).folder
    files = [
        *sorted((kept / "gates").glob("*.json")),
        *(folder / "suite.yaml" for folder in suite_folders(space).values()),
        *sorted((space.prompts.root / reference.partition("@")[0]).glob("*.md")),
    ]
    key = (kept, reference, *((path, path.stat().st_mtime_ns) for path in files))
    if key not in _OUTLOOKS:
        if len(_OUTLOOKS) >= 64:
            _OUTLOOKS.clear()
        _OUTLOOKS[key] = _looked(space, reference)
    return _OUTLOOKS[key]


def _looked(space: Workspace, reference: str) -> tuple[Verdict | None, str]:
    try:
        return may_be_released(space, reference), ""
    except GateClosed as closed:
        return None, str(closed)


def release_prompt(space: Workspace, reference: str) -> dict[str, Any]:
    """Release a draft and lock it; what was released instead of what, and on what proof. Refused as above."""
    from agent.evals.release import release, to_release

    draft, before = to_release(space.prompts, reference)
    verdict = may_be_released(space, reference)
    release(space.prompts, draft)
    proof = (
        "its first version: there was nothing to hold it against"
        if verdict is None
        else f"{verdict.candidate} against {verdict.baseline}, suite {verdict.suite}"
    )
    return {"released": draft.id, "instead_of": before.id if before else None, "proof": proof}
