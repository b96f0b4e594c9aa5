"""The first page: what is there, what is missing, what is under way, and the one thing to do next."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from agent.app.web.auth import Anybody
from agent.app.web.routes import page_router
from agent.app.web.templates import render
from agent.jobs.web import TITLES, jobs_under_way
from agent.start.next_step import ordered, state_of, way_for
from agent.start.readiness import readiness_of

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
    state = state_of(who)
    step, *others = ordered(state)
    waiting = [one for one in others if one.waits and state.role in one.roles]
    values: dict[str, Any] = {"state": state, "step": step, "waiting": waiting, "way": way_for(who)}
    values["others"] = [one for one in others if one not in waiting]
    if state.role == "rep":
        return render(request, "start/start_rep.html", who, values)
    values["findings"] = list(zip(readiness_of(who.space), _PATHS, strict=True))
    values["running"], values["titles"] = jobs_under_way(who), TITLES
    return render(request, "start/start.html", who, values)
