"""Ratings: lists, one with what it rests on, and overrides."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from agent.app.web.auth import Anybody, Raters
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router
from agent.ratings import verbs
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.ratings.views import NewRating, RatingPageView, RatingRowView, RatingView

api = api_router("ratings")

Ident = Annotated[str, Path(max_length=40, examples=["ra-0a1b2c3d4e5f"])]
Name = Annotated[str, Query(max_length=200)]


@api.get("/ratings")
def list_ratings(
    who: Anybody,
    paging: Pages,
    call: Name = "",
    rep: Name = "",
    criterion: Name = "",
    rater: Name = "",
    rubric: Annotated[str, Query(max_length=40, description="Id of the rubric.")] = "",
    status: Annotated[Literal["", "rated", "not_applicable", "failed"], Query()] = "",
    current: Annotated[bool, Query(description="Without those that were superseded.")] = True,
    level: Annotated[int | None, Query(ge=0, le=10, description="Only those rated with this level.")] = None,
) -> RatingPageView:
    """Ratings, newest first. Failed ones are among them."""
    filters = RatingFilters(call, rep, criterion, rater, rubric, status, current, level)
    stored = who.space.store[Ratings].page(filters, paging.after, paging.fetch, viewer=who.name)
    page = paging.page(stored.rows, lambda row: row.position, RatingRowView.of)
    return RatingPageView(items=page.items, next=page.next, withheld=sum(w.ratings for w in stored.withheld))


@api.get("/ratings/{ident}")
def read_rating(who: Anybody, ident: Ident) -> RatingView:
    """A rating with its quotes, its reason and where it came from."""
    return RatingView.of(who.space.store[Ratings].get(ident, viewer=who.name))


@api.post("/ratings/{ident}/override", status_code=201)
def override_rating(who: Raters, ident: Ident, new: NewRating, response: Response) -> RatingView:
    """Give another rating with a reason. It supersedes the old one, which stays readable: `supersedes` names it."""
    rating = verbs.override_rating(who, ident, new.given)
    response.headers["Location"] = f"/api/v1/ratings/{rating.id}"
    return RatingView.of(rating)
