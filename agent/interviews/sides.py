"""On which side an interview counts whose deal has an ending of its own: as config/stages.yaml says."""

from __future__ import annotations

from collections.abc import Sequence

from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.workspace import Workspace


def counted(space: Workspace, interviews: Sequence[Interview]) -> list[Interview]:
    """The interviews as they count: with the outcome of their ending's side, without those that count on neither."""
    made = []
    for interview in interviews:
        side = space.stages.endings[interview.ending] if interview.ending else interview.outcome
        if side != "neither":
            made.append(interview if side == interview.outcome else interview.model_copy(update={"outcome": side}))
    return made


def on_neither_side(space: Workspace) -> list[str]:
    """Ids of the interviews that count on neither side."""
    every = space.store[Interviews].all()
    there = {interview.id for interview in counted(space, every)}
    return [interview.id for interview in every if interview.id not in there]
