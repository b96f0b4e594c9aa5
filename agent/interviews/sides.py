"""On which side an interview counts whose deal has an ending of its own: as config/stages.yaml says."""

from collections.abc import Sequence
from datetime import date

from agent.db.overview import InterviewFact, Overview
from agent.interviews.model import Interview
from agent.workspace import Workspace


def counted(space: Workspace, interviews: Sequence[Interview]) -> list[Interview]:
    """The interviews as they count: with the outcome of their ending's side, without those that count on neither."""
    made = []
    for interview in interviews:
        side = space.stages.endings[interview.ending] if interview.ending else interview.outcome
        if side != "neither":
            made.append(interview if side == interview.outcome else interview.model_copy(update={"outcome": side}))
    return made


def sided(space: Workspace) -> list[tuple[str, date]]:
    """The side and the day of every interview that counts on one: what "won" and "lost"
    mean wherever they are counted."""
    facts = [(_side(space, one), one.day) for one in space.store[Overview].interviews()]
    return [(side, day) for side, day in facts if side != "neither"]


def on_neither_side(space: Workspace) -> list[str]:
    """Ids of the interviews that count on neither side."""
    return [one.id for one in space.store[Overview].interviews() if _side(space, one) == "neither"]


def _side(space: Workspace, one: InterviewFact) -> str:
    sides: dict[str, str] = {"": one.outcome, **dict(space.stages.endings.items())}
    return sides[one.ending]
