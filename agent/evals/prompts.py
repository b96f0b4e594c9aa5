"""Versions of prompts: what changed between them, and releasing a draft after a gate has passed."""

from difflib import unified_diff
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from agent.app.verb import Who, verb
from agent.app.view import View
from agent.core.errors import GateClosed
from agent.evals.gating import Verdict
from agent.evals.lists import archive, find_suite, suite_folders
from agent.evals.release import passed_gate, release, to_release
from agent.llm.prompts import PromptLibrary
from agent.workspace import Workspace


class PromptView(View):
    """A version of a prompt. `id` is what ratings name."""

    id: str
    name: str
    version: int
    status: Literal["draft", "released", "retired"]
    role: str
    hash: Annotated[str, Field(description="SHA-256 of the file without its status line.")]
    changed: Annotated[str, Field(description="What is different from the version before.")]


class PromptList(View):
    """All versions of all prompts."""

    items: list[PromptView]


class ReleasableView(View):
    """Whether a draft may be released. `proof` names the gate that passed, else it is null
    and `why` says what to run."""

    allowed: bool
    proof: str | None
    why: str


class ReleasedView(View):
    """What was released, what it replaces, and on what proof."""

    released: str
    instead_of: str | None
    proof: str


def prompt_views(space: Workspace) -> list[PromptView]:
    """All versions of all prompts."""
    roots = space.prompts.roots
    files = [path for root in roots for path in (*sorted(root.glob("*/*.md")), *root.glob("lock.toml"))]
    seen = [(str(path), path.stat()) for path in files]
    return list(_views(roots, tuple((path, s.st_mtime_ns, s.st_size) for path, s in seen)))


@lru_cache(maxsize=4)
def _views(roots: tuple[Path, ...], stamps: tuple[tuple[str, int, int], ...]) -> tuple[PromptView, ...]:
    """The views of all prompts, cached until a file changes: parsing and checking all files takes 150 ms."""
    return tuple(
        PromptView(
            id=f"{p.meta.name}@{p.meta.version}#{p.hash[:8]}",
            name=p.meta.name,
            version=p.meta.version,
            status=p.meta.status,
            role=p.meta.role,
            hash=p.hash,
            changed=p.meta.changed,
        )
        for p in PromptLibrary(roots[0], own=roots[-1] if len(roots) > 1 else None).all()
    )


def prompt_difference(space: Workspace, first: str, second: str) -> list[str]:
    """What changed from one version to another (each `name@version`), as lines of a unified diff."""
    old, new = space.prompt(first), space.prompt(second)
    before, after = (prompt.path.read_text(encoding="utf-8").splitlines() for prompt in (old, new))
    return list(unified_diff(before, after, old.id, new.id, lineterm="", n=2))


def may_be_released(space: Workspace, reference: str) -> Verdict | None:
    """The passed gate that allows releasing a draft (`name` or `name@version`); None for a prompt's first version,
    which needs none.

    GateClosed if there is no such gate, with the commands that lead to one; NotFound if there is no draft.
    """
    draft, before = to_release(space.prompts, reference)
    return None if before is None else passed_gate(archive(space), lambda name: find_suite(space, name), draft, before)


@verb("ops_lead", audit="prompt_drafted", subject=lambda path: f"{path.parent.name}@{int(path.stem)}")
def draft_prompt(who: Who, name: str, version: int | None = None) -> Path:
    """Make a draft in the workspace with the text of another version (by default the one in use). Returns the file
    to edit."""
    return who.space.prompts.draft(name, version)


@verb(
    "ops_lead",
    audit="prompt_released",
    subject=lambda made: made.released,
    facts=lambda made: {"instead_of": made.instead_of or "", "proof": made.proof},
)
def release_prompt(who: Who, reference: str) -> ReleasedView:
    """Release a draft (`name` or `name@version`) and lock it. Refused as `may_be_released` says."""
    library = who.space.prompts
    draft, before = to_release(library, reference)
    verdict = may_be_released(who.space, reference)
    release(library, draft)
    proof = _proof(verdict) or "its first version: there was nothing to hold it against"
    return ReleasedView(released=draft.id, instead_of=before.id if before else None, proof=proof)


_OUTLOOKS: dict[tuple[object, ...], ReleasableView] = {}


def releasable(space: Workspace, reference: str) -> ReleasableView:
    """Whether a draft may be released, and why not. Judging takes half a second, so the answer is cached until a
    verdict, a suite or a prompt changes; `release_prompt` always judges anew."""
    kept = archive(space).folder
    files = [
        *sorted((kept / "gates").glob("*.json")),
        *(folder / "suite.yaml" for folder in suite_folders(space).values()),
        *(path for root in space.prompts.roots for path in sorted((root / reference.partition("@")[0]).glob("*.md"))),
    ]
    key = (kept, reference, *((path, path.stat().st_mtime_ns) for path in files))
    if key not in _OUTLOOKS:
        if len(_OUTLOOKS) >= 64:
            _OUTLOOKS.clear()
        try:
            proof = _proof(may_be_released(space, reference))
            outlook = ReleasableView(allowed=True, proof=proof or None, why="" if proof else "it is the first version")
        except GateClosed as closed:
            outlook = ReleasableView(allowed=False, proof=None, why=str(closed))
        _OUTLOOKS[key] = outlook
    return _OUTLOOKS[key]


def _proof(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return f"{verdict.candidate} against {verdict.baseline}, suite {verdict.suite}"
