"""Ratings. Append-only: a correction is a new rating that names the one it supersedes.

Whatever returns ratings takes a `viewer` and returns what `agent.db.blindness` lets that viewer see. Whoever is
signed in is always the viewer of that name, whatever is passed (`agent.db.scoping`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from agent.core.errors import Conflict, NotFound
from agent.core.observing import tell
from agent.db import blindness
from agent.db.blindness import Look
from agent.db.bulk import insert_rows
from agent.db.collection import Collection
from agent.db.database import Guard, read, transact
from agent.db.ledger import WaitingEntries
from agent.db.raw_rows import raw_column
from agent.db.schema import calls, ratings, round_calls, round_ratings, word_versions
from agent.db.schema_counting import counting
from agent.db.scoping import check_raters, own, own_calls, sees_team, viewer_name
from agent.db.word_versions import worded_since
from agent.ratings.model import Failed, Judgement, NotApplicable, Rated, Rating, Said
from agent.ratings.of_rounds import OfRounds, of_rounds
from agent.ratings.recount import places_of, recount, submitted_in_rounds
from agent.ratings.rule import AGREED, Counts, Source, Split, unnamed, which_counts
from agent.ratings.store_pages import RatingFilters, RatingPage, not_superseded, rating_page

_AT_ONCE = 400  # calls in one question
_ALIKE = ("rubric", "prompt", "model", "endpoint")


@dataclass(frozen=True)
class MadeWith:
    """What identifies a model's ratings of a call: the natural key of a scoring run. `endpoint`: see `Provenance`."""

    rubric: str
    prompt: str
    model: str
    draw: int
    endpoint: str = ""


@dataclass(frozen=True)
class CountedRating:
    """A rating that counts, and the part of the rule by which it does."""

    rating: Rating
    source: Source

    def without_names(self) -> "CountedRating":
        """Without the name of who rated in a calibration round."""
        return CountedRating(unnamed(self.rating, AGREED), self.source) if self.source == "agreed" else self


