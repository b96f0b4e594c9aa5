"""What people see of calibration rounds. Reps: never how a manager rated by name, only what was agreed or settled. Viewers,
and managers who did not rate in a round: its ratings without their raters. Names are for the raters and for ops leads.

A rating that a person submitted in a round is shown to nobody in the scope of one rep, unless all raters of the round said
the same: then one of theirs counts, and it is shown without its rater.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from agent.core.people import Scope, is_model
from agent.db.schema import ratings, round_calls, round_ratings, round_submissions
from agent.db.scoping import own_calls, sees_team
from agent.ratings.recount import places_of, submitted_in_rounds
from agent.ratings.rule import Counts, said_in_round, which_counts

_AT_ONCE = 500  # ids in one question


@dataclass(frozen=True)
class OfRounds:
    """Ids of ratings that are not shown at all, and of those that are shown without their rater."""

    hidden: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()


def of_rounds(connection: Connection, scope: Scope) -> OfRounds:
    """What is hidden and unnamed for `scope`."""
    if scope.local or scope.may_run:
        return OfRounds()
    if sees_team(scope):
        return OfRounds(unnamed=_given_by_others(connection, scope.name))
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


def _given_by_others(connection: Connection, name: str) -> frozenset[str]:
    """Ratings, and corrections of them, that people gave in rounds in which `name` was no rater."""
    own_rounds = select(round_submissions.c.round).where(round_submissions.c.rater == name)
    given = select(round_ratings.c.rating, round_ratings.c.rater).where(round_ratings.c.round.not_in(own_rounds))
    rater_of = {ident: rater for ident, rater in connection.execute(given) if not is_model(rater)}
    corrections = select(ratings.c.id, ratings.c.rater, ratings.c.supersedes)
    new = list(rater_of)
    while new:  # corrections of these, then corrections of those: going through all that there are takes long
        part, new = new[:_AT_ONCE], new[_AT_ONCE:]
        for ident, rater, before in connection.execute(corrections.where(ratings.c.supersedes.in_(part))):
            if rater_of[before] == rater:
                rater_of[ident] = rater
                new.append(ident)
    return frozenset(rater_of)
