"""What people see of calibration rounds. Reps: never how a manager rated by name, only what was agreed or
settled. Viewers, and managers who did not rate in a round: its ratings without their raters. Names are
for the raters and for ops leads.

A rating that a person submitted in a round is shown to nobody in the scope of one rep, unless all raters of the round
said the same: then one of theirs counts, and it is shown without its rater.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from agent.core.language import _
from agent.core.people import Scope, is_model
from agent.db.schema import ratings, round_calls, round_ratings, round_submissions, rounds
from agent.db.scoping import own_calls, sees_team
from agent.ratings.recount import places_of, submitted_in_rounds
from agent.ratings.rule import AGREED, Counts, said_in_round, which_counts

_AT_ONCE = 500  # ids in one question


@dataclass(frozen=True)
class OfRounds:
    """Ids of ratings that are not shown at all, and by id what stands in the rater's place."""

    hidden: frozenset[str] = frozenset()
    unnamed: Mapping[str, str] = field(default_factory=dict)


def of_rounds(connection: Connection, scope: Scope) -> OfRounds:
    """What is hidden and unnamed for `scope`."""
    if scope.local or scope.may_run:
        return OfRounds()
    if sees_team(scope):
        return OfRounds(unnamed=_unnamed(connection, _given_by_others(connection, scope.name)))
    query = own_calls(select(round_calls.c.call), round_calls.c.call, scope)
    calls = list(connection.execute(query).scalars())
    hidden, unnamed = set[str](), dict[str, str]()
    for places in places_of(connection, calls, submitted_in_rounds(connection, calls)).values() if calls else ():
        for given in places.values():
            said = {one.id for one in said_in_round(given)}
            counts = which_counts(given)
            agreed = {counts.rating.id} if isinstance(counts, Counts) and counts.source == "agreed" else set()
            hidden |= said - agreed
            unnamed |= dict.fromkeys(agreed, AGREED)
    return OfRounds(frozenset(hidden), unnamed)


def _unnamed(connection: Connection, place_of: Mapping[str, int]) -> dict[str, str]:
    """What stands in the place of these raters, by rating: it says that all said the same where that is what counts,
    else which rater of the round it was, as the page of the round does."""
    if not place_of:
        return {}
    calls = list(connection.execute(select(ratings.c.call).where(ratings.c.id.in_(place_of)).distinct()).scalars())
    shown = {ident: _("rater {place}", place=place) for ident, place in place_of.items()}
    for places in places_of(connection, calls, submitted_in_rounds(connection, calls)).values():
        for given in places.values():
            counts, superseded = which_counts(given), {one.supersedes for one in given}
            if isinstance(counts, Counts) and counts.source == "agreed":
                shown |= {one.id: AGREED for one in given if one.id in place_of and one.id not in superseded}
    return shown


def _given_by_others(connection: Connection, name: str) -> dict[str, int]:
    """Ratings, and corrections of them, that people gave in rounds in which `name` was no rater, each with the place of
    its rater among the round's people, from 1."""
    own_rounds = select(round_submissions.c.round).where(round_submissions.c.rater == name)
    given = select(round_ratings.c.rating, round_ratings.c.rater, rounds.c.body).join_from(
        round_ratings, rounds, rounds.c.id == round_ratings.c.round
    )
    rows = connection.execute(given.where(round_ratings.c.round.not_in(own_rounds))).all()
    people = {
        body: [one for one in json.loads(body)["raters"] if not is_model(one)] for body in {row[2] for row in rows}
    }
    places = {body: {one: place for place, one in enumerate(names, start=1)} for body, names in people.items()}
    rater_of = {ident: (rater, places[body][rater]) for ident, rater, body in rows if not is_model(rater)}
    corrections = select(ratings.c.id, ratings.c.rater, ratings.c.supersedes)
    new = list(rater_of)
    while new:  # corrections of these, then corrections of those: going through all that there are takes long
        part, new = new[:_AT_ONCE], new[_AT_ONCE:]
        for ident, rater, before in connection.execute(corrections.where(ratings.c.supersedes.in_(part))):
            if rater_of[before][0] == rater:
                rater_of[ident] = rater_of[before]
                new.append(ident)
    return {ident: place for ident, (_, place) in rater_of.items()}