class Ratings(Collection):
    """The workspace's ratings."""

    def add(self, new: Sequence[Rating], paid: WaitingEntries | None = None) -> int:
        """Store ratings, all or none; those already stored are left as they are. Returns how many were new.

        What waits in `paid` goes with them. Forbidden for who may not rate, and under another name than the own.
        """
        return self._add(new, paid, None) or 0

    def add_if(self, guard: Guard, new: Sequence[Rating], paid: WaitingEntries | None = None) -> bool:
        """As `add`, in one transaction with `guard`. False if the guard says no: then no rating is stored."""
        return self._add(new, paid, guard) is not None

    def _add(self, new: Sequence[Rating], paid: WaitingEntries | None, guard: Guard | None) -> int | None:
        check_raters(self._scope, {r.rater for r in new})
        rows = [_row(rating) for rating in new]  # before the transaction: other writers wait for its end

        def work(connection: Connection) -> tuple[int | None, int]:
            booked = paid.write(connection) if paid is not None else 0
            allowed = guard is None or guard(connection)
            if not allowed:
                return None, booked
            added = _add_rows(connection, rows)
            if added:
                recount(connection, {rating.call for rating in new})
            return added, booked

        added, booked = transact(self._engine, work)
        if paid is not None:
            paid.forget(booked)
        if added:  # a call's ratings are all new, or all there already
            _tell_added(new)
        return added

    def current(
        self,
        calls: Sequence[str] = (),
        rubric: str = "",
        made_with: MadeWith | None = None,
        criterion: str = "",
        *,
        viewer: str = "",
    ) -> list[Rating]:
        """The ratings of `look`, without the counts of withheld ones."""
        return self.look(calls, rubric, made_with, criterion, viewer=viewer).ratings

    def look(
        self,
        calls: Sequence[str] = (),
        rubric: str = "",
        made_with: MadeWith | None = None,
        criterion: str = "",
        *,
        viewer: str = "",
        with_superseded: bool = False,
    ) -> Look[Rating]:
        """Ratings that no later one supersedes (or all), by call and in the order they were given, as far as `viewer`
        (a rater's name; empty for nobody) may see them."""
        query = own_calls(select(ratings.c.body) if with_superseded else _current(), ratings.c.call, self._scope)
        if calls:
            query = query.where(ratings.c.call.in_(calls))
        if rubric:
            query = query.where(ratings.c.rubric == rubric)
        if criterion:
            query = query.where(ratings.c.criterion == criterion)
        if made_with is not None:
            query = query.where(*_same(made_with))
        return self._look(query.order_by(ratings.c.call, ratings.c.seq), viewer)

    def supersede(self, new: Rating) -> Rating:
        """Store a rating that supersedes another one of the same call and criterion.

        Conflict where somebody superseded that one already, Forbidden as in `add`.
        """
        check_raters(self._scope, [new.rater])
        transact(self._engine, lambda connection: supersede(connection, new))
        _tell_added([new])
        return new

    def page(
        self, filters: RatingFilters | None = None, after: int | None = None, limit: int = 50, *, viewer: str = ""
    ) -> RatingPage:
        """Ratings without their words, newest first, after the position `after`; at most `limit`."""
        name = viewer_name(self._scope, viewer)
        with self._engine.connect() as connection:
            page, looked = rating_page(connection, self._scope, filters or RatingFilters(), after, limit, name)
        blindness.record(self._engine, name, looked)
        return page

    def get(self, ident: str, *, viewer: str = "") -> Rating:
        """The rating of that id. NotFound where there is none, or `viewer` may not see it."""
        query = own_calls(select(ratings.c.body).where(ratings.c.id == ident), ratings.c.call, self._scope)
        of_it = self._look(query, viewer).ratings
        if not of_it:
            raise NotFound(f"there is no rating {ident!r} in this workspace")
        return of_it[0]

    def of_round(self, round_id: str, *, viewer: str) -> Look[Rating]:
        """The ratings that raters submitted in a round, as they were then, as far as `viewer` may see them. A rep sees
        none: rounds are the team's."""
        if not sees_team(self._scope):
            return Look([])
        chosen = select(round_ratings.c.rating).where(round_ratings.c.round == round_id)
        query = select(ratings.c.body).where(ratings.c.id.in_(chosen)).order_by(ratings.c.call, ratings.c.seq)
        # Whoever shows them leaves names out where need be: `rater_names` of calibration.
        return self._look(query, viewer, with_raters=True)

    def said_in_rounds(self, round_ids: Sequence[str]) -> dict[str, list[Said]]:
        """As `of_round` for each of these, without reasons, quotes and where they come from: for what is counted and
        shows none of them, so it is no look. Nothing of a blind round, and nothing for a rep."""
        said: dict[str, list[Said]] = {ident: [] for ident in round_ids}
        c, of = ratings.c, round_ratings.c
        query = select(of.round, c.call, c.criterion, c.rater, c.status, c.value).join_from(
            ratings, round_ratings, of.rating == c.id
        )
        with self._engine.connect() as connection:
            blind = {one.id for one in blindness.running_rounds(connection).values() if one.blind}
            wanted = said.keys() - blind if sees_team(self._scope) else ()
            found = connection.execute(query.where(of.round.in_(wanted)).order_by(c.call, c.seq))
            for round_id, call, criterion, rater, status, value in found:
                said[round_id].append(Said(call, criterion, rater, _bare(status, value)))
        return said

    def that_count(
        self,
        rubric: str,
        calls: Sequence[str] | None = None,
        *,
        rep: str = "",
        criterion: str = "",
        since: datetime | None = None,
    ) -> list[CountedRating]:
        """The ratings that count against a rubric, by call: on the calls `calls`, of `rep`, on `criterion`, and on
        those that were rated after `since`, where given.

        Calls of a blind round have none for anybody, so there is no look to log.
        """
        c = counting.c
        query = own(select(c.call).where(c.rubric == rubric), c.rep, self._scope).order_by(c.call)
        if rep:
            query = query.where(c.rep == rep)
        if since is not None:
            newer = select(ratings.c.call).where(ratings.c.rubric == rubric, ratings.c.at > _as_kept(since))
            query = query.where(c.call.in_(newer))
        counted_ratings: list[CountedRating] = []
        with self._engine.connect() as connection:
            if calls is None:
                ids = list(connection.execute(query).scalars())
            else:
                parts = [query.where(c.call.in_(part)) for part in _parts(calls)]
                ids = [call for one in parts for call in connection.execute(one).scalars()]
            for part in _parts(ids):
                counted_ratings += _counted(connection, part, rubric, criterion)
            unnamed_ids = of_rounds(connection, self._scope).unnamed if sees_team(self._scope) else {}
        return [
            one.without_names() if one.rating.id in unnamed_ids or not sees_team(self._scope) else one
            for one in counted_ratings
        ]

    def calls_of_rounds(self) -> set[str]:
        """Ids of the calls that are or were in a calibration round."""
        query = own_calls(select(round_calls.c.call), round_calls.c.call, self._scope)
        return set(self._values(query.distinct()))

    def outcomes(self, rubric: str, call: str) -> dict[str, Counts | Split] | None:
        """By criterion what counts on a call, or on what its raters differ: by all its ratings, whoever asks. None as
        long as a round with the call is blind: nothing counts then."""
        with self._engine.connect() as connection:
            query = own_calls(select(calls.c.id).where(calls.c.id == call), calls.c.id, self._scope)
            if connection.execute(query).first() is None:
                return {}
            if any(one.blind for one in blindness.running_rounds(connection, [call]).values()):
                return None
            places = places_of(connection, [call], submitted_in_rounds(connection, [call]), rubric)
            given = places.get((call, rubric), {})
        return {name: outcome for name, all_ in given.items() if (outcome := which_counts(all_)) is not None}

    def which_have_one(self, rubric: str, calls: Sequence[str]) -> set[str]:
        """Those of `calls` that have a rating which counts against a rubric."""
        c = counting.c
        query = own(select(c.call).where(c.rubric == rubric), c.rep, self._scope)
        with self._engine.connect() as connection:
            parts = [connection.execute(query.where(c.call.in_(part))).scalars() for part in _parts(calls)]
            return {call for one in parts for call in one}

    def judged_until(
        self, rubric: str, at: datetime, calls: Sequence[str]
    ) -> dict[tuple[str, str], tuple[str, int | None]]:
        """Status and value of the newest rating until `at`, by call and criterion, on `calls`."""
        c, made = ratings.c, dict[tuple[str, str], tuple[str, int | None]]()
        # As a sum: SQLite would else go through all of the rubric's.
        query = select(c.call, c.criterion, c.status, c.value).where(c.rubric + "" == rubric, c.draw == 0)
        query = own_calls(query.where(c.at <= _as_kept(at)), c.call, self._scope)
        with self._engine.connect() as connection:
            for part in _parts(calls):
                for call, criterion, status, value in connection.execute(query.where(c.call.in_(part)).order_by(c.seq)):
                    made[call, criterion] = status, value
        return made

    def _look(self, query: Select[str], viewer: str, *, with_raters: bool = False) -> Look[Rating]:
        viewer = viewer_name(self._scope, viewer)
        with self._engine.connect() as connection:
            given = list(map(Rating.model_validate_json, connection.execute(query).scalars()))
            rounds = OfRounds() if with_raters else of_rounds(connection, self._scope)
            if rounds.hidden:
                given = [one for one in given if one.id not in rounds.hidden]
            look = blindness.look(connection, given, viewer)
            if named := rounds.unnamed:
                shown = [unnamed(one, named[ident]) if (ident := one.id) in named else one for one in look.ratings]
                look = replace(look, ratings=shown)
        blindness.record(self._engine, viewer, look.looked)
        return look if sees_team(self._scope) else look.without_names()

    def failed_ids(self, made_with: MadeWith) -> dict[tuple[str, str], str]:
        """Ids of current failed ratings by call and criterion: what may be asked again. Reveals no judgement."""
        query = own_calls(_current(), ratings.c.call, self._scope)
        query = query.where(*_same(made_with), ratings.c.status == "failed")
        columns = query.with_only_columns(ratings.c.call, ratings.c.criterion, ratings.c.id)
        return {(call, criterion): ident for call, criterion, ident in self._rows(columns)}

    def blind_calls(self, *, viewer: str) -> set[str]:
        """Calls on which `viewer` may not see the ratings of others."""
        name = viewer_name(self._scope, viewer)
        with self._engine.connect() as connection:
            hidden = set(blindness.hidden_calls(connection, name))
            if not sees_team(self._scope):
                query = own_calls(select(round_calls.c.call), round_calls.c.call, self._scope)
                hidden &= set(connection.execute(query).scalars())
        return hidden

    def rated_calls(self, made_with: MadeWith) -> set[str]:
        """Calls that already have ratings made with exactly this."""
        query = own_calls(select(ratings.c.call).where(*_same(made_with)), ratings.c.call, self._scope)
        return set(self._values(query.distinct()))

    def unrated_calls(
        self, *made_with: MadeWith, with_failed: bool = False, stages: Mapping[str, Sequence[str]] | None = None
    ) -> list[str]:
        """Ids of calls with a transcript and without ratings made with exactly one of these, in their order; ratings of
        words that were replaced since are none.

        `with_failed`: also those of which a rating failed and was not corrected. `stages`: by criterion the stages, in
        the calls' own words, whose calls it is rated on; then a call is missing that lacks one of its criteria.
        """
        query = self._unrated(made_with, with_failed, stages).with_only_columns(calls.c.id).order_by(calls.c.id)
        with self._engine.connect() as connection:
            return raw_column(connection, query)

    def count_unrated(
        self, *made_with: MadeWith, with_failed: bool = False, stages: Mapping[str, Sequence[str]] | None = None
    ) -> int:
        """How many `unrated_calls` has."""
        return int(self._values(self._unrated(made_with, with_failed, stages).with_only_columns(func.count()))[0])

    def _unrated(
        self, made_with: Sequence[MadeWith], with_failed: bool, stages: Mapping[str, Sequence[str]] | None
    ) -> Select[Any]:
        rated = or_(*(and_(*_same(one)) for one in made_with))
        missing: ColumnElement[bool] = calls.c.id.not_in(select(ratings.c.call).where(rated))
        if stages is not None:
            missing = or_(false(), *(_lacking(criterion, words, rated) for criterion, words in stages.items()))
        reworded = select(word_versions.c.document).where(
            word_versions.c.kind == "calls", word_versions.c.same_words == 0
        )
        since = select(ratings.c.seq).where(
            rated, ratings.c.call == word_versions.c.document, ratings.c.at > word_versions.c.at
        )
        missing = or_(missing, calls.c.id.in_(reworded.where(~since.exists())))
        if stages is not None:
            missing = and_(missing, calls.c.stage.in_({word for words in stages.values() for word in words}))
        if with_failed:
            failed_ones = _current().with_only_columns(ratings.c.call).where(rated, ratings.c.status == "failed")
            missing = or_(missing, calls.c.id.in_(failed_ones))
        readable = and_(calls.c.transcript.is_not(None), ~calls.c.sides_open)
        return own_calls(select(calls.c.id).where(readable, missing), calls.c.id, self._scope)

    def current_status(self, call: str, *made_with: MadeWith) -> dict[str, tuple[str, str]]:
        """By criterion: status and id of the call's current rating made with one of these, if it is of the words the
        call has now. Reveals no judgement."""
        rated = or_(*(and_(*_same(one)) for one in made_with))
        query = _current().where(ratings.c.call == call, rated).order_by(ratings.c.seq)
        query = query.where(~worded_since("calls", ratings.c.call, ratings.c.at))
        columns = query.with_only_columns(ratings.c.criterion, ratings.c.status, ratings.c.id)
        columns = own_calls(columns, ratings.c.call, self._scope)
        return read(self._engine, lambda c: {name: (status, ident) for name, status, ident in c.execute(columns)})

    def other_servers(self, made_with: MadeWith) -> list[str]:
        """Endpoints of ratings made with the same settings on another endpoint."""
        c = ratings.c
        query = select(c.endpoint).where(*_same_but_endpoint(made_with), c.endpoint != made_with.endpoint)
        query = own_calls(query, ratings.c.call, self._scope).distinct().order_by(ratings.c.endpoint)
        return read(self._engine, lambda connection: list(connection.execute(query).scalars()))

    def made_with(self, rubric: str) -> set[tuple[str, str, str]]:
        """Prompt, model and endpoint of all ratings against a rubric; all empty for people and imports."""
        c = ratings.c
        query = own_calls(select(c.prompt, c.model, c.endpoint).where(c.rubric == rubric), c.call, self._scope)
        following = query.order_by(c.prompt, c.model, c.endpoint).limit(1)
        ways: set[tuple[str, str, str]] = set()
        with self._engine.connect() as connection:
            row = connection.execute(following).first()
            while row is not None:  # from one to the next by index, not through all ratings of each
                prompt, model, endpoint = row
                ways.add((prompt, model, endpoint))
                same_prompt = following.where(c.prompt == prompt)
                next_ones = (
                    same_prompt.where(c.model == model, c.endpoint > endpoint),
                    same_prompt.where(c.model > model),
                    following.where(c.prompt > prompt),
                )
                row = next(filter(None, (connection.execute(one).first() for one in next_ones)), None)
        return ways

    def repeated(self, rubric: str) -> dict[str, tuple[int, int]]:
        """By criterion: pairs of a model's first and a later reading of the same call, and how many of them differ.

        Calls of a round that is still blind are left out: nobody may learn there how the model rated them.
        """
        first, again = ratings.alias("first"), ratings.alias("again")
        same = [first.c[name] == again.c[name] for name in (*_ALIKE, "call", "criterion", "rater")]
        query = select(first.c.criterion, first.c.value, again.c.value).where(
            *same, first.c.rubric == rubric, first.c.draw == 0, again.c.draw > 0
        )
        query = query.where(first.c.status == "rated", again.c.status == "rated")
        query = own_calls(query, first.c.call, self._scope)
        counts: dict[str, tuple[int, int]] = {}
        with self._engine.connect() as connection:
            blind = [call for call, round_ in blindness.running_rounds(connection).items() if round_.blind]
            if blind:
                query = query.where(first.c.call.not_in(blind))
            for criterion, one, other in connection.execute(query):
                pairs, changed = counts.get(criterion, (0, 0))
                counts[criterion] = (pairs + 1, changed + (one != other))
        return counts


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _counted(connection: Connection, calls: Sequence[str], rubric: str, criterion: str) -> list[CountedRating]:
    sources: dict[str, Source] = {}
    for places in places_of(connection, calls, submitted_in_rounds(connection, calls), rubric).values():
        for name, given in places.items():
            outcome = which_counts(given) if criterion in ("", name) else None
            if isinstance(outcome, Counts):
                sources[outcome.rating.id] = outcome.source
    query = select(ratings.c.body).where(ratings.c.call.in_(calls), ratings.c.id.in_(sources))
    bodies = connection.execute(query.order_by(ratings.c.call, ratings.c.seq)).scalars()
    return [CountedRating(rating, sources[rating.id]) for rating in map(Rating.model_validate_json, bodies)]


