"""What reps see of calibration rounds: never how a manager rated by name, only what was agreed or settled.

A rating that a person submitted in a round is shown to nobody in the scope of one rep, unless all raters of the round said
the same: then one of theirs counts, and it is shown without its rater.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from agent.core.people import Scope
from agent.db.schema import round_calls
from agent.db.scoping import own_calls, sees_team
from agent.ratings.recount import places_of, submitted_in_rounds
from agent.ratings.rule import Counts, said_in_round, which_counts


@dataclass(frozen=True)
class OfRounds:
    """Ids of ratings that are not shown at all, and of those that are shown without their rater."""

    hidden: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()


def of_rounds(connection: Connection, scope: Scope) -> OfRounds:
    """What is hidden and unnamed for the scope of one rep; nothing for everybody else."""
    if sees_team(scope):
        return OfRounds()
    query = own_calls(select(round_calls.c.call), round_calls.c.call, scope)
    calls = list(connection.execute(query).scalars())
    hidden, unnamed = set[str](), set[str]()
    for places in places_of(connection, calls, submitted_in_rounds(connection, calls)).values() if calls else ():
        for given in places.values():
            said = {one.id for one in said_in_round(given)}
            counts = which_counts(given)
            agreed = {counts.rating.id} if isinstance(counts, Counts) and counts.source == "agreed" else set()
            hidden |= said - agreed
            unnamed |= agreed
    return OfRounds(frozenset(hidden), frozenset(unnamed))
