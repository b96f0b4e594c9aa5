"""Who may see which ratings while calibration rounds are open. This is the only place that decides it.

The rule: while any rater of a round has not submitted, ratings of the round's calls are shown to nobody but

1. the raters of that round who have submitted, and
2. whoever gave the rating, to see what they gave themselves.

"Ratings" means all of them: any rater's, the model's, against any rubric, from before the round or since. Whoever is
not a rater of the round, or does not say who they are, waits as well: otherwise leaving the name out would be a way
to look. A round that is given up ends for everybody at once: those who had not submitted no longer can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, select

from agent.calibration.model import CalibrationRound, Looked
from agent.calibration.store_log import append
from agent.core.people import is_model
from agent.db.schema import ratings as rating_rows
from agent.db.schema import round_calls, round_log, round_submissions, rounds
from agent.ratings.model import Rating


@dataclass(frozen=True)
class Withheld:
    """Ratings that were not shown because of one round, and whom it waits for."""

    round: int
    ratings: int
    waiting: tuple[str, ...]

    def without_names(self) -> Withheld:
        """The same without the round's number and raters."""
        return Withheld(0, self.ratings, ())

    def __str__(self) -> str:
        """One sentence, without anything that is withheld."""
        if not self.waiting:
            are = "rating is" if self.ratings == 1 else "ratings are"
            return f"{self.ratings} {are} withheld until the calibration of these calls is over"
        are = "rating of its calls is" if self.ratings == 1 else "ratings of its calls are"
        return (
            f"calibration round {self.round} is blind: {self.ratings} {are} withheld until "
            f"{', '.join(self.waiting)} submitted; a rater who has may look"
        )


@dataclass(frozen=True)
class Look:
    """What a viewer gets: the ratings, and for each round how many it does not get. `looked` is what to log of it."""

    ratings: list[Rating]
    withheld: tuple[Withheld, ...] = ()
    looked: tuple[tuple[str, Looked], ...] = ()

    def without_names(self) -> Look:
        """The same for somebody whom rounds do not concern: how many ratings are withheld, not by whom it waits."""
        return Look(self.ratings, tuple(w.without_names() for w in self.withheld), self.looked)


def read_round(connection: Connection, body: str) -> CalibrationRound:
    """A stored round with who has submitted and the state that follows."""
    ident = CalibrationRound.model_validate_json(body).id
    submissions = select(round_submissions.c.rater).where(round_submissions.c.round == ident)
    found = _with_submissions(body, connection.execute(submissions).scalars())
    closings = select(round_log.c.seq).where(round_log.c.round == ident, round_log.c.kind == "closed")
    is_closed = connection.execute(closings).first() is not None
    return found.model_copy(update={"state": "closed"}) if is_closed else found


def _with_submissions(body: str, raters: Iterable[str]) -> CalibrationRound:
    """A stored round that is not closed, with those of its raters who have submitted."""
    stored, given = CalibrationRound.model_validate_json(body), set(raters)
    submitted = tuple(rater for rater in stored.raters if rater in given)
    state = "rated" if len(submitted) == len(stored.raters) else "rating"
    return stored.model_copy(update={"submitted": submitted, "state": state})


def running_rounds(connection: Connection, calls: Iterable[str] | None = None) -> dict[str, CalibrationRound]:
    """The round of each call that is in one not closed yet; of `calls` only, if given.

    This is asked on every look at ratings, so it is one statement, and a second one where rounds are running.
    """
    closed = select(round_log.c.round).where(round_log.c.kind == "closed")
    with_submissions = rounds.outerjoin(round_submissions, round_submissions.c.round == rounds.c.id)
    query = select(rounds.c.body, round_submissions.c.rater).select_from(with_submissions)
    submitted: dict[str, set[str]] = {}
    for body, rater in connection.execute(query.where(rounds.c.id.not_in(closed))):
        submitted.setdefault(body, set()).add(rater or "")
    if not submitted:
        return {}
    running = [_with_submissions(body, raters) for body, raters in submitted.items()]
    by_id = {one.id: one for one in running}
    wanted = None if calls is None else set(calls)
    rows = connection.execute(select(round_calls.c.call, round_calls.c.round).where(round_calls.c.round.in_(by_id)))
    return {call: by_id[ident] for call, ident in rows if wanted is None or call in wanted}


def hidden_calls(connection: Connection, viewer: str) -> dict[str, CalibrationRound]:
    """Calls of which `viewer` may not see what others rated, each with its round."""
    running = running_rounds(connection)
    return {call: r for call, r in running.items() if r.blind and (is_model(viewer) or viewer not in r.submitted)}


def kept_from(hidden: Iterable[str], viewer: str) -> ColumnElement[bool]:
    """The rule above in SQL: ratings of `hidden_calls` that somebody else than `viewer` gave."""
    inside = rating_rows.c.call.in_(list(hidden))
    return inside if is_model(viewer) else inside & (rating_rows.c.rater != viewer)


def is_shown(rating: Rating, running: Mapping[str, CalibrationRound], viewer: str) -> bool:
    """The rule above for one rating. A viewer cannot take a model's name to see what the model gave."""
    found = running.get(rating.call)
    if found is None or not found.blind:
        return True
    return not is_model(viewer) and (viewer == rating.rater or viewer in found.submitted)


def look(connection: Connection, ratings: Sequence[Rating], viewer: str) -> Look:
    """What `viewer` may see of `ratings`. Every rating by somebody else on a running round's calls is to be logged."""
    running = running_rounds(connection, {rating.call for rating in ratings})
    shown = [rating for rating in ratings if is_shown(rating, running, viewer)]
    withheld, looked = [], []
    for found in sorted({r.id: r for r in running.values()}.values(), key=lambda r: r.number):
        others = [r for r in ratings if r.rater != viewer and (at := running.get(r.call)) and at.id == found.id]
        given = sum(is_shown(rating, running, viewer) for rating in others)
        kept = len(others) - given
        if others:
            looked.append((found.id, Looked(shown=given, withheld=kept)))
        if kept:
            withheld.append(Withheld(found.number, kept, found.waiting))
    return Look(shown, tuple(withheld), tuple(looked))


def record(engine: Engine, viewer: str, looked: Sequence[tuple[str, Looked]]) -> None:
    """Log looks, by round, before what was asked for is handed out: nothing is handed out if this fails.

    A transaction of its own: readers do not hold the write lock while they read.
    """
    if looked:
        with engine.begin() as connection:
            for round_id, event in looked:
                append(connection, round_id, viewer, event)
