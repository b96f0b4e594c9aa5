"""One call with its ratings, and what to look at first. The API first, then the pages."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.panels import panels
from agent.app.view import Page
from agent.app.web.auth import Anybody, Raters, SignedIn, Team
from agent.app.web.forms import Typed
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.views import CallView
from agent.core.errors import CloseReadError, ConfigError, Conflict, GateClosed, InputError, ModelError, UsageError
from agent.core.language import _
from agent.ratings import verbs
from agent.ratings.call_page import CallPage, all_criteria, level_word, level_words, shown_page
from agent.ratings.overriding import Given
from agent.ratings.store_reviews import Reviews
from agent.ratings.views import CallPageView, FirstRating, RatingView, ReviewView
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.store import Rubrics

api = api_router("calls")
pages = page_router()

Ident = Annotated[str, Path(max_length=200, examples=["call-0412"])]
Name = Annotated[str, Query(max_length=200)]
WRONG = (InputError, UsageError, Conflict, GateClosed, ConfigError, ModelError)


@api.get("/review")
def review_queue(who: Team, paging: Pages) -> Page[ReviewView]:
    """What a person should look at first: readings that differ, then ratings that failed, the newest first."""
    who.space.store[Reviews].refresh()
    rows = who.space.store[Reviews].page(paging.after, paging.fetch, viewer=who.name)
    return paging.page(rows, lambda row: row.position, ReviewView.of)


@api.get("/calls/{ident}")
def read_call(
    who: Anybody,
    ident: Ident,
    rubric: Annotated[
        str, Query(max_length=200, description="Id or label; default: the one in use, else the newest that rated it.")
    ] = "",
) -> CallPageView:
    """A call with its words, and its ratings against one rubric."""
    page = CallPageView.whole(shown_page(who, ident, rubric))
    who.read(ident)
    return page


@api.post("/calls/{ident}/ratings", status_code=201)
def rate_call(who: Raters, ident: Ident, new: FirstRating) -> RatingView:
    """Rate a criterion yourself. To change a rating that stands, override that one."""
    return RatingView.of(verbs.rate_call(who, ident, new.rubric, new.criterion, new.given))


# Pages.


@pages.get("/calls/review")
def review_page(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """What a person should look at first."""
    reviews = who.space.store[Reviews]
    reviews.refresh()
    rows = reviews.page(paging.after, paging.fetch, viewer=who.name)
    page = paging.page(rows, lambda row: row.position, lambda row: row)
    counts = reviews.counts(viewer=who.name)
    values = {"page": page, "counts": counts, "criteria": all_criteria(who.space), "level_word": level_word}
    return render(request, "ratings/review.html", who, values)


@dataclass(frozen=True)
class Wrong:
    """A form that failed: which one, on which criterion's card, and why."""

    form: str
    criterion: str
    error: CloseReadError


@pages.get("/calls/{ident}")
def call_on_page(request: Request, who: Anybody, ident: str, rubric: Name = "") -> HTMLResponse:
    """A call with its words and ratings."""
    return render_call(request, who, ident, rubric)


def render_call(request: Request, who: SignedIn, ident: str, rubric: str, wrong: Wrong | None = None) -> HTMLResponse:
    """The page, also after a form that did not go through."""
    page = shown_page(who, ident, rubric)
    who.read(ident)
    values: dict[str, Any] = {
        "found": page,
        "title": CallView.of(page.about).title,
        "results": page.results,
        "used": rubric_in_use(who.space.store) if page.results else None,
        "line": page.line,
        "labels": {r.rubric.id: r.rubric.label for r in who.space.store[Rubrics].all()},
        "words": level_words,
        "level_word": level_word,
        "wrong": wrong,
        "panels": panels("call_foot", who, page),
        "word_panels": panels("call_words", who, ident) if page.call else [],
        "next": _next(who, page),
    }
    return render(request, "ratings/call.html", who, values, 200 if wrong is None else status_of(wrong.error))


def _next(who: SignedIn, page: CallPage) -> tuple[str, str, str]:
    """One sentence, where its button leads, and the button's text; no button if the text is empty."""
    cards, has_words = page.cards, page.call is not None
    low = [card for card in cards if card.confidence == "low" and card.stands and not _settled(card)]
    failed = [card for card in cards if card.stands and card.stands.judgement.status == "failed"]
    for one in page.panels:
        if "next" in one.values:
            step: tuple[str, str, str] = one.values["next"]
            return step
    if who.scope.may_rate and (low or failed):
        at = (low or failed)[0].criterion
        why = _("Two readings differ") if low else _("The rating failed")
        return _("{why} on “{name}”: read the passage and decide.", why=why, name=at.name), f"#c-{at.id}", _("Go there")
    if page.blind:
        return _("This call is being calibrated: nothing counts until its raters are through."), "", ""
    if not any(card.stands or card.split for card in cards):
        text = _("Nobody has rated this call yet.") if cards else _("There is no rubric yet, so nothing can be rated.")
        if who.scope.may_run and has_words and cards:
            return text, "#score", _("Score it")
        return text, "", ""
    if who.scope.only_rep is not None:
        first = f"#c-{cards[0].criterion.id}"
        return _("Read what the ratings rest on. If one is wrong, dispute it there."), first, _("Read the ratings")
    return _("Nothing on this call waits for you."), "/calls/review" if who.scope.may_rate else "/calls", _("Next call")


def _settled(card: Any) -> bool:
    return bool(card.confidence == "person") or not card.stands.rater.startswith("model")


@pages.post("/calls/{ident}/override")
def change_on_page(request: Request, who: Raters, ident: str, form: Typed) -> Response:
    """Override a rating, or give a first one where `rating` is empty."""
    rubric, criterion, rating = (form.get(name, "") for name in ("rubric", "criterion", "rating"))
    try:
        if rating:
            verbs.override_rating(who, rating, Given.typed(form))
        else:
            verbs.rate_call(who, ident, rubric, criterion, Given.typed(form))
    except WRONG as error:
        return render_call(request, who, ident, rubric, Wrong("override", criterion, error))
    text = (
        _("Your rating counts from now on; the earlier one stays beside it.") if rating else _("Your rating is kept.")
    )
    return done(request, place_of(ident, rubric, criterion), text)


def place_of(ident: str, rubric: str, criterion: str = "") -> str:
    """The address of a criterion on a call's page."""
    query = f"?{urlencode({'rubric': rubric})}" if rubric else ""
    return f"/calls/{quote(ident, safe='')}{query}{f'#c-{criterion}' if criterion else ''}"
