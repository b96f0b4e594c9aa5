"""Every address of the app that can be asked for with GET, filled with what a workspace holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from agent.app.queue.store import Jobs
from agent.app.web import routes
from agent.calibration.store import Rounds
from agent.disputes.store import DisputeFilters, Disputes
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions
from agent.people.store import People
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.rubrics.store import Rubrics
from agent.uploads.store import Uploads
from agent.workspace import Workspace

# Not asked for: what never ends, what a program asks (health, metrics), and what leads out of or into a session.
ELSEWHERE = re.compile(r"/events$|^/(healthz|readyz|metrics|sign-in)$|^/(welcome|sso)/")
TOPICS = {"rubric": "rubrics", "uploads": "uploads", "upload": "staged"}


def addresses(space: Workspace, number: int, rep: str) -> dict[str, str]:
    """An address for each route; `number` is the calibration round. A route that nothing is there for is left out."""
    found = {}
    for route in routes.declared():
        if route.method == "GET" and not ELSEWHERE.search(route.path):
            filled = _filled(route.path, dict(_known(space, number, rep)))
            if filled is not None:
                found[route.path] = filled
    return found


def missing(space: Workspace, number: int, rep: str) -> set[str]:
    """Routes for which the workspace holds nothing to ask for."""
    every = {r.path for r in routes.declared() if r.method == "GET" and not ELSEWHERE.search(r.path)}
    return every - addresses(space, number, rep).keys()


def _filled(path: str, known: dict[str, str]) -> str | None:
    topic = path.removeprefix(routes.API).split("/")[1]
    names = re.findall(r"{(\w+)", path)
    values = {n: known.get(f"{path} {n}") or known.get(f"{topic}.{n}") or known.get(n, "") for n in names}
    if not all(values.values()):
        return None
    filled = re.sub(r"{(\w+)[^}]*}", lambda m: quote(values[m[1]], safe=""), path)
    query = known.get(f"?{path}", "")
    return f"{filled}?{query}" if query else filled


def _known(space: Workspace, number: int, rep: str) -> Iterator[tuple[str, str]]:
    """Values by the name in an address, `topic.name` or `route name` where one has its own; queries by `?route`."""
    store = space.store
    found = store[Rounds].get(str(number))
    rubric, call = store[Rubrics].get(found.rubric), found.calls[0]
    first = store[Rubrics].all()[0].rubric
    cell = urlencode({"call": call, "criterion": rubric.criteria[0].id})
    yield from {
        "number": str(number),
        "rep": rep,
        "ref": rubric.id,
        "base": rubric.id,
        "criterion": rubric.criteria[0].id,
        "work": "extract",
        "form": "html",
        "/rubric/{ref}/file/{form} form": "yaml",
        "/rubric/{ref}/guide/{format} format": "docx",
        "suite": "disputes",
        "name": "rate_call",
        "version": "1",
        "calls.ident": call,
        "interviews.ident": store[Interviews].all()[0].id,
        "patterns.ident": store[Extractions].newest().patterns.patterns[0].id,
        "people.ident": store[People].all()[0].id,
        "?/calibration/{number}/correct": cell,
        "?/rubric/{ref}/diff": f"against={first.id}",
        "?/api/v1/rubrics/{ref}/diff": f"against={first.id}",
        "?/api/v1/rounds/{number}/record": "format=md",
        "?/prompts/diff": "first=rate_call@1&second=rate_call@2",
        "?/api/v1/prompts/diff": "first=rate_call@1&second=rate_call@2",
    }.items()
    yield from _latest(store)


def _latest(store: Any) -> Iterator[tuple[str, str]]:
    """The newest of what there may be none of."""
    jobs, uploads = store[Jobs].list(limit=1), store[Uploads].page(None, 1)
    if jobs:
        yield "jobs.ident", jobs[0].id
    if uploads:
        yield "uploads.ident", uploads[0].id
    disputes = store[Disputes].page(DisputeFilters(), None, 1).rows
    if disputes:
        yield "disputes.ident", disputes[0].dispute.id
    ratings = store[Ratings].page(RatingFilters(), None, 1).rows
    if ratings:
        yield "ratings.ident", ratings[0].id
