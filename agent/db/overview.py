"""Counts of everything in the workspace, from indexes alone: for pages that are opened first and often."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, exists, func, select

from agent.core.transcript import REMOVED
from agent.db.collection import Collection
from agent.db.raw_rows import raw_rows
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
    transcripts,
)
from agent.db.schema_counting import counting
from agent.db.schema_server import dispute_answers, disputes
from agent.db.scoping import own, sees_team

_FEW_RATINGS, _AT_ONCE = 20_000, 500


class InterviewFact(NamedTuple):
    """What an interview says about its deal: the outcome, an ending other than won and lost if there is one, and the
    interview's day."""

    id: str
    outcome: str
    ending: str
    day: date


class Overview(Collection):
    """Counts over the workspace. For a rep, over their own calls, deals and disputes only, without any figure of the
    team."""

    def interviews(self) -> list[InterviewFact]:
        """The deal's outcome of every interview; empty for a rep."""
        if not sees_team(self._scope):
            return []
        query = select(interviews.c.id, interviews.c.outcome, interviews.c.body, interviews.c.date)
        return [
            InterviewFact(ident, outcome, json.loads(body).get("ending", ""), date.fromisoformat(day))
            for ident, outcome, body, day in self._rows(query.order_by(interviews.c.id))
        ]

    def open_interviews(self) -> int:
        """How many interviews have words and a speaker whose side is not known; 0 for a rep."""
        if not sees_team(self._scope):
            return 0
        words = transcripts.c.id == interviews.c.transcript
        rows = self._rows(
            select(interviews.c.body, transcripts.c.body).select_from(interviews).join(transcripts, words)
        )
        return sum(_open_sides(from_json(body)["transcript"]["roles"], from_json(said)["turns"]) for body, said in rows)

    def call_days(self) -> dict[str, int]:
        """Calls by day (ISO 8601)."""
        query = own(select(calls.c.date, func.count()).group_by(calls.c.date), calls.c.rep, self._scope)
        return {day: count for day, count in self._rows(query)}

    def deals(self) -> int:
        """How many deals there are."""
        query = own(select(func.count()).select_from(deals), deals.c.rep, self._scope)
        return int(self._value(query))

    def newest_extraction(self) -> int:
        """The number of the newest extraction, which grows with each one; 0 if there is none, and for a rep."""
        if not sees_team(self._scope):
            return 0
        return int(self._value(select(func.max(extractions.c.seq))) or 0)

    def raters(self) -> list[str]:
        """The names of all people, models and imports that have rated anything; empty for a rep."""
        names: list[str] = []
        following = select(ratings.c.rater).order_by(ratings.c.rater).limit(1)
        with self._engine.connect() as connection:
            name = connection.execute(following).scalar() if sees_team(self._scope) else None
            while name is not None:  # from one name to the next by index, not through all ratings of each
                names.append(name)
                name = connection.execute(following.where(ratings.c.rater > name)).scalar()
        return names

    def rated(self, rubric: str) -> bool:
        """Whether there is any rating against a rubric that the scope may count, apart from those of calibration
        rounds."""
        if not sees_team(self._scope):
            return False
        outside = ratings.c.id.not_in(select(round_ratings.c.rating))
        query = select(ratings.c.seq).where(ratings.c.rubric == rubric, outside).limit(1)
        return self._first(query) is not None

    def unrated(self, rubric: str) -> int:
        """How many calls have a transcript and no rating against a rubric; 0 for a rep."""
        if not sees_team(self._scope):
            return 0
        of_it = ratings.c.rubric == rubric
        with_words = select(func.count()).select_from(calls).where(calls.c.transcript.is_not(None))
        with self._engine.connect() as connection:
            some = select(ratings.c.seq).where(of_it).limit(_FEW_RATINGS + 1).subquery()
            if connection.execute(select(func.count()).select_from(some)).scalar_one() <= _FEW_RATINGS:
                # Looking at what is rated is quicker than asking of each call whether it is.
                rated_ones = select(ratings.c.call).where(of_it).distinct()
                done = connection.execute(with_words.where(calls.c.id.in_(rated_ones))).scalar_one()
                return int(connection.execute(with_words).scalar_one()) - int(done)
            # As a sum: SQLite would else go through all of the rubric's ratings for each call.
            rated = exists(select(ratings.c.seq).where(ratings.c.call == calls.c.id, ratings.c.rubric + "" == rubric))
            # Nearly all that are rated count, and are found at once: only those that do not
            # are looked for in the ratings.
            counted = exists(select(counting.c.seq).where(counting.c.call == calls.c.id, counting.c.rubric == rubric))
            unrated = with_words.where(~counted).where(~rated)
            days = _uncounted_days(connection, rubric)
            parts = (unrated.where(calls.c.date.in_(days[at : at + _AT_ONCE])) for at in range(0, len(days), _AT_ONCE))
            return sum(int(connection.execute(part).scalar_one()) for part in parts)

    def open_disputes(self) -> int:
        """How many disputes nobody has answered."""
        answered = exists(select(dispute_answers.c.dispute).where(dispute_answers.c.dispute == disputes.c.id))
        query = own(select(func.count()).select_from(disputes).where(~answered), disputes.c.rep, self._scope)
        return int(self._value(query))


def _open_sides(roles: Mapping[str, str], turns: Sequence[Mapping[str, Any]]) -> bool:
    removed = [turn["text"] for turn in turns] == [REMOVED]
    return not removed and any(turn["speaker"] not in roles for turn in turns)


def _uncounted_days(connection: Connection, rubric: str) -> list[str]:
    """The days on which fewer calls count against a rubric than there are. Two indexes tell that; on all other days
    each call has a rating, and nothing has to be looked up."""
    there = raw_rows(connection, select(calls.c.date, func.count()).group_by(calls.c.date))
    of_it = select(counting.c.day, func.count()).where(counting.c.rubric == rubric).group_by(counting.c.day)
    counted = dict(raw_rows(connection, of_it))
    return [day for day, number in there if number > counted.get(day, 0)]


# Looking at a round, drafting in it and going on with it change no figure.
_TELLING = ("opened", "imported", "submitted", "corrected", "adjudicated", "closed")


def facts_mark(engine: Engine, rubric: str) -> list[str]:
    """Values that change with any round, any baseline of `rubric`, any coaching cycle and any deal: what figures
    rest on apart from ratings. Used in the keys of cached figures."""
    drawn = select(func.max(baselines.c.seq)).where(baselines.c.rubric == rubric)
    told = select(func.max(round_log.c.seq)).where(round_log.c.kind.in_(_TELLING))
    with engine.connect() as connection:
        numbers = [str(connection.execute(query).scalar()) for query in (drawn, told)]
        rows = [raw_rows(connection, select(t).order_by(*t.primary_key)) for t in (coaching, deals)]
    return [*numbers, *map(repr, rows)]
