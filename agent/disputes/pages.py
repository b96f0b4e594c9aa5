"""Disputes: the list, and one to read and answer."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.documents.words import share
from agent.app.web.auth import Anybody, OpsLead, Raters, SignedIn
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.call_page import level_word, level_words
from agent.calls.pages import WRONG, criteria
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, InputError, NotFound
from agent.disputes.api import SUITE_NAME
from agent.disputes.store import DisputeFilters, Disputes
from agent.disputes.verbs import answer_dispute, dispute_counts
from agent.evals.settled_cases import add_dispute_cases
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

router = page_router()

Text = Annotated[str, Form(max_length=8000)]
Short = Annotated[str, Form(max_length=200)]
Split = Annotated[Literal["dev", "test"], Form()]
State = Literal["", "open", "answered"]
Name = Annotated[str, Query(max_length=200)]


@router.get("/disputes")
def disputes(
    request: Request,
    who: Anybody,
    paging: Pages,
    state: Annotated[State, Query()] = "",
    rep: Name = "",
    criterion: Name = "",
) -> HTMLResponse:
    """Disputes, open ones first."""
    return _list(request, who, paging, DisputeFilters(state, rep, criterion))


def _list(
    request: Request, who: SignedIn, paging: Pages, filters: DisputeFilters, problem: CloseReadError | None = None
) -> HTMLResponse:
    store = who.space.store
    found = store[Disputes].page(filters, paging.after, paging.fetch, viewer=who.name)
    team = who.scope.only_rep is None
    values = {
        "page": paging.page(found.rows, lambda row: row.position, lambda row: row),
        "withheld": found.withheld,
        "counts": dispute_counts(who.space) if team else [],
        "open_count": sum(count.open for count in store[Disputes].counts(viewer=who.name)),
        "criteria": criteria(who.space),
        "filters": filters,
        "share": share,
        "problem": problem,
    }
    return render(request, "disputes/list.html", who, values, 200 if problem is None else status_of(problem))


@router.post("/disputes/cases")
def cases(request: Request, who: OpsLead, paging: Pages, suite: Short = "", split: Split = "dev") -> Response:
    """Turn answered disputes into cases of a suite."""
    try:
        if not re.fullmatch(SUITE_NAME, suite):
            raise InputError("name the suite with small letters, digits, dashes and underscores, such as disputes")
        added = add_dispute_cases(who.space, suite, split)
    except WRONG as error:
        return _list(request, who, paging, DisputeFilters(), error)
    who.audit("cases_added", suite, cases=added["cases"])
    return done(request, "/disputes", f"Added to {suite}. Cases: {added['cases']}, ratings: {added['ratings']}.")


_NOTHING = {"verdict": "", "value": "", "turn": "", "words": "", "reason": ""}


@router.get("/disputes/{ident}")
def dispute(request: Request, who: Anybody, ident: str) -> HTMLResponse:
    """One dispute with the rating that it is about."""
    return _one(request, who, ident, _NOTHING)


def _one(
    request: Request, who: SignedIn, ident: str, typed: dict[str, str], problem: CloseReadError | None = None
) -> HTMLResponse:
    store = who.space.store
    row = store[Disputes].get(ident, viewer=who.name)
    criterion = store[Rubrics].get(row.rubric).criterion(row.dispute.criterion)
    if criterion is None:
        raise NotFound(f"the rubric of this rating no longer has a criterion {row.dispute.criterion!r}")
    after = store[Ratings].get(row.answer.rating, viewer=who.name) if row.answer and row.answer.rating else None
    values: dict[str, Any] = {
        "row": row,
        "criterion": criterion,
        "rating": store[Ratings].get(row.dispute.rating, viewer=who.name),
        "after": after,
        "about": store[Calls].about(row.dispute.call, viewer=who.name),
        "words": level_words,
        "level_word": level_word,
        "typed": typed,
        "problem": problem,
    }
    return render(request, "disputes/one.html", who, values, 200 if problem is None else status_of(problem))


@router.post("/disputes/{ident}/answer")
def answer(
    request: Request,
    who: Raters,
    ident: str,
    verdict: Short = "",
    value: Short = "",
    turn: Short = "",
    words: Text = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Answer a dispute."""
    given = Given(value, reason, turn, words)
    try:
        made = answer_dispute(who.space, who.name, ident, verdict, given)
    except NotFound:
        raise
    except WRONG as error:
        return _one(request, who, ident, {**vars(given), "verdict": verdict}, error)
    who.audit("dispute_answered", ident)
    text = "Declined; the rep reads your reason." if made.verdict == "declined" else "Upheld: your rating counts now."
    return done(request, f"/disputes/{ident}", text)
