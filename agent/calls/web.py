"""The list of calls: the API first, then the page. One call with its ratings: agent/ratings/web_call.py."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from agent.app.panels import panels
from agent.app.steps import next_step
from agent.app.web.auth import Anybody
from agent.app.web.paging import Page, Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.calls.store import CallFilters, Calls
from agent.calls.views import CallView
from agent.core.errors import InputError

api = api_router("calls")
pages = page_router()

Name = Annotated[str, Query(max_length=200)]
_SHOWN = {"": None, "rated": True, "unrated": False, "low": None}


@api.get("/calls")
def list_calls(
    who: Anybody,
    paging: Pages,
    rep: Name = "",
    stage: Name = "",
    deal: Name = "",
    first: Annotated[date | None, Query(description="On this day or later.")] = None,
    last: Annotated[date | None, Query(description="On this day or earlier.")] = None,
    rated: Annotated[bool | None, Query(description="With or without ratings that you may see.")] = None,
    to_review: Annotated[bool, Query(description="With readings that differ or failed.")] = False,
) -> Page[CallView]:
    """Calls, newest first."""
    filters = CallFilters(rep, stage, deal, first, last, rated, to_review)
    rows = who.space.store[Calls].page(filters, paging.after, paging.fetch, viewer=who.name)
    return paging.page(rows, lambda row: row.position, CallView.of)


# Pages.


@pages.get("/calls")
def list_page(
    request: Request,
    who: Anybody,
    paging: Pages,
    rep: Name = "",
    stage: Name = "",
    deal: Name = "",
    first: Name = "",
    last: Name = "",
    show: Annotated[Literal["", "rated", "unrated", "low"], Query()] = "",
) -> HTMLResponse:
    """All calls, newest first."""
    store = who.space.store
    typed = {"rep": rep, "stage": stage, "deal": deal, "first": first, "last": last, "show": show}
    problem, rows = None, []
    try:
        filters = CallFilters(rep, stage, deal, _day(first), _day(last), _SHOWN[show], show == "low")
        rows = store[Calls].page(filters, paging.after, paging.fetch, viewer=who.name)
    except InputError as error:
        problem = error
    values = {
        "page": paging.page(rows, lambda row: row.position, CallView.of),
        "typed": typed,
        "filtered": any(typed.values()),
        "problem": problem,
        "reps": store[Calls].reps() if who.scope.only_rep is None else [],
        "stages": store[Calls].stages(),
        "for_team": who.scope.only_rep is None,
        "panels": panels("calls", who, None),
        "step": next_step(who, "calls"),
    }
    return render(request, "calls/list.html", who, values, 200 if problem is None else status_of(problem))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise InputError(f"{text!r} is no day; write it as 2026-11-24") from error
