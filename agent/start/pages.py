"""The first page: what is there, what is missing, what is under way, and the one thing to do next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from agent.app.web.auth import Anybody, SignedIn
from agent.app.web.routes import page_router
from agent.app.web.templates import render
from agent.jobs.web import TITLES, jobs_under_way
from agent.start.next_step import State, next_step, state_of
from agent.start.readiness import readiness_of
from agent.start.readiness_rules import Finding
from agent.uploads.web import area_of

router = page_router()

# Where each finding of `readiness_of` is put right, in its order.
_PATHS = (
    "/upload?kind=interview",
    "/upload?kind=interview",
    "/upload?kind=call",
    "",
    "/admin/people",
    "/upload?kind=deals",
)


@router.get("/")
def start(request: Request, who: Anybody) -> HTMLResponse:
    """What is there and what to do next."""
    state = _state(who)
    values: dict[str, Any] = {"state": state, "step": next_step(state)}
    if state.role == "rep":
        return render(request, "start/start_rep.html", who, values)
    values["findings"] = [(_on_page(one), path) for one, path in zip(readiness_of(who.space), _PATHS, strict=True)]
    values["running"], values["titles"] = jobs_under_way(who), TITLES
    return render(request, "start/start.html", who, values)


def _on_page(finding: Finding) -> Finding:
    """Without the command that a terminal would be told."""
    return replace(finding, cost=finding.cost.partition(": closeread ")[0])


def _state(who: SignedIn) -> State:
    """The workspace's state, with the files that this person has not stored yet."""
    state = state_of(who.space, who.scope.role, who.name, who.scope.rep)
    if state.role != "ops_lead":
        return state
    area = area_of(who)
    waiting = next(((staged.id, len(area.names(staged.id))) for staged in area.all()), None)
    return state if waiting is None or not waiting[1] else replace(state, staged=waiting[0], staged_files=waiting[1])
