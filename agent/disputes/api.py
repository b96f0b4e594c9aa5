"""Disputes: a rep says that a rating of an own call is wrong, and a manager answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, Field, JsonValue

from agent.app.web.auth import Anybody, OpsLead, Raters, SignedIn, Team, require
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.disputes.model import DisputeState, DisputeVerdict
from agent.disputes.store import DisputeFilters, DisputeRow, Disputes
from agent.disputes.verbs import CriterionDisputes, answer_dispute, dispute_counts, open_dispute
from agent.evals.settled_cases import add_dispute_cases
from agent.ratings.overriding import Given

router = api_router("disputes")

Ident = Annotated[str, Path(max_length=40, examples=["di-0a1b2c3d4e5f"])]
Name = Annotated[str, Query(max_length=200)]
Rep = Annotated[SignedIn, Depends(require("rep"))]
SUITE_NAME = r"^[a-z0-9][a-z0-9_-]{0,59}$"

_DISPUTE: dict[str, JsonValue] = {
    "id": "di-0a1b2c3d4e5f",
    "state": "upheld",
    "rating": "ra-0a1b2c3d4e5f",
    "call": "call-0412",
    "criterion": "asks_cost",
    "rubric": "ru-5c1e0b7a9d3f",
    "rep": "Rae Kim",
    "by": "Rae Kim",
    "comment": "I ask what a late close costs in turn 4.",
    "own": "1",
    "at": "2026-11-14T08:00:00+00:00",
    "answer": {
        "verdict": "upheld",
        "by": "Ana Ruiz",
        "reason": "Yes, that is the question.",
        "rating": "ra-9f8e7d6c5b4a",
        "at": "2026-11-14T09:30:00+00:00",
    },
}

_COUNT: dict[str, JsonValue] = {
    "criterion": "asks_cost",
    "name": "Asks for the cost",
    "open": 1,
    "upheld": 3,
    "declined": 1,
    "share": {"value": 0.75, "low": 0.19, "high": 0.99, "n": 4},
    "mark": "",
}


class AnswerOut(BaseModel):
    """A manager's answer. `rating` is the new rating of an upheld dispute."""

    verdict: DisputeVerdict
    by: str
    reason: str
    rating: str
    at: datetime


class DisputeOut(BaseModel):
    """A dispute; `own` is the level the rep would give, if they say one."""

    id: str
    state: DisputeState
    rating: str
    call: str
    criterion: str
    rubric: str
    rep: str
    by: str
    comment: str
    own: str
    at: datetime
    answer: AnswerOut | None

    model_config = {"json_schema_extra": {"examples": [_DISPUTE]}}

    @classmethod
    def of(cls, row: DisputeRow) -> DisputeOut:
        """As it is sent."""
        answer = None if row.answer is None else AnswerOut(**row.answer.model_dump(exclude={"dispute"}))
        return cls(**row.dispute.model_dump(), state=row.state, rubric=row.rubric, answer=answer)


class DisputePageOut(Page[DisputeOut]):
    """A page of disputes. `withheld` counts those about ratings that a blind round keeps from you."""

    withheld: int = 0


class Share(BaseModel):
    """Upheld among the answered, with its exact 95 % interval."""

    value: float
    low: float | None
    high: float | None
    n: int


class CriterionCount(BaseModel):
    """Disputes about one criterion as it is worded now. `share` is null where none is answered.

    `mark` says in a sentence why the criterion should be calibrated again; empty if it need not.
    """

    criterion: str
    name: str
    open: int
    upheld: int
    declined: int
    share: Share | None
    mark: str

    @classmethod
    def of(cls, found: CriterionDisputes) -> CriterionCount:
        """As it is sent."""
        return cls(
            criterion=found.criterion.id,
            name=found.criterion.name,
            open=found.open,
            upheld=found.upheld,
            declined=found.declined,
            share=_share(found.share),
            mark=found.mark,
        )


def _share(found: Statistic) -> Share | None:
    match found:
        case Estimate():
            return Share(value=found.value, low=found.low, high=found.high, n=found.n)
        case Undefined():
            return None


class CriterionCounts(BaseModel):
    """Counts by criterion."""

    items: list[CriterionCount]

    model_config = {"json_schema_extra": {"examples": [{"items": [_COUNT]}]}}


