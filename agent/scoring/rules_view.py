"""A scoring rule outside: API, `--json`, page."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from agent.app.view import View
from agent.scoring.rules import ScoringRule, ScoringRules, When
from agent.workspace import Workspace


class RuleView(View):
    """A rule, in words too, what it has spent, and what came of it last. `stopped` is empty where nothing stops it."""

    id: str
    name: str
    on: bool
    when: When
    hour: int
    zone: str
    reps: tuple[str, ...]
    stages: tuple[str, ...]
    share: Annotated[int, Field(description="In per cent.")]
    since: date | None
    usd_a_day: float | None
    usd_a_month: float | None
    scores: Annotated[str, Field(description="Which calls, in words.")]
    at_times: Annotated[str, Field(description="When, in words.")]
    spent_today_usd: float
    spent_this_month_usd: float
    ran: datetime | None
    job: Annotated[str, Field(description="The job that it started last; empty for none.")]
    calls: int
    stopped: Annotated[str, Field(description="Why it did nothing last although calls wait; empty otherwise.")]
    by: str
    at: datetime

    @classmethod
    def of(cls, space: Workspace, rule: ScoringRule) -> "RuleView":
        day = datetime.now(ZoneInfo(rule.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        rules, ran = space.store[ScoringRules], rule.ran
        return cls(
            **rule.model_dump(exclude={"slot", "ran"}),
            scores=rule.words,
            at_times=rule.when_words,
            spent_today_usd=rules.spent_usd(rule, day.astimezone(UTC)),
            spent_this_month_usd=rules.spent_usd(rule, (day - timedelta(days=day.day - 1)).astimezone(UTC)),
            ran=ran.at if ran else None,
            job=ran.job if ran else "",
            calls=ran.calls if ran else 0,
            stopped=ran.stopped if ran else "",
        )


class RuleList(View):
    """All rules, by name."""

    items: list[RuleView]
