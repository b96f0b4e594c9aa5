"""Ratings: lists, one with what it rests on, and overrides."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from agent.app.web.auth import Anybody, Raters
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router
from agent.calls.views import NewRating, RatingOut, RatingPageOut, RatingRowOut
from agent.ratings.overriding import override
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters

router = api_router("ratings")

Ident = Annotated[str, Path(max_length=40, examples=["ra-0a1b2c3d4e5f"])]
Name = Annotated[str, Query(max_length=200)]


@router.get("/ratings")
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
) -> RatingPageOut:
    """Ratings, newest first. Failed ones are among them."""
    filters = RatingFilters(call, rep, criterion, rater, rubric, status, current)
    found = who.space.store[Ratings].page(filters, paging.after, paging.fetch, viewer=who.name)
    page = paging.page(found.rows, lambda row: row.position, RatingRowOut.of)
    return RatingPageOut(items=page.items, next=page.next, withheld=sum(w.ratings for w in found.withheld))


@router.get("/ratings/{ident}")
def read_rating(who: Anybody, ident: Ident) -> RatingOut:
    """A rating with its quotes, its reason and where it came from."""
    return RatingOut.of(who.space.store[Ratings].get(ident, viewer=who.name))


@router.post("/ratings/{ident}/override", status_code=201)
def override_rating(who: Raters, ident: Ident, new: NewRating, response: Response) -> RatingOut:
    """Give another rating with a reason. It supersedes the old one, which stays readable: `supersedes` names it."""
    rating = override(who.space, who.name, ident, new.given)
    who.audit("rating_overridden", rating.call, criterion=rating.criterion, rating=rating.id, supersedes=ident)
    response.headers["Location"] = f"/api/v1/ratings/{rating.id}"
    return RatingOut.of(rating)
