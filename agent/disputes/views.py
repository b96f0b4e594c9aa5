"""Disputes as they are shown outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import ConfigDict, JsonValue

from agent.app.view import Page, View
from agent.core.statistic import Estimate, Statistic
from agent.disputes.model import DisputeRow, DisputeState, DisputeVerdict
from agent.rubrics.model import Criterion

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


class AnswerView(View):
    """A manager's answer. `rating` is the new rating of an upheld dispute."""

    verdict: DisputeVerdict
    by: str
    reason: str
    rating: str
    at: datetime


class DisputeView(View):
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
    answer: AnswerView | None

    model_config = ConfigDict(json_schema_extra={"examples": [_DISPUTE]})

    @classmethod
    def of(cls, row: DisputeRow) -> DisputeView:
        answer = None if row.answer is None else AnswerView.model_validate(row.answer)
        return cls(**row.dispute.model_dump(), state=row.state, rubric=row.rubric, answer=answer)


class DisputePageView(Page[DisputeView]):
    """A page of disputes. `withheld` counts those about ratings that a blind round keeps from you."""

    withheld: int = 0


class CriterionDisputes(View):
    """Disputes about one criterion as it is worded now. `share` (upheld among the answered, with its exact 95 %
    interval) is null where none is answered. `mark` says in a sentence why the criterion should be calibrated again;
    empty if it need not."""

    criterion: str
    name: str
    open: int
    upheld: int
    declined: int
    share: Estimate | None
    mark: str

    @classmethod
    def of(cls, criterion: Criterion, sums: Mapping[str, int], share: Statistic, mark: str) -> CriterionDisputes:
        counts = {state: sums[state] for state in ("open", "upheld", "declined")}
        known = share if isinstance(share, Estimate) else None
        return cls(criterion=criterion.id, name=criterion.name, share=known, mark=mark, **counts)


class DisputeCounts(View):
    """Counts by criterion."""

    items: list[CriterionDisputes]

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_COUNT]}]})
