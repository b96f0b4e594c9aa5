"""The search: the API first, then the page. `/` on any page goes to its field."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from agent.app.web.auth import Anybody
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.start.search import SearchView, search

api = api_router("search")
pages = page_router()

Text = Annotated[str, Query(max_length=200, description="Words; what is found holds all of them.")]


@api.get("/search", summary="Search calls, reps and criteria")
def search_all(who: Anybody, q: Text = "") -> SearchView:
    """Calls, reps and criteria that hold all words. A rep finds the own calls, and the criteria."""
    return search(who, q)


@pages.get("/search")
def search_page(request: Request, who: Anybody, q: Text = "") -> Response:
    """What was found; a call's page at once where its id was typed."""
    found = search(who, q)
    if any(call.id == q.strip() for call in found.calls):
        return RedirectResponse(f"/calls/{quote(q.strip(), safe='')}", 303)
    return render(request, "start/search.html", who, {"found": found, "typed": q.strip()})
