"""The first page."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from agent.api.auth import Anybody
from agent.api.routes import page_router
from agent.api.templates import render

router = page_router()


@router.get("/")
def start(request: Request, who: Anybody) -> HTMLResponse:
    """What is there and what to do next."""
    return render(request, "start.html", who, {"calls": who.space.store.calls.count()})