class NewDispute(BaseModel):
    """What is wrong with a rating."""

    rating: Annotated[str, Field(min_length=1, max_length=40)]
    comment: Annotated[str, Field(min_length=1, max_length=4000)]
    own: Annotated[str, Field(max_length=10, description="The level you would give: a level, n/a, or empty.")] = ""

    model_config = {
        "json_schema_extra": {"examples": [{"rating": "ra-0a1b2c3d4e5f", "comment": "I ask in turn 4.", "own": "1"}]}
    }


class NewAnswer(BaseModel):
    """An answer. `value`, `turn` and `words` are for an upheld dispute, as in an override."""

    verdict: DisputeVerdict
    reason: Annotated[str, Field(min_length=1, max_length=4000)]
    value: Annotated[str, Field(max_length=10)] = ""
    turn: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    words: Annotated[str, Field(max_length=8000)] = ""

    model_config = {
        "json_schema_extra": {
            "examples": [{"verdict": "upheld", "reason": "Yes, in turn 4.", "value": "1", "turn": 4, "words": ""}]
        }
    }


class NewCases(BaseModel):
    """Which suite the cases go into; it is made if it is not there."""

    suite: Annotated[str, Field(pattern=SUITE_NAME)]
    split: Literal["dev", "test"] = "dev"

    model_config = {"json_schema_extra": {"examples": [{"suite": "disputes", "split": "dev"}]}}


class CasesOut(BaseModel):
    """What was written: one case a call."""

    suite: str
    cases: int
    ratings: int

    model_config = {"json_schema_extra": {"examples": [{"suite": "disputes", "cases": 4, "ratings": 5}]}}


@router.get("/disputes")
def list_disputes(
    who: Anybody,
    paging: Pages,
    state: Annotated[Literal["", "open", "answered"], Query()] = "",
    rep: Name = "",
    criterion: Name = "",
    call: Name = "",
) -> DisputePageOut:
    """Disputes, open ones first and in each part the newest first. A rep gets the own."""
    filters = DisputeFilters(state, rep, criterion, call)
    found = who.space.store[Disputes].page(filters, paging.after, paging.fetch, viewer=who.name)
    page = paging.page(found.rows, lambda row: row.position, DisputeOut.of)
    return DisputePageOut(items=page.items, next=page.next, withheld=found.withheld)


@router.post("/disputes", status_code=201)
def dispute(who: Rep, new: NewDispute, response: Response) -> DisputeOut:
    """Dispute a rating of an own call. A rating is disputed once."""
    made = open_dispute(who.space, who.name, new.rating, new.comment, new.own)
    who.audit("dispute_opened", made.id, call=made.call, criterion=made.criterion)
    response.headers["Location"] = f"/api/v1/disputes/{made.id}"
    return DisputeOut.of(who.space.store[Disputes].get(made.id, viewer=who.name))


@router.get("/dispute-counts")
def count_disputes(who: Team) -> CriterionCounts:
    """Disputes by criterion of the newest rubric, and which criteria should be calibrated again."""
    return CriterionCounts(items=[CriterionCount.of(found) for found in dispute_counts(who.space)])


@router.post("/dispute-cases", status_code=201)
def make_cases(who: OpsLead, new: NewCases) -> CasesOut:
    """Turn answered disputes into cases of an evaluation suite."""
    added = add_dispute_cases(who.space, new.suite, new.split)
    who.audit("cases_added", new.suite, cases=added["cases"])
    return CasesOut(suite=added["suite"], cases=added["cases"], ratings=added["ratings"])


@router.get("/disputes/{ident}")
def read_dispute(who: Anybody, ident: Ident) -> DisputeOut:
    """One dispute."""
    return DisputeOut.of(who.space.store[Disputes].get(ident, viewer=who.name))


@router.post("/disputes/{ident}/answer", status_code=201)
def answer(who: Raters, ident: Ident, new: NewAnswer) -> DisputeOut:
    """Decline with a reason, or uphold: then a new rating supersedes the disputed one."""
    given = Given(new.value, new.reason, "" if new.turn is None else str(new.turn), new.words)
    answer_dispute(who.space, who.name, ident, new.verdict, given)
    who.audit("dispute_answered", ident)
    return DisputeOut.of(who.space.store[Disputes].get(ident, viewer=who.name))
