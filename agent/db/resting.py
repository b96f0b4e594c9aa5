"""Finds what depends on an interview or call. It cannot be removed as long as anything does."""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, select

from agent.core.language import _, ngettext
from agent.db.schema import extractions, ratings, round_calls, rounds, rubrics
from agent.db.schema_jobs import job_calls

_IDS_AT_ONCE = 500


def reasons(connection: Connection, kind: str, idents: Sequence[str]) -> dict[str, str]:
    """For each document that something depends on, the most important dependency, in words."""
    why: dict[str, str] = {}
    for ident, reason in _all(connection, kind, idents):
        why.setdefault(ident, reason)
    return why


def every(connection: Connection, kind: str, idents: Sequence[str]) -> dict[str, list[str]]:
    """Everything that depends on each of these documents, in words."""
    why: dict[str, dict[str, None]] = {}
    for ident, reason in _all(connection, kind, idents):
        why.setdefault(ident, {})[reason] = None
    return {ident: list(reasons_of_it) for ident, reasons_of_it in why.items()}


def _all(connection: Connection, kind: str, idents: Sequence[str]) -> Iterator[tuple[str, str]]:
    wanted = set(idents)
    if kind == "interview":
        for interview in sorted(wanted & _read_interviews(connection)):
            yield interview, "patterns were found in it: its codings point into its words"
    else:
        for start in range(0, len(idents), _IDS_AT_ONCE):
            part = idents[start : start + _IDS_AT_ONCE]
            counted = select(ratings.c.call, func.count()).where(ratings.c.call.in_(part)).group_by(ratings.c.call)
            for call, count in connection.execute(counted):
                yield call, ngettext("{n} rating rests on it", "{n} ratings rest on it", count, n=count)
            used = select(round_calls.c.call, rounds.c.number).join(rounds, rounds.c.id == round_calls.c.round)
            for call, number in connection.execute(used.where(round_calls.c.call.in_(part))):
                yield call, _("it is in calibration round {n}", n=number)
            worked = select(job_calls.c.call, job_calls.c.job).where(job_calls.c.call.in_(part))
            for call, job in connection.execute(worked):
                yield call, _("{job} has it in its list", job=job)
    for body in connection.execute(select(rubrics.c.body)).scalars():
        rubric = json.loads(body)
        for criterion in rubric["criteria"]:
            for example in criterion["examples"]:
                if example["source"] in wanted:
                    yield example["source"], f"the criterion {criterion['id']} of {rubric['label']} quotes it"


def _read_interviews(connection: Connection) -> set[str]:
    read: set[str] = set()
    for body in connection.execute(select(extractions.c.body)).scalars():
        read.update(json.loads(body)["patterns"]["interviews"])
    return read
