"""Calls: lists, one with its words and ratings, the review queue, and readings by the model."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field

from agent.app.web.auth import Anybody, OpsLead, Raters, Team
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.calls.call_page import call_page
from agent.calls.store import CallFilters, Calls
from agent.calls.views import CallOut, CallPageOut, FirstRating, RatingOut, ReviewOut
from agent.ratings.overriding import rate_by_hand
from agent.ratings.store_reviews import Reviews
from agent.scoring.verbs import start_reading

router = api_router("calls")

Ident = Annotated[str, Path(max_length=200, examples=["call-0412"])]
Name = Annotated[str, Query(max_length=200)]


@router.get("/calls")
def list_calls(
    who: Anybody,
    paging: Pages,
    rep: Name = "",
    stage: Name = "",
    deal: Name = "",
    first: Annotated[date | None, Query(description="On this day or later.")] = None,
    last: Annotated[date | None, Query(description="On this day or earlier.")] = None,
    rated: Annotated[bool | None, Query(description="With or without ratings that you may see.")] = None,
    to_review: Annotated[bool, Query(description="With readings that differ or failed.")] = False,
) -> Page[CallOut]:
    """Calls, newest first."""
    filters = CallFilters(rep, stage, deal, first, last, rated, to_review)
    rows = who.space.store[Calls].page(filters, paging.after, paging.fetch, viewer=who.name)
    return paging.page(rows, lambda row: row.position, CallOut.of)


@router.get("/review")
def review_queue(who: Team, paging: Pages) -> Page[ReviewOut]:
    """What a person should look at first: readings that differ, then ratings that failed, the newest first."""
    who.space.store[Reviews].refresh()
    rows = who.space.store[Reviews].page(paging.after, paging.fetch, viewer=who.name)
    return paging.page(rows, lambda row: row.position, ReviewOut.of)


@router.get("/calls/{ident}")
def read_call(
    who: Anybody,
    ident: Ident,
    rubric: Annotated[str, Query(max_length=200, description="Id or label; default: the newest with ratings.")] = "",
) -> CallPageOut:
    """A call with its words, and its ratings against one rubric."""
    return CallPageOut.page(call_page(who.space, ident, who.name, rubric))


@router.post("/calls/{ident}/ratings", status_code=201)
def rate_call(who: Raters, ident: Ident, new: FirstRating) -> RatingOut:
    """Rate a criterion yourself. To change a rating that stands, override that one."""
    rating = rate_by_hand(who.space, who.name, ident, new.rubric, new.criterion, new.given)
    who.audit("call_rated", ident, criterion=new.criterion, rating=rating.id)
    return RatingOut.of(rating)


class NewReading(BaseModel):
    """Which reading is wanted."""

    reading: Annotated[Literal["first", "second"], Field(description="second: another draw, to compare.")] = "first"
    rubric: Annotated[str, Field(max_length=200, description="Id or label; default: the newest.")] = ""

    model_config = {"json_schema_extra": {"examples": [{"reading": "second"}]}}


class ReadingJob(BaseModel):
    """The job that reads the call; null where it is read or queued already."""

    job: str | None

    model_config = {"json_schema_extra": {"examples": [{"job": "job-5c1e0b7a9d3f"}]}}


@router.post("/calls/{ident}/score", status_code=202)
def score_call(who: OpsLead, ident: Ident, new: NewReading) -> ReadingJob:
    """Let the model read this call now, before what else is queued. A worker does it."""
    second = new.reading == "second"
    job = start_reading(who, ident, new.rubric, second=second)
    return ReadingJob(job=job.id if job else None)
