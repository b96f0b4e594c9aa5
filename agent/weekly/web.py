"""The week as a page and through the API."""

from datetime import date
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from agent.app.web.auth import Team
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.rubrics.switcher import RubricRef, switcher
from agent.weekly.views import WeekView, week_of

api = api_router("week")
pages = page_router()

Until = Annotated[date | None, Query(description="The week's last day; empty: today.")]


@api.get("/week")
def read_week(who: Team, until: Until = None, rubric: RubricRef = "") -> WeekView:
    """What one week brought: what moved, what waits to be looked at, whom to coach."""
    return week_of(who, until, rubric)


@pages.get("/week")
def week_page(request: Request, who: Team, until: Until = None, rubric: RubricRef = "") -> HTMLResponse:
    """The week in sentences, each with the page that it is about."""
    values = {"week": week_of(who, until, rubric), "which": switcher(request, who, rubric)}
    return render(request, "weekly/week.html", who, values)
