"""Rules that score new calls automatically: which calls, when, and at what cost; and the table that stores them."""

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator
from sqlalchemy import ColumnElement, Engine, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.app.view import example
from agent.core.base import Frozen
from agent.core.errors import Advice, Conflict, NotFound
from agent.core.people import Scope
from agent.core.wording import day
from agent.db.database import read, transact
from agent.db.schema import calls, ledger
from agent.db.schema_jobs import job_calls, jobs, scoring_rules
from agent.db.scoping import check_run, check_team
from agent.db.transcripts import now as this_moment

When = Literal["nightly", "arrival"]
_c = scoring_rules.c


class NewRule(BaseModel):
    """What a rule scores and when. Empty `reps` and `stages` mean all; `since` is the first day to cover, null for
    all unscored calls. Budgets are US dollars and limit what this rule's own jobs spend."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")
    when: When = "nightly"
    hour: int = Field(default=2, ge=0, le=23, description="nightly: the hour at which it begins.")
    zone: str = Field(default="UTC", max_length=60, description="The hour's and the budgets' time zone.")
    reps: tuple[str, ...] = Field(default=(), max_length=500)
    stages: tuple[str, ...] = Field(default=(), max_length=100, description="In the calls' own words.")
    share: int = Field(default=100, ge=1, le=100, description="Of these calls, in per cent; which ones never changes.")
    since: date | None = None
    usd_a_day: float | None = Field(default=None, gt=0, le=1e6)
    usd_a_month: float | None = Field(default=None, gt=0, le=1e6)

    model_config = example(
        {
            "name": "new demos",
            "when": "nightly",
            "hour": 2,
            "zone": "Europe/Berlin",
            "stages": ["demo"],
            "share": 20,
            "since": "2026-11-30",
            "usd_a_day": 5.0,
        }
    )

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no time zone; write one as Europe/Berlin") from error
        return zone

    @property
    def words(self) -> str:
        """In words, which calls it covers."""
        some = "all calls" if self.share == 100 else f"{self.share} % of the calls"
        whose = f" of {', '.join(self.reps)}" if self.reps else ""
        where = f" in the stage {' or '.join(self.stages)}" if self.stages else ""
        return f"{some}{whose}{where}{f' from {day(self.since)} on' if self.since else ''}"

    @property
    def when_words(self) -> str:
        """In words, when it runs."""
        return "as they arrive" if self.when == "arrival" else f"every night at {self.hour}:00 ({self.zone})"


class Ran(Frozen):
    """The result of the last run of a rule that did something. `stopped` says why it did nothing although calls are
    waiting."""

    at: datetime
    job: str = ""
    calls: int = 0
    stopped: str = ""


class ScoringRule(NewRule):
    """A stored rule. `slot` is the last night that it has dealt with."""

    id: str
    on: bool
    by: str
    at: datetime
    slot: str = ""
    ran: Ran | None = None

    @property
    def signature(self) -> str:
        """The name under which its jobs are started."""
        return f"rule:{self.name}"

    def takes(self, call: str) -> bool:
        """Whether the call belongs to the share of calls that the rule scores."""
        number = int.from_bytes(sha256(f"{self.name}\n{call}".encode()).digest()[:8], "big")
        return number % 10_000 < self.share * 100


class ScoringRules:
    """The workspace's rules. A rep sees none; only an ops lead, and the worker, may change one."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def add(self, new: NewRule, by: str, slot: str = "") -> ScoringRule:
        """Store a rule, switched on. Conflict if another has its name."""
        check_run(self._scope, "make rules")
        row = {"id": f"sr-{secrets.token_hex(6)}", "name": new.name, "on": 1, "by": by, "at": this_moment()}
        body = json.dumps(new.model_dump(mode="json", exclude={"name"}), ensure_ascii=False)
        blank = {"slot": slot, "looked": "", "ran": ""}
        try:
            transact(self._engine, lambda c: c.execute(insert(scoring_rules).values(**row, **blank, body=body)))
        except IntegrityError as error:
            raise Conflict(f"there is a rule {new.name!r} already") from error
        return self.get(new.name)

    def all(self) -> list[ScoringRule]:
        """All rules, by name."""
        check_team(self._scope, "scoring rules")
        found = read(self._engine, lambda c: c.execute(select(scoring_rules).order_by(_c.name)).all())
        return [_rule_of_row(row) for row in found]

    def get(self, name: str) -> ScoringRule:
        """The rule with that name or id. NotFound if there is none."""
        found = next((rule for rule in self.all() if name in (rule.name, rule.id)), None)
        if found is None:
            raise NotFound(f"there is no rule {name!r}", advice=Advice("rule list", "/rules"))
        return found

    def switch(self, ident: str, on: bool) -> None:
        """Switch a rule off or on. The reason why it had stopped is cleared."""
        self._set(ident, on=int(on), looked="", ran="")

    def remove(self, ident: str) -> None:
        """Delete a rule. Its jobs and their ratings stay."""
        check_run(self._scope, "remove rules")
        transact(self._engine, lambda c: c.execute(delete(scoring_rules).where(_c.id == ident)))

    def claim(self, ident: str, now: datetime, before: datetime) -> bool:
        """Whether this program may carry the rule out now: of several programs only one may, and only if none has
        since `before`."""
        check_run(self._scope, "carry out rules")
        due = and_(_c.id == ident, _c.on == 1, _c.looked < before.isoformat())
        taken = update(scoring_rules).where(due).values(looked=now.isoformat())
        return bool(transact(self._engine, lambda c: c.execute(taken).rowcount))

    def ran(self, ident: str, slot: str, ran: Ran | None) -> None:
        """Store the result of a run; None keeps the earlier result."""
        self._set(ident, slot=slot, **({} if ran is None else {"ran": ran.model_dump_json()}))

    def _set(self, ident: str, **values: object) -> None:
        check_run(self._scope, "change rules")
        transact(self._engine, lambda c: c.execute(update(scoring_rules).where(_c.id == ident).values(**values)))

    def fitting(self, rule: ScoringRule, reps: Sequence[str]) -> list[str]:
        """Ids of calls that the rule covers and has not put into a job yet; `reps` are its reps under their present
        names.

        Calls that were waiting in a job which the rule itself replaced by a new one count as not put into a job.
        """
        check_run(self._scope, "carry out rules")
        c, own = calls.c, jobs.c.by == rule.signature
        given_up = and_(jobs.c.state == "cancelled", jobs.c.reason == f"cancelled by {rule.signature}")
        had = select(job_calls.c.call).join(jobs, jobs.c.id == job_calls.c.job)
        had = had.where(own, ~and_(given_up, job_calls.c.state == "waiting"))
        fits: list[ColumnElement[bool]] = [c.transcript.is_not(None), ~c.sides_open, c.id.not_in(had)]
        fits += [c.rep.in_(reps)] if rule.reps else []
        fits += [c.stage.in_(rule.stages)] if rule.stages else []
        fits += [c.date >= rule.since.isoformat()] if rule.since else []
        found = read(self._engine, lambda con: con.execute(select(c.id).where(*fits).order_by(c.id)).scalars().all())
        return [ident for ident in found if rule.takes(ident)]

    def newest_job(self, rule: ScoringRule) -> tuple[str, str, datetime] | None:
        """Id, state and start of the newest job that the rule started."""
        check_team(self._scope, "jobs")
        query = select(jobs.c.id, jobs.c.state, jobs.c.at).where(jobs.c.by == rule.signature)
        row = read(self._engine, lambda c: c.execute(query.order_by(jobs.c.at.desc()).limit(1)).first())
        return None if row is None else (row.id, row.state, datetime.fromisoformat(row.at))

    def spent_usd(self, rule: ScoringRule, since: datetime) -> float:
        """US dollars that the rule's jobs have spent since then, as far as prices are known."""
        check_team(self._scope, "what was spent")
        query = select(func.coalesce(func.sum(ledger.c.usd), 0.0)).join(jobs, jobs.c.id == ledger.c.job)
        query = query.where(jobs.c.by == rule.signature, ledger.c.at >= since.isoformat())
        return read(self._engine, lambda c: float(c.execute(query).scalar_one()))


def _rule_of_row(row: Row[tuple[object, ...]]) -> ScoringRule:
    ran = Ran.model_validate_json(row.ran) if row.ran else None
    own = {"name": row.name, "id": row.id, "on": bool(row.on), "by": row.by, "at": row.at, "slot": row.slot, "ran": ran}
    return ScoringRule.model_validate(json.loads(row.body) | own)
