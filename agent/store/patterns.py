"""Extractions: observations, codebook, codings and the patterns concluded from them. Append-only."""

from __future__ import annotations

from sqlalchemy import Engine, insert, select

from agent.domain.interview import Extraction
from agent.errors import NotFound
from agent.store.schema import extractions
from agent.store.transcripts import now


class Extractions:
    """The workspace's extractions, newest last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, extraction: Extraction) -> None:
        """Store an extraction, unless the newest one is the same."""
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
        """The last extraction. NotFound where there is none."""
        with self._engine.connect() as connection:
            body = connection.execute(select(extractions.c.body).order_by(extractions.c.seq.desc()).limit(1)).scalar()
        if body is None:
            raise NotFound("no patterns have been extracted yet; run: closeread patterns extract")
        return Extraction.model_validate_json(body)
