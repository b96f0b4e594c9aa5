"""What rests on one interview or call, and removing it with what may go along."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, select

from agent.core.errors import Conflict, NotFound
from agent.core.language import _
from agent.core.transcript import Quote
from agent.db import resting
from agent.db.collection import Collection
from agent.db.schema import calls, interviews, ratings, round_calls, rounds, rubrics
from agent.db.schema_jobs import job_calls, jobs
from agent.db.schema_reviews import review_queue
from agent.db.schema_server import disputes
from agent.db.scoping import check_run
from agent.ratings.rule import is_person
from agent.rubrics.model import Rubric
from agent.uploads.kinds import remove_document

Kind = Literal["interview", "call"]
TABLES = {"interview": interviews, "call": calls}


@dataclass(frozen=True)
class Hanging:
    """What rests on a document. `along` goes with it where that is wanted, `holds` is why it cannot go at all."""

    along: tuple[str, ...]
    holds: tuple[str, ...]


class Corrections(Collection):
    """Single interviews and calls, to be taken out. For an ops lead."""

    def hanging(self, kind: Kind, ident: str) -> Hanging:
        """What rests on a document. NotFound where there is none."""
        check_run(self._scope, "correct interviews and calls")
        with self._engine.connect() as connection:
            return _one_hanging(connection, kind, ident)

    def hangings(self, kind: Kind, idents: Sequence[str]) -> dict[str, Hanging]:
        """What rests on each of these documents."""
        check_run(self._scope, "correct interviews and calls")
        with self._engine.connect() as connection:
            return _hanging(connection, kind, idents)

    def quotes(self, kind: Kind, ident: str) -> list[Quote]:
        """The quotes of all ratings of a call, and the words of others beside them."""
        check_run(self._scope, "correct interviews and calls")
        query = select(ratings.c.body).where(ratings.c.call == (ident if kind == "call" else ""))
        bodies = [json.loads(body) for body in self._values(query)]
        told = [body["judgement"] for body in bodies]
        return [
            Quote.model_validate(one) for j in told for one in (*(j.get("quotes") or ()), *(j.get("context") or ()))
        ]

    def remove(self, kind: Kind, ident: str, *, along: bool) -> None:
        """Remove an interview (whose patterns do without it already) or a call, with the models' and imported ratings
        on it where they may go `along`. Conflict where anything else rests on it."""
        check_run(self._scope, f"delete a {kind}")
        with self._engine.begin() as connection:
            hanging = _one_hanging(connection, kind, ident)
            if stops := (*hanging.holds, *(() if along else hanging.along)):
                raise Conflict(f"{ident} stays: {stops[0]}")
            if kind == "call":
                for table in (ratings, job_calls, review_queue):
                    connection.execute(delete(table).where(table.c.call == ident))
            if not remove_document(connection, TABLES[kind], ident):
                raise Conflict(f"{ident} stays: something was just added to it")


def _one_hanging(connection: Connection, kind: Kind, ident: str) -> Hanging:
    if connection.execute(select(TABLES[kind].c.id).where(TABLES[kind].c.id == ident)).first() is None:
        raise NotFound(f"there is no {kind} {ident!r} in this workspace")
    return _hanging(connection, kind, [ident])[ident]


def _hanging(connection: Connection, kind: Kind, idents: Sequence[str]) -> dict[str, Hanging]:
    everything, quoted, made = resting.every(connection, kind, idents), _examples(connection), {}
    for ident in idents:
        by_people = _on_call(connection, ident) if kind == "call" else ()
        holds = tuple(dict.fromkeys((*quoted.get(ident, ()), *by_people)))
        made[ident] = Hanging(tuple(why for why in everything.get(ident, ()) if why not in holds), holds)
    return made


def _examples(connection: Connection) -> dict[str, list[str]]:
    """The criteria that quote each document."""
    found: dict[str, list[str]] = {}
    for body in connection.execute(select(rubrics.c.body)).scalars():
        rubric = Rubric.model_validate_json(body)
        for criterion in rubric.criteria:
            for example in criterion.examples:
                found.setdefault(example.source, []).append(
                    _("the criterion {name} of {rubric} quotes it", name=criterion.name, rubric=rubric.label)
                )
    return found


def _on_call(connection: Connection, ident: str) -> Iterator[str]:
    """What people did with a call: it cannot be made again."""
    used = select(rounds.c.number).join(round_calls, rounds.c.id == round_calls.c.round)
    for number in connection.execute(used.where(round_calls.c.call == ident)).scalars():
        yield _("it is in calibration round {n}", n=number)
    people = {r for r in connection.execute(select(ratings.c.rater).where(ratings.c.call == ident)).scalars()}
    for name in sorted(filter(is_person, people)):
        yield _("{name} rated it", name=name)
    if connection.execute(select(disputes.c.id).where(disputes.c.call == ident)).first():
        yield _("a rating of it is disputed")
    running = select(jobs.c.id).join(job_calls, jobs.c.id == job_calls.c.job)
    running = running.where(job_calls.c.call == ident, jobs.c.state.in_(("queued", "running", "paused")))
    for job in connection.execute(running).scalars():
        yield _("{job} is at work on it", job=job)
