"""Interviews, to read. They come in by upload."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query

from agent.app.web.auth import Team
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.interviews.store import Interviews
from agent.patterns.views import InterviewOut, InterviewWords, TurnOut

router = api_router("interviews")


@router.get("/interviews")
def list_interviews(
    who: Team,
    paging: Pages,
    outcome: Annotated[Literal["won", "lost", ""], Query(description="Only those about such deals.")] = "",
) -> Page[InterviewOut]:
    """All interviews, by id."""
    behind = paging.after or ""
    found = [i for i in who.space.store[Interviews].all() if i.id > behind and outcome in ("", i.outcome)]
    return paging.page(found[: paging.fetch], lambda i: i.id, lambda i: InterviewOut(**InterviewOut.facts(i)))


@router.get("/interviews/{ident}")
def read_interview(who: Team, ident: Annotated[str, Path(max_length=200, examples=["won-01"])]) -> InterviewWords:
    """One interview with its transcript."""
    found = who.space.store[Interviews].get(ident)
    turns = [TurnOut(**turn.model_dump()) for turn in found.transcript.turns]
    roles = {name: str(role) for name, role in found.transcript.roles.items()}
    return InterviewWords(**InterviewOut.facts(found), details=found.details, roles=roles, turns=turns)
