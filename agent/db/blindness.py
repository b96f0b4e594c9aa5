"""Who may see which ratings while calibration rounds are open. This is the only place that decides it.

The rule: while any rater of a round has not submitted, ratings of the round's calls are shown to nobody but

1. the raters of that round who have submitted, and
2. whoever gave the rating, to see what they gave themselves.

"Ratings" means all of them: any rater's, the model's, against any rubric, from before the round or since. Whoever is
not a rater of the round, or does not say who they are, waits as well: otherwise leaving the name out would be a way
to look. A round that is given up ends for everybody at once: those who had not submitted no longer can.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, select

from agent.core.people import is_model
from agent.db.round_log import Event, append
from agent.db.schema import ratings as rating_rows
from agent.db.schema import round_calls, round_log, round_submissions, rounds


class OfSomebody(Protocol):
    """The part of a rating that decides who may see it."""

    @property
    def call(self) -> str:
        """The id of the rated call."""

    @property
    def rater(self) -> str:
        """The name of whoever gave the rating."""


R = TypeVar("R", bound=OfSomebody)


class Looked(Event):
    """One request for other people's ratings on calls of a round: how many were shown, how many withheld. It is
    logged."""

    kind: Literal["looked"] = "looked"
    shown: int
    withheld: int


@dataclass
class RunningRound:
    """The part of an open calibration round that decides who may see what."""

    id: str
    number: int
    raters: tuple[str, ...]
    submitted: set[str] = field(default_factory=set)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Raters who have not submitted yet."""
        return tuple(rater for rater in self.raters if rater not in self.submitted)

    @property
    def blind(self) -> bool:
        """Whether ratings of its calls are still hidden from somebody."""
        return bool(self.waiting)


@dataclass(frozen=True)
class Withheld:
    """How many ratings are hidden because of one round, and which raters it is waiting for."""

    round: int
    ratings: int
    waiting: tuple[str, ...]

    def without_names(self) -> "Withheld":
        """The same without the round's number and raters, for people who may not know them."""
        return Withheld(0, self.ratings, ())

    def __str__(self) -> str:
        """One sentence that says why ratings are hidden, without anything that is hidden."""
        if not self.waiting:
            are = "rating is" if self.ratings == 1 else "ratings are"
            return f"{self.ratings} {are} withheld until the calibration of these calls is over"
        are = "rating of its calls is" if self.ratings == 1 else "ratings of its calls are"
        return (
            f"calibration round {self.round} is blind: {self.ratings} {are} withheld until "
            f"{', '.join(self.waiting)} submitted; a rater who has may look"
        )


@dataclass(frozen=True)
class Look(Generic[R]):
    """What a viewer may see: the ratings, and how many each round withholds. `looked` is what the round's log has to
    record."""

    ratings: list[R]
    withheld: tuple[Withheld, ...] = ()
    looked: tuple[tuple[str, Looked], ...] = ()

    def without_names(self) -> "Look[R]":
        """The same for people outside the rounds: how many ratings are withheld, without whom they wait for."""
        return Look(self.ratings, tuple(w.without_names() for w in self.withheld), self.looked)


def running_rounds(connection: Connection, calls: Iterable[str] | None = None) -> dict[str, RunningRound]:
    """The open round of each call that is in one. Only for `calls`, if given.

    Every view of ratings asks this, so it takes one statement, and a second one only while rounds are running.
    """
    closed = select(round_log.c.round).where(round_log.c.kind == "closed")
    with_submissions = rounds.outerjoin(round_submissions, round_submissions.c.round == rounds.c.id)
    columns = (rounds.c.id, rounds.c.number, rounds.c.body, round_submissions.c.rater)
    query = select(*columns).select_from(with_submissions).where(rounds.c.id.not_in(closed))
    running: dict[str, RunningRound] = {}
    for ident, number, body, rater in connection.execute(query):
        if ident not in running:
            running[ident] = RunningRound(ident, number, tuple(json.loads(body)["raters"]))
        running[ident].submitted |= {rater} if rater else set()
    if not running:
        return {}
    wanted = None if calls is None else set(calls)
    rows = connection.execute(select(round_calls.c.call, round_calls.c.round).where(round_calls.c.round.in_(running)))
    return {call: running[ident] for call, ident in rows if wanted is None or call in wanted}


def hidden_calls(connection: Connection, viewer: str) -> dict[str, RunningRound]:
    """The calls on which `viewer` may not see other people's ratings, each with its round."""
    running = running_rounds(connection)
    return {call: r for call, r in running.items() if r.blind and (is_model(viewer) or viewer not in r.submitted)}


def kept_from(hidden: Iterable[str], viewer: str) -> ColumnElement[bool]:
    """The rule above as an SQL condition: true for ratings of `hidden_calls` that somebody other than `viewer` gave."""
    inside = rating_rows.c.call.in_(list(hidden))
    return inside if is_model(viewer) else inside & (rating_rows.c.rater != viewer)


def is_shown(rating: OfSomebody, running: Mapping[str, RunningRound], viewer: str) -> bool:
    """The rule above for one rating. Nobody gets to see a model's rating by viewing under the model's name."""
    running_round = running.get(rating.call)
    if running_round is None or not running_round.blind:
        return True
    return not is_model(viewer) and (viewer == rating.rater or viewer in running_round.submitted)


def look(connection: Connection, ratings: Sequence[R], viewer: str) -> Look[R]:
    """What `viewer` may see of `ratings`. Every rating by somebody else on a running round's calls is recorded."""
    running = running_rounds(connection, {rating.call for rating in ratings})
    shown = [rating for rating in ratings if is_shown(rating, running, viewer)]
    withheld, looked = [], []
    for running_round in sorted({r.id: r for r in running.values()}.values(), key=lambda r: r.number):
        others = [r for r in ratings if r.rater != viewer and (at := running.get(r.call)) and at.id == running_round.id]
        given = sum(is_shown(rating, running, viewer) for rating in others)
        kept = len(others) - given
        if others:
            looked.append((running_round.id, Looked(shown=given, withheld=kept)))
        if kept:
            withheld.append(Withheld(running_round.number, kept, running_round.waiting))
    return Look(shown, tuple(withheld), tuple(looked))


def record(engine: Engine, viewer: str, looked: Sequence[tuple[str, Looked]]) -> None:
    """Write looks into the logs of their rounds. It is called before the ratings are handed out: if it fails, nothing
    is handed out.

    It uses a transaction of its own, so that reading does not hold the write lock.
    """
    if looked:
        with engine.begin() as connection:
            for round_id, event in looked:
                append(connection, round_id, viewer, event)
