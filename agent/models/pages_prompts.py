"""Prompts: versions, what changed, the difference of two, and releasing a draft."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, GateClosed
from agent.evals.lists import suite_views as suite_lines
from agent.models.api_prompts import listed, releasable, released
from agent.models.prompts import prompt_difference

router = page_router()

Name = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,59}$")]
Number = Annotated[int, Path(ge=1, le=999)]
Version = Annotated[str, Query(pattern=r"^[a-z][a-z_]{0,59}@\d{1,3}$")]


@router.get("/prompts")
def prompts(request: Request, who: Team) -> HTMLResponse:
    """All versions of all prompts."""
    return _page(request, who)


@router.get("/prompts/diff")
def diff(request: Request, who: Team, first: Version, second: Version) -> HTMLResponse:
    """What changed from one version to another."""
    lines = [(_kind(line), line) for line in prompt_difference(who.space, first, second)]
    return render(request, "models/prompts_diff.html", who, {"first": first, "second": second, "lines": lines})


@router.post("/prompts/{name}/{version}/release")
def release(request: Request, who: OpsLead, name: Name, version: Number) -> Response:
    """Release a draft, on a gate that passed."""
    try:
        found = released(who, name, version)
    except GateClosed as closed:
        return _page(request, who, closed)
    return done(request, "/prompts", f"Released: {found.released}, on {found.proof}.")


def _page(request: Request, who: SignedIn, problem: CloseReadError | None = None) -> HTMLResponse:
    versions = listed(who)
    groups = [(name, list(found)[::-1]) for name, found in groupby(versions, lambda p: p.name)]
    drafts = {p.id: releasable(who, p.name, p.version) for p in versions if p.status == "draft"}
    suites = {line.prompt: line.name for line in reversed(suite_lines(who.space)) if line.prompt}
    values = {
        "groups": groups,
        "drafts": drafts,
        "draft": next((p for p in versions if p.status == "draft"), None),
        "suites": suites,
        "problem": str(problem) if problem else "",
        "may_run": who.scope.may_run,
    }
    return render(request, "models/prompts_list.html", who, values, status_of(problem) if problem else 200)


def _kind(line: str) -> str:
    """Which part of a unified diff a line is."""
    if line.startswith(("---", "+++", "@@")):
        return "head"
    return {"+": "added", "-": "removed"}.get(line[:1], "kept")