@cache
def _bare(status: str, value: int | None) -> Judgement:
    if status == "failed":
        return Failed(kind="reply", detail="")
    return NotApplicable() if value is None else Rated(value=value)


def _as_kept(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _tell_added(new: Sequence[Rating]) -> None:
    failures = [(r.judgement.status, r.judgement.kind if isinstance(r.judgement, Failed) else "") for r in new]
    for (status, kind), count in Counter(failures).items():
        tell("ratings", status=status, kind=kind, count=count)


def add_ratings(connection: Connection, new: Sequence[Rating]) -> int:
    """Store ratings that are not stored yet; returns how many. The caller runs `recount` once everything is written."""
    return _add_rows(connection, [_row(rating) for rating in new])


def supersede(connection: Connection, new: Rating) -> None:
    """Store `new`. The rating it corrects must exist, be of the same call and criterion, and be current."""
    # Locking the row of the corrected rating makes a second writer wait, so that it sees the
    # first one's rating (PostgreSQL).
    before = select(ratings.c.call, ratings.c.criterion).where(ratings.c.id == new.supersedes).with_for_update()
    row = connection.execute(before).first()
    if row is None or (row.call, row.criterion) != (new.call, new.criterion):
        raise NotFound(f"there is no rating {new.supersedes!r} of {new.criterion} on {new.call}")
    other = connection.execute(select(ratings.c.id).where(ratings.c.supersedes == new.supersedes)).scalar()
    if other is not None and other != new.id:
        raise Conflict("this rating was changed by somebody else meanwhile; look at the new one, then decide")
    add_ratings(connection, [new])
    recount(connection, [new.call])


def _add_rows(connection: Connection, rows: Sequence[dict[str, object]]) -> int:
    """Insert in one statement. The unique id decides what is new: asking first would let two writers add the same."""
    return insert_rows(connection, ratings, rows, unless="id")


def _current() -> Select[str]:
    return select(ratings.c.body).where(not_superseded())


def _lacking(criterion: str, stages: Sequence[str], rated: ColumnElement[bool]) -> ColumnElement[bool]:
    """Calls of these stages without a rating of the criterion."""
    query = select(ratings.c.call).where(rated, ratings.c.criterion == criterion)
    return and_(calls.c.stage.in_(stages), calls.c.id.not_in(query))


def _same(made_with: MadeWith) -> tuple[ColumnElement[bool], ...]:
    return (*_same_but_endpoint(made_with), ratings.c.endpoint == made_with.endpoint)


def _same_but_endpoint(made_with: MadeWith) -> tuple[ColumnElement[bool], ...]:
    return (
        ratings.c.rubric == made_with.rubric,
        ratings.c.prompt == made_with.prompt,
        ratings.c.model == made_with.model,
        ratings.c.draw == made_with.draw,
    )


def _row(rating: Rating) -> dict[str, object]:
    judgement, made = rating.judgement, rating.provenance
    return {
        "id": rating.id,
        "call": rating.call,
        "criterion": rating.criterion,
        "rater": rating.rater,
        "status": judgement.status,
        "value": judgement.value,
        "rubric": made.rubric,
        "prompt": made.prompt,
        "model": made.model,
        "draw": made.draw,
        "endpoint": made.endpoint,
        "at": rating.at.isoformat(),
        "supersedes": rating.supersedes,
        "body": rating.model_dump_json(),
    }


def failed(ratings: Sequence[Rating]) -> list[Rating]:
    """Those without a result."""
    return [rating for rating in ratings if isinstance(rating.judgement, Failed)]
