"""Interviews with their transcripts."""

from __future__ import annotations

from sqlalchemy import Engine

from agent.core.people import Scope
from agent.db.schema import interviews
from agent.db.transcripts import Documents
from agent.interviews.model import Interview


class Interviews(Documents[Interview]):
    """The workspace's interviews; none for a rep."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        super().__init__(engine, scope, Interview, interviews, for_team=True)
