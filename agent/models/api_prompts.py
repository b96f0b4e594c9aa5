"""Prompts: their versions, what changed between two of them, and releasing a draft."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import api_router
from agent.models import prompts

router = api_router("prompts")

Version = Annotated[str, Query(pattern=r"^[a-z][a-z_]{0,59}@\d{1,3}$", examples=["rate_call@1"])]


class PromptOut(BaseModel):
    """A version of a prompt. `id` is what ratings name."""

    id: str
    name: str
    version: int
    status: Literal["draft", "released", "retired"]
    role: str
    hash: Annotated[str, Field(description="SHA-256 of the file without its status line.")]
    changed: Annotated[str, Field(description="What is different from the version before.")]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "id": "rate_call@1#5d0c6f2a",
                    "name": "rate_call",
                    "version": 1,
                    "status": "released",
                    "role": "rater",
                    "hash": "5d0c6f2a" + "0" * 56,
                    "changed": "first version",
                }
            ]
        }
    }


class Prompts(BaseModel):
    """All versions of all prompts."""

    items: list[PromptOut]


class Difference(BaseModel):
    """Lines of a unified diff of two versions' files."""

    lines: list[str]

    model_config = {"json_schema_extra": {"examples": [{"lines": ["--- rate_call@1#…", "+++ rate_call@2#…"]}]}}


class Releasable(BaseModel):
    """Whether a draft may be released. `proof` names the gate that passed, else it is null and `why` says what to run."""

    allowed: bool
    proof: str | None
    why: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"allowed": False, "proof": None, "why": "rate_call@2#… has no passed gate against rate_call@1#…"}
            ]
        }
    }


class Released(BaseModel):
    """What was released instead of what, and on what proof."""

    released: str
    instead_of: str | None
    proof: str


Name = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,59}$", examples=["rate_call"])]
Number = Annotated[int, Path(ge=1, le=999)]


@router.get("/prompts")
def list_prompts(who: Team) -> Prompts:
    """All versions of all prompts."""
    return Prompts(items=listed(who))


@router.get("/prompts/diff")
def prompt_diff(who: Team, first: Version, second: Version) -> Difference:
    """What changed from one version to another."""
    return Difference(lines=prompts.prompt_difference(who.space, first, second))


@router.get("/prompts/{name}/{version}/release")
def may_be_released(who: Team, name: Name, version: Number) -> Releasable:
    """Whether a draft has a passed gate against the released version, with the same model and rubric."""
    return releasable(who, name, version)


@router.post("/prompts/{name}/{version}/release")
def release_prompt(who: OpsLead, name: Name, version: Number) -> Released:
    """Release a draft. 409 without a gate that passed against the version in use."""
    return released(who, name, version)


def listed(who: SignedIn) -> list[PromptOut]:
    """All versions."""
    rows = prompts.prompts_data(who.space)
    return [PromptOut(id=f"{r['name']}@{r['version']}#{r['hash'][:8]}", **r) for r in rows]


def releasable(who: SignedIn, name: str, version: int) -> Releasable:
    """Whether a draft may be released, and why not."""
    verdict, closed = prompts.release_outlook(who.space, f"{name}@{version}")
    if closed:
        return Releasable(allowed=False, proof=None, why=closed)
    proof = "" if verdict is None else f"{verdict.candidate} against {verdict.baseline}, suite {verdict.suite}"
    return Releasable(allowed=True, proof=proof or None, why="" if proof else "it is the first version")


def released(who: SignedIn, name: str, version: int) -> Released:
    """Release it, with a line in the audit log."""
    done = Released(**prompts.release_prompt(who.space, f"{name}@{version}"))
    who.audit("prompt_released", done.released, instead_of=done.instead_of or "", proof=done.proof)
    return done
