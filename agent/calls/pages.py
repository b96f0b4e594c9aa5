"""Calls: the list, what to look at first, and one call with its ratings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import Anybody, OpsLead, Raters, SignedIn, Team, require
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.call_page import call_page, level_word, level_words
from agent.calls.store import CallFilters, Calls
from agent.core.errors import CloseReadError, ConfigError, Conflict, GateClosed, InputError, ModelError, UsageError
from agent.disputes.verbs import open_dispute
from agent.ratings.overriding import Given, override, rate_by_hand
from agent.ratings.store_reviews import Reviews
from agent.rubrics.model import Criterion
from agent.rubrics.store import Rubrics
from agent.scoring.verbs import start_reading
from agent.workspace import Workspace

router = page_router()

Text = Annotated[str, Form(max_length=8000)]
Short = Annotated[str, Form(max_length=200)]
Name = Annotated[str, Query(max_length=200)]
Rep = Annotated[SignedIn, Depends(require("rep"))]
WRONG = (InputError, UsageError, Conflict, GateClosed, ConfigError, ModelError)
_SHOWN = {"": None, "rated": True, "unrated": False, "low": None}


@router.get("/calls")
def calls(
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
        "page": paging.page(rows, lambda row: row.position, lambda row: row),
        "typed": typed,
        "filtered": any(typed.values()),
        "problem": problem,
        "reps": store[Calls].reps() if who.scope.only_rep is None else [],
        "stages": store[Calls].stages(),
        "review": store[Reviews].counts(viewer=who.name) if who.scope.only_rep is None else None,
    }
    return render(request, "calls/list.html", who, values, 200 if problem is None else status_of(problem))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise InputError(f"{text!r} is no day; write it as 2026-11-24") from error


@router.get("/calls/review")
def review(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """What a person should look at first."""
    reviews = who.space.store[Reviews]
    reviews.refresh()
    rows = reviews.page(paging.after, paging.fetch, viewer=who.name)
    page = paging.page(rows, lambda row: row.position, lambda row: row)
    counts = reviews.counts(viewer=who.name)
    values = {"page": page, "counts": counts, "criteria": criteria(who.space), "level_word": level_word}
    return render(request, "calls/review.html", who, values)


def criteria(space: Workspace) -> dict[tuple[str, str], Criterion]:
    """All criteria by the ids of their rubric and their own."""
    return {(r.rubric.id, c.id): c for r in space.store[Rubrics].all() for c in r.rubric.criteria}


@dataclass(frozen=True)
class Wrong:
    """A form that did not go through: which, on which criterion's card, why, and what was typed."""

    form: str
    criterion: str
    error: CloseReadError
    typed: Mapping[str, str]


_NOTHING = {"value": "", "turn": "", "words": "", "reason": "", "comment": "", "own": ""}


@router.get("/calls/{ident}")
def call(request: Request, who: Anybody, ident: str, rubric: Name = "") -> HTMLResponse:
    """A call with its words and ratings."""
    return _call_page(request, who, ident, rubric)


def _call_page(request: Request, who: SignedIn, ident: str, rubric: str, wrong: Wrong | None = None) -> HTMLResponse:
    found = call_page(who.space, ident, who.name, rubric)
    values: dict[str, Any] = {
        "found": found,
        "labels": {r.rubric.id: r.rubric.label for r in who.space.store[Rubrics].all()},
        "words": level_words,
        "level_word": level_word,
        "wrong": wrong,
        "nothing": _NOTHING,
        "next": _next(who, found.cards, found.call is not None),
    }
    return render(request, "calls/call.html", who, values, 200 if wrong is None else status_of(wrong.error))


