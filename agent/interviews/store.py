"""Interviews with their transcripts."""

from sqlalchemy import Engine, select

from agent.core.people import Scope
from agent.db.schema import interviews
from agent.db.transcripts import Documents
from agent.interviews.model import Interview


class Interviews(Documents[Interview]):
    """The workspace's interviews; none for a rep."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        super().__init__(engine, scope, Interview, interviews, for_team=True)

    def reps(self) -> list[str]:
        """Everybody whose deal an interview is about, by name; nobody for a rep."""
        if self._covered() is not None:
            return []
        with self._engine.connect() as connection:
            return sorted(connection.execute(select(interviews.c.rep).distinct()).scalars())
