"""The first page: what is there, what is missing, what is under way, and the one thing to do next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from agent.api.auth import Anybody, SignedIn
from agent.api.routes import page_router
from agent.api.routes.pages.jobs import TITLES, jobs_under_way
from agent.api.templates import render
from agent.services.next_step import State, next_step, state_of
from agent.services.readiness import readiness_of
from agent.services.staging import StagingArea

router = page_router()


@router.get("/")
def start(request: Request, who: Anybody) -> HTMLResponse:
    """What is there and what to do next."""
    state = _state(who)
    values: dict[str, Any] = {"state": state, "step": next_step(state)}
    if state.role == "rep":
        return render(request, "start_rep.html", who, values)
    values["findings"] = readiness_of(who.space)
    values["running"], values["titles"] = jobs_under_way(who), TITLES
    return render(request, "start.html", who, values)


def _state(who: SignedIn) -> State:
    """The workspace's state, with the files that this person has not stored yet."""
    state = state_of(who.space, who.scope.role, who.name, who.scope.rep)
    if state.role != "ops_lead":
        return state
    area = StagingArea(who.space.settings.workspace, who.owner)
    waiting = next(((staged.id, len(area.names(staged.id))) for staged in area.all()), None)
    return state if waiting is None or not waiting[1] else replace(state, staged=waiting[0], staged_files=waiting[1])
