"""Counts of everything, answered from indexes: for pages that are shown first and often."""

from __future__ import annotations

import json
from datetime import date
from typing import NamedTuple

from sqlalchemy import Engine, exists, func, select

from agent.db.collection import Collection
from agent.db.schema import (
    baselines,
    calls,
    coaching,
    deals,
    extractions,
    interviews,
    ratings,
    round_log,
    round_ratings,
)
from agent.db.schema_counting import counting
from agent.db.schema_server import dispute_answers, disputes
from agent.db.scoping import own, sees_team


class InterviewFact(NamedTuple):
    """The deal of an interview: its outcome, its ending where it has one of its own, and the day of the interview."""

    id: str
    outcome: str
    ending: str
    day: date


class Overview(Collection):
    """Counts over the workspace. For a rep: over their own calls, deals and disputes, and nothing about the team."""

    def interviews(self) -> list[InterviewFact]:
        """The outcome of every interview's deal; none for a rep."""
        if not sees_team(self._scope):
            return []
        with self._engine.connect() as connection:
            query = select(interviews.c.id, interviews.c.outcome, interviews.c.body, interviews.c.date)
            return [
                InterviewFact(ident, outcome, json.loads(body).get("ending", ""), date.fromisoformat(day))
                for ident, outcome, body, day in connection.execute(query.order_by(interviews.c.id))
            ]

    def call_days(self) -> dict[str, int]:
        """Calls by day (ISO 8601)."""
        query = own(select(calls.c.date, func.count()).group_by(calls.c.date), calls.c.rep, self._scope)
        return {day: count for day, count in self._rows(query)}

    def deals(self) -> int:
        """How many deals there are."""
        query = own(select(func.count()).select_from(deals), deals.c.rep, self._scope)
        return int(self._value(query))

    def newest_extraction(self) -> int:
        """The number of the newest extraction; 0 for none, and for a rep."""
        if not sees_team(self._scope):
            return 0
        return int(self._value(select(func.coalesce(func.max(extractions.c.seq), 0))))

    def raters(self) -> list[str]:
        """Everybody (also models and imports) who has rated anything, by name; nobody for a rep."""
        names: list[str] = []
        following = select(ratings.c.rater).order_by(ratings.c.rater).limit(1)
        with self._engine.connect() as connection:
            name = connection.execute(following).scalar() if sees_team(self._scope) else None
            while name is not None:  # from one name to the next by index, not through all ratings of each
                names.append(name)
                name = connection.execute(following.where(ratings.c.rater > name)).scalar()
        return names

    def rated(self, rubric: str) -> bool:
        """Whether any rating against a rubric may be counted by the scope, apart from ratings of calibration rounds."""
        if not sees_team(self._scope):
            return False
        outside = ratings.c.id.not_in(select(round_ratings.c.rating))
        query = select(ratings.c.seq).where(ratings.c.rubric == rubric, outside).limit(1)
        return self._first(query) is not None

    def unrated(self, rubric: str) -> int:
        """Calls with a transcript and without any rating against a rubric; 0 for a rep."""
        if not sees_team(self._scope):
            return 0
        of_it = ratings.c.rubric == rubric
        # As a sum: otherwise SQLite would scan all of the rubric's ratings for each call.
        rated = exists(select(ratings.c.seq).where(ratings.c.call == calls.c.id, ratings.c.rubric + "" == rubric))
        # Nearly all rated calls are in the counting table: only the others are looked up in the ratings.
        counted = exists(select(counting.c.seq).where(counting.c.call == calls.c.id, counting.c.rubric == rubric))
        query = select(func.count()).select_from(calls).where(calls.c.transcript.is_not(None))
        with self._engine.connect() as connection:
            if connection.execute(select(ratings.c.seq).where(of_it).limit(1)).first() is not None:
                query = query.where(~counted).where(~rated)
            return int(connection.execute(query).scalar_one())

    def open_disputes(self) -> int:
        """Disputes that nobody has answered."""
        answered = exists(select(dispute_answers.c.dispute).where(dispute_answers.c.dispute == disputes.c.id))
        query = own(select(func.count()).select_from(disputes).where(~answered), disputes.c.rep, self._scope)
        return int(self._value(query))


# Looking at a round, drafting in it and going on with it change no figure.
_TELLING = ("opened", "imported", "submitted", "corrected", "adjudicated", "closed")


def facts_mark(engine: Engine, rubric: str) -> list[str]:
    """A value that changes with any round, baseline of `rubric`, coaching cycle or deal: what figures depend on besides
    ratings."""
    drawn = select(func.max(baselines.c.seq)).where(baselines.c.rubric == rubric)
    told = select(func.max(round_log.c.seq)).where(round_log.c.kind.in_(_TELLING))
    with engine.connect() as connection:
        numbers = [str(connection.execute(query).scalar()) for query in (drawn, told)]
        rows = [connection.execute(select(t).order_by(*t.primary_key)).all() for t in (coaching, deals)]
    return [*numbers, *map(repr, rows)]
