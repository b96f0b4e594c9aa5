"""Coaching plans, and sessions that took place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from agent.coaching.model import CoachingPlan, Session
from agent.db.collection import Collection
from agent.db.schema import coaching_sessions, plans
from agent.db.scoping import check_rate, own, sees_team


@dataclass(frozen=True)
class PlanHead:
    """What a list shows of a plan: `criteria` by id and name, `drafted` whether it has suggestions."""

    id: str
    who: str
    at: datetime
    rubric: str
    criteria: tuple[tuple[str, str], ...]
    drafted: bool


class Coaching(Collection):
    """The workspace's coaching plans and sessions."""

    def log(self, session: Session) -> None:
        """Record a session. Forbidden for people who may not coach."""
        check_rate(self._scope, "log a coaching session")
        with self._engine.begin() as connection:
            row = {"rep": session.rep, "date": session.date.isoformat(), "body": session.model_dump_json()}
            connection.execute(insert(coaching_sessions).values(**row))

    def sessions(self, rep: str = "") -> list[Session]:
        """Sessions in the order of their dates, of one rep or all."""
        query = own(select(coaching_sessions.c.body), coaching_sessions.c.rep, self._scope)
        query = query.order_by(coaching_sessions.c.date, coaching_sessions.c.seq)
        if rep:
            query = query.where(coaching_sessions.c.rep == rep)
        return [Session.model_validate_json(body) for body in self._values(query)]

    def add_plan(self, plan: CoachingPlan) -> None:
        """Keep a plan; it is then the newest of its rep or team. The same plan again is kept once, under the name of
        the person who made it last. Forbidden for people who may not coach."""
        check_rate(self._scope, "make a coaching plan")
        same = plans.c.id == plan.id
        with self._engine.begin() as connection:
            newest = select(plans.c.body).where(plans.c.who == plan.who).order_by(plans.c.seq.desc()).limit(1)
            body = connection.execute(newest).scalar()
            before = CoachingPlan.model_validate_json(body) if body else None
            if before is not None and before.id == plan.id and plan.by in ("", before.by):
                return
            connection.execute(delete(plans).where(same))  # made again after another one
            row = {"id": plan.id, "who": plan.who, "rubric": plan.rubric, "at": plan.at.isoformat()}
            connection.execute(insert(plans).values(**row, body=plan.model_dump_json()))

    def plan_of(self, who: str) -> CoachingPlan | None:
        """The newest plan of a rep or the team. A rep gets the own, without moments out of others' calls."""
        query = own(select(plans.c.body), plans.c.who, self._scope).where(plans.c.who == who)
        body = self._value(query.order_by(plans.c.seq.desc()).limit(1))
        if body is None:
            return None
        plan = CoachingPlan.model_validate_json(body)
        return plan if sees_team(self._scope) else _without_others(plan)

    def newest_plans(self, whos: Sequence[str]) -> dict[str, PlanHead]:
        """The newest plan of each of `whos` that has one; for a rep, only their own."""
        newest = select(func.max(plans.c.seq)).where(plans.c.who.in_(whos)).group_by(plans.c.who)
        query = own(select(plans.c.body), plans.c.who, self._scope).where(plans.c.seq.in_(newest))
        heads = [_head(CoachingPlan.model_validate_json(body)) for body in self._values(query)]
        return {head.who: head for head in heads}


def _head(plan: CoachingPlan) -> PlanHead:
    drafted = any(moment.said for chosen in plan.criteria for moment in chosen.moments)
    criteria = tuple((chosen.criterion, chosen.name) for chosen in plan.criteria)
    return PlanHead(plan.id, plan.who, plan.at, plan.rubric, criteria, drafted)


def _without_others(plan: CoachingPlan) -> CoachingPlan:
    """Without moments of peers: a manager may point at them, but their calls are not the rep's to read."""
    criteria = tuple(
        chosen.model_copy(update={"moments": tuple(m for m in chosen.moments if m.rep in ("", plan.who))})
        for chosen in plan.criteria
    )
    return plan.model_copy(update={"criteria": criteria})
