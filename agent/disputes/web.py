"""Disputes over HTTP: the API first, then the pages."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from agent.app.panels import panels
from agent.app.steps import next_step
from agent.app.view import example
from agent.app.web.auth import Anybody, Raters, SignedIn, Team, require
from agent.app.web.forms import Typed
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.core.language import _
from agent.disputes import verbs
from agent.disputes.model import DisputeFilters, DisputeVerdict
from agent.disputes.store import Disputes
from agent.disputes.views import DisputeCounts, DisputePageView, DisputeView
from agent.ratings.call_page import all_criteria, level_word, level_words
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.rubrics.switcher import RubricRef, switcher

api = api_router("disputes")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["di-0a1b2c3d4e5f"])]
Name = Annotated[str, Query(max_length=200)]
State = Annotated[Literal["", "open", "answered"], Query()]
Rep = Annotated[SignedIn, Depends(require("rep"))]


class NewDispute(BaseModel):
    """What is wrong with a rating."""

    rating: Annotated[str, Field(min_length=1, max_length=40)]
    comment: Annotated[str, Field(min_length=1, max_length=4000)]
    own: Annotated[str, Field(max_length=10, description="The level you would give: a level, n/a, or empty.")] = ""

    model_config = example({"rating": "ra-0a1b2c3d4e5f", "comment": "I ask in turn 4.", "own": "1"})


class NewAnswer(BaseModel):
    """An answer. `value`, `turn` and `words` are for a dispute that is upheld, in part or whole, as in an override.
    Where the rep asked for a level and `value` is another, the answer is kept as `partly`."""

    verdict: DisputeVerdict
    reason: Annotated[str, Field(min_length=1, max_length=4000)]
    value: Annotated[str, Field(max_length=10)] = ""
    turn: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    words: Annotated[str, Field(max_length=8000)] = ""

    model_config = example({"verdict": "upheld", "reason": "Yes, in turn 4.", "value": "1", "turn": 4, "words": ""})


class NewAssignment(BaseModel):
    """Who is to answer."""

    person: Annotated[str, Field(max_length=200, description="Name of an account that may rate; empty: nobody.")]

    model_config = example({"person": "Ana Ruiz"})


@api.get("/disputes")
def list_disputes(
    who: Anybody,
    paging: Pages,
    state: State = "",
    rep: Name = "",
    criterion: Name = "",
    call: Name = "",
    assigned: Name = "",
) -> DisputePageView:
    """Disputes, open ones first and in each part the newest first. A rep gets the own."""
    return _listed(who, paging, DisputeFilters(state, rep, criterion, call, assigned))


def _listed(who: SignedIn, paging: Pages, filters: DisputeFilters) -> DisputePageView:
    page = who.space.store[Disputes].page(filters, paging.after, paging.fetch, viewer=who.name)
    shown = paging.page(page.rows, lambda row: row.position, DisputeView.of)
    return DisputePageView(items=shown.items, next=shown.next, withheld=page.withheld)


@api.post("/disputes", status_code=201)
def dispute(who: Rep, new: NewDispute, response: Response) -> DisputeView:
    """Dispute a rating of an own call. A rating is disputed once."""
    made = verbs.open_dispute(who, new.rating, new.comment, new.own)
    response.headers["Location"] = f"/api/v1/disputes/{made.dispute.id}"
    return DisputeView.of(made)


@api.get("/dispute-counts")
def count_disputes(who: Team, rubric: RubricRef = "") -> DisputeCounts:
    """Disputes by criterion of one rubric and by who answers, and which criteria should be calibrated again."""
    return verbs.counts_of(who, rubric)


@api.get("/disputes/{ident}")
def read_dispute(who: Anybody, ident: Ident) -> DisputeView:
    """One dispute."""
    return DisputeView.of(who.space.store[Disputes].get(ident, viewer=who.name))


@api.post("/disputes/{ident}/answer", status_code=201)
def answer(who: Raters, ident: Ident, new: NewAnswer) -> DisputeView:
    """Decline with a reason, or uphold: then a new rating supersedes the disputed one."""
    given = Given(new.value, new.reason, "" if new.turn is None else str(new.turn), new.words)
    return DisputeView.of(verbs.answer_dispute(who, ident, new.verdict, given))


@api.post("/disputes/{ident}/assignment")
def assign(who: Raters, ident: Ident, new: NewAssignment) -> DisputeView:
    """Say who is to answer."""
    return DisputeView.of(verbs.assign_dispute(who, ident, new.person))


# Pages.

Short = Annotated[str, Form(max_length=200)]


@pages.get("/disputes")
def list_page(
    request: Request,
    who: Anybody,
    paging: Pages,
    state: State = "",
    rep: Name = "",
    criterion: Name = "",
    assigned: Name = "",
    rubric: RubricRef = "",
) -> HTMLResponse:
    """Disputes, open ones first."""
    filters, team = DisputeFilters(state, rep, criterion, assigned=assigned), who.scope.only_rep is None
    values = {
        "page": _listed(who, paging, filters),
        "counts": verbs.counts_of(who, rubric) if team else None,
        "which": switcher(request, who, rubric) if team else None,
        "step": next_step(who, "disputes"),
        "criteria": all_criteria(who.space),
        "filters": filters,
        "panels": panels("disputes", who, None),
    }
    return render(request, "disputes/list.html", who, values)


@pages.get("/disputes/{ident}")
def dispute_page(request: Request, who: Anybody, ident: str) -> HTMLResponse:
    """One dispute with the rating that it is about."""
    store = who.space.store
    row = read_dispute(who, ident)
    criterion = store[Rubrics].get(row.rubric).criterion(row.criterion)
    if criterion is None:
        raise NotFound(
            _("the rubric of this rating no longer has a criterion {criterion}", criterion=repr(row.criterion))
        )
    after = store[Ratings].get(row.answer.rating, viewer=who.name) if row.answer and row.answer.rating else None
    others = store[Disputes].page(DisputeFilters(call=row.call), viewer=who.name).rows
    values: dict[str, Any] = {
        "row": row,
        "others": [DisputeView.of(one) for one in others if one.dispute.id != ident],
        "criteria": all_criteria(who.space),
        "answerers": verbs.answerers(who) if who.scope.may_rate and row.answer is None else [],
        "step": next_step(who, "disputes"),
        "criterion": criterion,
        "rating": store[Ratings].get(row.rating, viewer=who.name),
        "after": after,
        "about": store[Calls].about(row.call, viewer=who.name),
        "words": level_words,
        "level_word": level_word,
    }
    return render(request, "disputes/one.html", who, values)


@pages.post("/disputes/{ident}/answer")
def answer_on_page(request: Request, who: Raters, ident: str, form: Typed) -> Response:
    """Answer a dispute."""
    made = verbs.answer_dispute(who, ident, form.get("verdict", ""), Given.typed(form))
    said = {"declined": _("Declined; the rep reads your reason."), "upheld": _("Upheld: your rating counts now.")}
    partly = _("Partly upheld: your rating counts now; it is not the one the rep asked for.")
    return done(request, f"/disputes/{ident}", said.get(made.state, partly))


@pages.post("/disputes/{ident}/assignment")
def assign_on_page(request: Request, who: Raters, ident: str, person: Short = "") -> Response:
    """Say who is to answer."""
    row = verbs.assign_dispute(who, ident, person)
    said = (
        _("{assigned} is to answer, and is reminded of it.", assigned=row.assigned)
        if row.assigned
        else _("Nobody in particular is to answer.")
    )
    return done(request, f"/disputes/{ident}", said)