def _next(who: SignedIn, cards: Any, has_words: bool) -> tuple[str, str, str]:
    """One sentence, where its button leads, and the button's text; no button where the text is empty."""
    low = [card for card in cards if card.confidence == "low" and card.stands and not _settled(card)]
    failed = [card for card in cards if card.stands and card.stands.judgement.status == "failed"]
    waiting = [card for card in cards if card.dispute and card.dispute.state == "open"]
    if who.scope.may_rate and waiting:
        dispute = waiting[0].dispute.dispute
        return f"{dispute.rep} disputes a rating of this call.", f"/disputes/{dispute.id}", "Answer it"
    if who.scope.may_rate and (low or failed):
        at = (low or failed)[0].criterion
        why = "Two readings differ" if low else "The rating failed"
        return f"{why} on “{at.name}”: read the passage and decide.", f"#c-{at.id}", "Go there"
    if not any(card.stands for card in cards):
        text = "Nobody has rated this call yet." if cards else "There is no rubric yet, so nothing can be rated."
        if who.scope.may_run and has_words and cards:
            return text, "#score", "Score it"
        return text, "", ""
    if who.scope.only_rep is not None:
        first = f"#c-{cards[0].criterion.id}"
        return "Read what the ratings rest on. If one is wrong, dispute it there.", first, "Read the ratings"
    return "Nothing on this call waits for you.", "/calls/review" if who.scope.may_rate else "/calls", "Next call"


def _settled(card: Any) -> bool:
    return bool(card.confidence == "person") or not card.stands.rater.startswith("model")


@router.post("/calls/{ident}/override")
def change(
    request: Request,
    who: Raters,
    ident: str,
    criterion: Short = "",
    rubric: Short = "",
    rating: Short = "",
    value: Short = "",
    turn: Short = "",
    words: Text = "",
    reason: Text = "",
) -> Response:
    """Override a rating, or give a first one where `rating` is empty."""
    given = Given(value, reason, turn, words)
    try:
        if rating:
            made = override(who.space, who.name, rating, given)
            who.audit("rating_overridden", made.call, criterion=made.criterion, rating=made.id, supersedes=rating)
        else:
            made = rate_by_hand(who.space, who.name, ident, rubric, criterion, given)
            who.audit("call_rated", ident, criterion=criterion, rating=made.id)
    except WRONG as error:
        return _call_page(request, who, ident, rubric, Wrong("override", criterion, error, vars(given)))
    text = "Your rating counts from now on; the earlier one stays beside it." if rating else "Your rating is kept."
    return done(request, _place(ident, rubric, criterion), text)


@router.post("/calls/{ident}/dispute")
def dispute(
    request: Request,
    who: Rep,
    ident: str,
    rating: Short = "",
    criterion: Short = "",
    rubric: Short = "",
    comment: Annotated[str, Form(max_length=4000)] = "",
    own: Short = "",
) -> Response:
    """Dispute a rating."""
    try:
        open_dispute(who, rating, comment, own)
    except WRONG as error:
        typed = {"comment": comment, "own": own}
        return _call_page(request, who, ident, rubric, Wrong("dispute", criterion, error, typed))
    return done(request, _place(ident, rubric, criterion), "Your dispute is sent. A manager answers it.")


@router.post("/calls/{ident}/score")
def score(
    request: Request,
    who: OpsLead,
    ident: str,
    reading: Annotated[Literal["first", "second"], Form()] = "first",
    rubric: Short = "",
) -> Response:
    """Let the model read this call."""
    try:
        job = start_reading(who, ident, rubric, second=reading == "second")
    except WRONG as error:
        return _call_page(request, who, ident, rubric, Wrong("score", "", error, {}))
    if job is None:
        return done(request, _place(ident, rubric), "There is nothing left to read: it is rated or queued already.")
    return done(request, _place(ident, rubric), f"{job.id} is queued; a worker reads the call, then it appears here.")


def _place(ident: str, rubric: str, criterion: str = "") -> str:
    query = f"?{urlencode({'rubric': rubric})}" if rubric else ""
    return f"/calls/{quote(ident, safe='')}{query}{f'#c-{criterion}' if criterion else ''}"
