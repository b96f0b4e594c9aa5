"""The disputes and answers of a workspace. Append-only: one dispute a rating, one answer a dispute.

A dispute tells of a rating, so it is withheld with the ratings of its call while a blind round keeps those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, case, delete, func, insert, literal, select, tuple_
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Advice, Conflict, Forbidden, InputError, NotFound
from agent.core.people import Scope
from agent.db import blindness
from agent.db.schema import calls, ratings
from agent.db.schema_server import dispute_answers, dispute_assignments, disputes
from agent.db.scoping import check_name, check_rate, check_raters, own, own_calls, viewer_name
from agent.disputes.model import Dispute, DisputeAnswer, DisputeFilters, DisputePosition, DisputeRow
from agent.ratings.model import Rating
from agent.ratings.store import supersede

_d, _a, _to = disputes.c, dispute_answers.c, dispute_assignments.c
_ANSWERED: Any = case((_a.verdict.is_(None), 0), else_=1)
_WITH_ANSWERS = (
    disputes.join(ratings, ratings.c.id == _d.rating)
    .outerjoin(dispute_answers, _a.dispute == _d.id)
    .outerjoin(dispute_assignments, _to.dispute == _d.id)
)
_ROWS: Select[Any] = select(
    _d.rating, _d.call, _d.body, _a.body.label("answer"), ratings.c.rubric, func.coalesce(_to.person, "").label("to")
).select_from(_WITH_ANSWERS)

_MOST_OPEN = 10_000


@dataclass(frozen=True)
class DisputePage:
    """A page, and how many disputes that match are withheld because of running rounds."""

    rows: tuple[DisputeRow, ...]
    withheld: int = 0


@dataclass(frozen=True)
class DisputeCount:
    """How many disputes of one criterion of one rubric are in each state."""

    rubric: str
    criterion: str
    open: int
    upheld: int
    partly: int
    declined: int


class Disputes:
    """The workspace's disputes. A rep opens and sees the own; who may rate answers; a viewer reads."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def open(self, dispute: Dispute) -> Dispute:
        """Store a dispute of a current rating.

        Forbidden unless its rep opens it, NotFound where the rating is not on an own call, Conflict where the rating
        is disputed already or has been corrected.
        """
        if not self._scope.local and self._scope.role != "rep":
            raise Forbidden("only the rep of a call disputes its ratings; who may rate changes a rating by an override")
        names = {"id", "rating", "call", "criterion", "rep"}
        row = dispute.model_dump(include=names) | {"at": dispute.at.isoformat(timespec="microseconds")}
        r = ratings.c
        rated = select(r.id, calls.c.rep).join(calls, calls.c.id == r.call).where(r.id == dispute.rating)
        rated = rated.where(r.call == dispute.call, r.criterion == dispute.criterion).with_for_update(of=ratings)
        with self._engine.begin() as connection:
            found = connection.execute(own_calls(rated, r.call, self._scope)).first()
            if found is None or found.rep != dispute.rep:
                raise NotFound(f"there is no rating {dispute.rating!r} on an own call")
            if connection.execute(select(r.id).where(r.supersedes == dispute.rating)).first() is not None:
                raise Conflict("this rating was corrected meanwhile; look at the new one first")
            if connection.execute(select(_d.id).where(_d.rating == dispute.rating)).first() is not None:
                raise Conflict(
                    "this rating is disputed already", advice=Advice(page="/disputes", text="look at the answer")
                )
            connection.execute(insert(disputes).values(**row, body=dispute.model_dump_json()))
        return dispute

    def answer(self, answer: DisputeAnswer, correction: Rating | None = None) -> DisputeRow:
        """Store the answer, with the rating that an upheld dispute leads to; both or none.

        Conflict where somebody answered already, or changed the rating meanwhile; Forbidden for who may not rate;
        NotFound for a dispute that whoever answers may not see.
        """
        check_rate(self._scope, "answer disputes")
        check_name(self._scope, answer.by, "answer disputes")
        if (answer.verdict != "declined") != (correction is not None):
            raise InputError(
                "a dispute that is upheld, in part or whole, comes with a new rating, a declined one without"
            )
        if correction is not None:
            check_raters(self._scope, [correction.rater])
        row = {"dispute": answer.dispute, "verdict": answer.verdict, "by": answer.by, "at": answer.at.isoformat()}
        try:
            with self._engine.begin() as connection:
                found = self._visible(connection, answer.dispute, answer.by)
                connection.execute(insert(dispute_answers).values(**row, body=answer.model_dump_json()))
                if correction is not None:
                    supersede(connection, correction)
        except IntegrityError as error:
            raise Conflict("somebody else answered this dispute meanwhile") from error
        return replace(found, answer=answer)

    def assign(self, ident: str, person: str, by: str, at: datetime) -> DisputeRow:
        """Say who is to answer; nobody where `person` is empty. Conflict where it is answered."""
        check_rate(self._scope, "assign disputes")
        check_name(self._scope, by, "assign disputes")
        with self._engine.begin() as connection:
            found = self._visible(connection, ident, by)
            if found.answer is not None:
                raise Conflict(f"this dispute was answered by {found.answer.by}; nobody has to answer it any more")
            connection.execute(delete(dispute_assignments).where(_to.dispute == ident))
            if person:
                row = {"dispute": ident, "person": person, "by": by, "at": at.isoformat()}
                connection.execute(insert(dispute_assignments).values(row))
        return replace(found, assigned=person)

    def get(self, ident: str, *, viewer: str = "") -> DisputeRow:
        """The dispute of that id. NotFound where there is none, or `viewer` may not see it."""
        with self._engine.connect() as connection:
            return self._visible(connection, ident, viewer)

    def _visible(self, connection: Connection, ident: str, viewer: str) -> DisputeRow:
        row = connection.execute(own(_ROWS.where(_d.id == ident), _d.rep, self._scope)).first()
        if row is None or row.call in blindness.hidden_calls(connection, viewer_name(self._scope, viewer)):
            raise NotFound(f"there is no dispute {ident!r} in this workspace")
        return _row(row)

    def page(
        self,
        filters: DisputeFilters | None = None,
        after: DisputePosition | None = None,
        limit: int = 50,
        *,
        viewer: str = "",
    ) -> DisputePage:
        """Disputes, open ones first and in each part the newest first, from behind the position `after`."""
        chosen = filters or DisputeFilters()
        query = self._matching(_ROWS, chosen)
        with self._engine.connect() as connection:
            hidden = list(blindness.hidden_calls(connection, viewer_name(self._scope, viewer)))
            kept = 0
            if hidden:
                counting = select(func.count()).select_from(_WITH_ANSWERS)
                kept = connection.execute(self._matching(counting, chosen).where(_d.call.in_(hidden))).scalar_one()
                query = query.where(_d.call.not_in(hidden))
            if after is not None:
                older = (after[0] == _ANSWERED) & (tuple_(_d.at, _d.id) < tuple_(literal(after[1]), literal(after[2])))
                query = query.where((after[0] < _ANSWERED) | older)
            rows = connection.execute(query.order_by(_ANSWERED, _d.at.desc(), _d.id.desc()).limit(limit)).all()
        return DisputePage(tuple(map(_row, rows)), int(kept))

    def counts(self, *, viewer: str = "") -> list[DisputeCount]:
        """How many there are by rubric and criterion, without those that are withheld."""
        state = func.coalesce(_a.verdict, "open")
        query = select(ratings.c.rubric, _d.criterion, state, func.count()).select_from(_WITH_ANSWERS)
        query = own(query, _d.rep, self._scope).group_by(ratings.c.rubric, _d.criterion, state)
        with self._engine.connect() as connection:
            hidden = list(blindness.hidden_calls(connection, viewer_name(self._scope, viewer)))
            if hidden:
                query = query.where(_d.call.not_in(hidden))
            by_place: dict[tuple[str, str], dict[str, int]] = {}
            for rubric, criterion, name, count in connection.execute(query):
                by_place.setdefault((rubric, criterion), {})[name] = count
        return [
            DisputeCount(rubric, criterion, *(by.get(name, 0) for name in ("open", "upheld", "partly", "declined")))
            for (rubric, criterion), by in sorted(by_place.items())
        ]

    def open_ones(self, *, viewer: str = "") -> list[DisputeRow]:
        """All that wait for an answer and may be seen, newest first."""
        return list(self.page(DisputeFilters("open"), limit=_MOST_OPEN, viewer=viewer).rows)

    def answered(self, *, viewer: str = "") -> list[DisputeRow]:
        """All answered disputes that may be seen, oldest answer first."""
        query = own(_ROWS.where(_a.verdict.is_not(None)), _d.rep, self._scope).order_by(_a.at, _d.id)
        with self._engine.connect() as connection:
            hidden = blindness.hidden_calls(connection, viewer_name(self._scope, viewer))
            return [_row(row) for row in connection.execute(query) if row.call not in hidden]

    def of_ratings(self, idents: Sequence[str]) -> dict[str, DisputeRow]:
        """The dispute of each of these ratings that has one. Give only ratings that may be seen."""
        query = own(_ROWS.where(_d.rating.in_(idents)), _d.rep, self._scope)
        with self._engine.connect() as connection:
            return {row.rating: _row(row) for row in connection.execute(query)}

    def _matching(self, query: Select[Any], filters: DisputeFilters) -> Select[Any]:
        query = own(query, _d.rep, self._scope)
        for name in ("rep", "criterion", "call"):
            if value := getattr(filters, name):
                query = query.where(_d[name] == value)
        if filters.assigned:
            query = query.where(_to.person == filters.assigned)
        if filters.state:
            query = query.where(int(filters.state == "answered") == _ANSWERED)
        return query


def _row(row: Row[Any]) -> DisputeRow:
    answer = None if row.answer is None else DisputeAnswer.model_validate_json(row.answer)
    return DisputeRow(Dispute.model_validate_json(row.body), answer, row.rubric, row.to)
