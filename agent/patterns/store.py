"""Extractions: observations, codebook, codings and the patterns concluded from them. Append-only."""

from __future__ import annotations

from sqlalchemy import Engine, insert, select

from agent.core.errors import NotFound
from agent.core.people import Scope
from agent.db.schema import extractions
from agent.db.scoping import check_run, sees_team
from agent.db.transcripts import now
from agent.interviews.model import Extraction


class Extractions:
    """The workspace's extractions, newest last."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def add(self, extraction: Extraction) -> None:
        """Store an extraction, unless the newest one is the same. Forbidden unless an ops lead."""
        check_run(self._scope, "extract patterns")
        body = extraction.model_dump_json()
        with self._engine.begin() as connection:
            newest = connection.execute(select(extractions.c.body).order_by(extractions.c.seq.desc()).limit(1)).scalar()
            if newest != body:
                connection.execute(
                    insert(extractions).values(
                        pattern_set=extraction.patterns.id, codebook=extraction.codebook.id, at=now(), body=body
                    )
                )

    def newest(self) -> Extraction:
        """The last extraction. NotFound where there is none, and for a rep."""
        query = select(extractions.c.body).order_by(extractions.c.seq.desc()).limit(1)
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar() if sees_team(self._scope) else None
        if body is None:
            raise NotFound("no patterns have been extracted yet; run: closeread patterns extract")
        return Extraction.model_validate_json(body)
