"""The search: the API first, then the page. `/` on any page goes to its field. And the page about verdicts."""

import re
from functools import cache
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from agent.app.web.auth import Anybody
from agent.app.web.menu import pages_called
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.core.language import ENGLISH, current
from agent.settings import shipped
from agent.start.search import SearchView, search

api = api_router("search")
pages = page_router()

_HEADING = re.compile(r"<h2>(.*?)</h2>")
_PART = re.compile(r"^## ([^:<?\n]+)", re.MULTILINE)
_TO_A_FILE = re.compile(r'<a href="[^":]+\.md[^"]*">(.*?)</a>')
Text = Annotated[str, Query(max_length=200, description="Words; what is found holds all of them.")]


@api.get("/search", summary="Search calls, reps and criteria")
def search_all(who: Anybody, q: Text = "") -> SearchView:
    """Calls, reps and criteria that hold all words. A rep finds the own calls, and the criteria."""
    return search(who, q)


@pages.get("/help")
def help_page(request: Request, who: Anybody) -> Response:
    """What every verdict means, for those who read them: docs/method/for-managers.md."""
    return render(request, "start/help.html", who, {"text": _verdicts(current())})


@cache
def _verdicts(code: str) -> Markup:
    """The document in one language as HTML: our own text, in which markup of others has no place. Its parts are linked
    to by the same names in each language."""
    folder = shipped("docs/method")
    english = (folder / "for-managers.md").read_text("utf-8")
    text = english if code == ENGLISH else (folder / f"for-managers.{code}.md").read_text("utf-8")
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    made = _TO_A_FILE.sub(r"\1", made)  # such as verdicts.md, which only the repository and the site have
    names = iter(_PART.findall(english))
    made = _HEADING.sub(lambda found: f'<h2 id="{next(names).lower().replace(" ", "-")}">{found[1]}</h2>', made)
    return Markup(made.replace("<pre>", '<pre tabindex="0">'))  # wide ones are scrolled, by keys too


@pages.get("/search")
def search_page(request: Request, who: Anybody, q: Text = "") -> Response:
    """What was found; a call's page at once where its id was typed."""
    results = search(who, q)
    if any(call.id == q.strip() for call in results.calls):
        return RedirectResponse(f"/calls/{quote(q.strip(), safe='')}", 303)
    return render(
        request, "start/search.html", who, {"results": results, "typed": q.strip(), "places": pages_called(who, q)}
    )
