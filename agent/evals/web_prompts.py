"""Prompts in the browser and over the API: versions, what changed, the difference of two, and releasing a draft."""

from itertools import groupby
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.view import View
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, GateClosed
from agent.evals.lists import suite_views
from agent.evals.prompts import (
    PromptList,
    ReleasableView,
    ReleasedView,
    prompt_difference,
    prompt_views,
    releasable,
    release_prompt,
)

api = api_router("prompts")
pages = page_router()

Name = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,59}$", examples=["rate_call"])]
Number = Annotated[int, Path(ge=1, le=999)]
Version = Annotated[str, Query(pattern=r"^[a-z][a-z_]{0,59}@\d{1,3}$", examples=["rate_call@1"])]


class DifferenceView(View):
    """Lines of a unified diff of two versions' files."""

    lines: list[str]


@api.get("/prompts")
def list_prompts(who: Team) -> PromptList:
    """All versions of all prompts."""
    return PromptList(items=prompt_views(who.space))


@api.get("/prompts/diff")
def prompt_diff(who: Team, first: Version, second: Version) -> DifferenceView:
    """What changed from one version to another."""
    return DifferenceView(lines=prompt_difference(who.space, first, second))


@api.get("/prompts/{name}/{version}/release")
def may_be_released(who: Team, name: Name, version: Number) -> ReleasableView:
    """Whether a draft has a passed gate against the released version, with the same model and rubric."""
    return releasable(who.space, f"{name}@{version}")


@api.post("/prompts/{name}/{version}/release")
def release(who: OpsLead, name: Name, version: Number) -> ReleasedView:
    """Release a draft. 409 without a gate that passed against the version in use."""
    return release_prompt(who, f"{name}@{version}")


@pages.get("/prompts")
def prompts(request: Request, who: Team) -> HTMLResponse:
    """All versions of all prompts."""
    return _page(request, who)


@pages.get("/prompts/diff")
def diff(request: Request, who: Team, first: Version, second: Version) -> HTMLResponse:
    """What changed from one version to another."""
    kinds = {"+": "added", "-": "removed"}
    lines = [
        ("head" if line.startswith(("---", "+++", "@@")) else kinds.get(line[:1], "kept"), line)
        for line in prompt_difference(who.space, first, second)
    ]
    return render(request, "evals/prompts_diff.html", who, {"first": first, "second": second, "lines": lines})


@pages.post("/prompts/{name}/{version}/release")
def release_form(request: Request, who: OpsLead, name: Name, version: Number) -> Response:
    """Release a draft, on a gate that passed."""
    try:
        made = release_prompt(who, f"{name}@{version}")
    except GateClosed as closed:
        return _page(request, who, closed)
    return done(request, "/prompts", f"Released: {made.released}, on {made.proof}.")


def _page(request: Request, who: SignedIn, problem: CloseReadError | None = None) -> HTMLResponse:
    versions = prompt_views(who.space)
    drafts = {p.id: releasable(who.space, f"{p.name}@{p.version}") for p in versions if p.status == "draft"}
    values = {
        "groups": [(name, list(group)[::-1]) for name, group in groupby(versions, lambda p: p.name)],
        "drafts": drafts,
        "draft": next((p for p in versions if p.status == "draft"), None),
        "suites": {suite.prompt: suite.name for suite in reversed(suite_views(who.space)) if suite.prompt},
        "problem": str(problem) if problem else "",
        "may_run": who.scope.may_run,
    }
    return render(request, "evals/prompts.html", who, values, status_of(problem) if problem else 200)
