"""Disputes as they are shown outside."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import Field

from agent.app.view import Page, View
from agent.core.language import _, ngettext
from agent.core.statistic import Estimate, Statistic
from agent.disputes.model import DisputeRow, DisputeState, DisputeVerdict
from agent.rubrics.model import Criterion
from agent.rubrics.views import RubricName


class AnswerView(View):
    """A manager's answer. `partly`: another level than the one asked for. `rating` is the new rating of a dispute that
    was upheld, in part or whole."""

    verdict: DisputeVerdict
    by: str
    reason: str
    rating: str
    at: datetime


class DisputeView(View):
    """A dispute; `own` is the level the rep would give, if they say one, `assigned` who is to answer."""

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
    assigned: str
    hours: float = Field(description="From opening to the answer, or until now.")
    answer: AnswerView | None

    @classmethod
    def of(cls, row: DisputeRow) -> "DisputeView":
        return super().of(row, **row.dispute.model_dump(), hours=round(row.hours(datetime.now(UTC)), 1))

    @property
    def how_long(self) -> str:
        """From opening to the answer, or until now, in words."""
        return how_long(self.hours)


class DisputePageView(Page[DisputeView]):
    """A page of disputes. `withheld` counts those about ratings that a blind round keeps from you."""

    withheld: int = 0


class CriterionDisputes(View):
    """Disputes about one criterion as it is worded now. `share` (upheld in part or whole among the answered, with its
    exact 95 % interval) is null where none is answered. `mark` says in a sentence why the criterion should be
    calibrated again; empty if it need not."""

    criterion: str
    name: str
    open: int
    upheld: int
    partly: int
    declined: int
    share: Estimate | None
    mark: str

    @classmethod
    def of(cls, criterion: Criterion, sums: Mapping[str, int], share: Statistic, mark: str) -> "CriterionDisputes":
        counts = {state: sums[state] for state in ("open", "upheld", "partly", "declined")}
        known = share if isinstance(share, Estimate) else None
        return cls(criterion=criterion.id, name=criterion.name, share=known, mark=mark, **counts)


class ReviewerDisputes(View):
    """What one person has to answer and has answered, and the median of how long it took."""

    name: str
    open: int = Field(description="Assigned to this person and not answered.")
    upheld: int
    partly: int
    declined: int
    hours: float | None = Field(description="Median from opening to the answer; null where none is answered.")

    @property
    def how_long(self) -> str:
        """The median in words."""
        return "" if self.hours is None else how_long(self.hours)


class DisputeCounts(View):
    """Counts by criterion of `rubric` (null where there is none yet), and by who answers."""

    rubric: RubricName | None
    items: list[CriterionDisputes]
    reviewers: list[ReviewerDisputes]


def how_long(hours: float) -> str:
    """A time in the largest unit that says enough: hours below two days, then days."""
    if hours >= 48:
        return ngettext("{n} day", "{n} days", round(hours / 24), n=round(hours / 24))
    return ngettext("{n} hour", "{n} hours", round(hours), n=round(hours)) if round(hours) else _("less than an hour")
