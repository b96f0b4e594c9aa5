"""The coaching cycles of reps, with their dates and criteria. Every figure over a cycle goes by them."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from sqlalchemy import delete, insert, select

from agent.core.errors import Advice, NotFound
from agent.db.collection import Collection
from agent.db.schema import baselines, coaching
from agent.db.scoping import check_rate, own
from agent.profiles.model import Baseline, CoachingPeriod


class CoachingPeriods(Collection):
    """The workspace's coaching cycles."""

    def add(self, new: Sequence[CoachingPeriod]) -> Counter[str]:
        """Store cycles; one of the same rep and name is replaced. Returns how many were new, changed, unchanged.

        Forbidden for who may not coach.
        """
        check_rate(self._scope, "plan coaching")
        before = {(period.rep, period.cycle): period for period in self.all()}
        done: Counter[str] = Counter()
        with self._engine.begin() as connection:
            for period in new:
                known = before.get((period.rep, period.cycle))
                how = "new" if known is None else "unchanged" if known == period else "changed"
                done[how] += 1
                if how == "changed":
                    same = (coaching.c.rep == period.rep, coaching.c.cycle == period.cycle)
                    connection.execute(delete(coaching).where(*same))
                if how != "unchanged":
                    row = {"start": period.start.isoformat(), "end": period.end.isoformat()}
                    body = period.model_dump_json()
                    connection.execute(insert(coaching).values(rep=period.rep, cycle=period.cycle, body=body, **row))
        return done

    def remove(self, rep: str, cycle: str) -> CoachingPeriod:
        """Take a cycle out. NotFound without one, Forbidden for who may not coach."""
        check_rate(self._scope, "plan coaching")
        same = (coaching.c.rep == rep, coaching.c.cycle == cycle)
        with self._engine.begin() as connection:
            body = connection.execute(select(coaching.c.body).where(*same)).scalar()
            if body is None:
                raise NotFound(
                    f"{rep} has no cycle {cycle!r}",
                    advice=Advice("coaching list", f"/coaching/{quote(rep, safe='')}#cycles"),
                )
            connection.execute(delete(coaching).where(*same))
        return CoachingPeriod.model_validate_json(body)

    def all(self) -> list[CoachingPeriod]:
        """All cycles, by rep and start; a rep's own for a rep."""
        query = own(select(coaching.c.body), coaching.c.rep, self._scope).order_by(coaching.c.rep, coaching.c.start)
        return [CoachingPeriod.model_validate_json(body) for body in self._values(query)]


class Baselines(Collection):
    """The workspace's baselines."""

    def add(self, drawn: Sequence[Baseline]) -> None:
        """Record draws. Forbidden for who may not coach."""
        check_rate(self._scope, "draw a baseline")
        rows = [{"rubric": b.rubric, "rep": b.rep, "body": b.model_dump_json()} for b in drawn]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(baselines), rows)

    def current(self, rubric: str) -> list[Baseline]:
        """The newest baseline of each rep for a rubric, by rep; a rep's own for a rep."""
        query = own(select(baselines.c.body), baselines.c.rep, self._scope)
        query = query.where(baselines.c.rubric == rubric).order_by(baselines.c.seq)
        drawn = [Baseline.model_validate_json(body) for body in self._values(query)]
        newest = {baseline.rep: baseline for baseline in drawn}
        return [newest[rep] for rep in sorted(newest)]
