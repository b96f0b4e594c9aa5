"""Interviews, to read. They come in by upload."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse

from agent.app.highlights import pieces
from agent.app.panels import panels
from agent.app.steps import next_step
from agent.app.view import Page
from agent.app.web.auth import Team
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import render
from agent.core.transcript import Span
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.interviews.views import InterviewView, InterviewWords
from agent.text.suspicion import suspicion

api = api_router("interviews")
pages = page_router()


@dataclass(frozen=True)
class InterviewShown:
    """What panels of an interview's page are asked about. `only` is the one pattern that
    is to be marked; empty: all."""

    interview: Interview
    only: str


@dataclass(frozen=True)
class Mark:
    """Words of an interview that a panel (its value `marks`) wants marked, with what they are marked for and a link."""

    span: Span
    name: str
    page: str


@api.get("/interviews")
def list_interviews(
    who: Team,
    paging: Pages,
    outcome: Annotated[Literal["won", "lost", ""], Query(description="Only those about such deals.")] = "",
) -> Page[InterviewView]:
    """All interviews, by id."""
    behind = paging.after or ""
    wanted = [i for i in who.space.store[Interviews].all() if i.id > behind and outcome in ("", i.outcome)]
    return paging.page(wanted[: paging.fetch], lambda i: i.id, InterviewView.of)


@api.get("/interviews/{ident}")
def read_interview(who: Team, ident: Annotated[str, Path(max_length=200, examples=["won-01"])]) -> InterviewWords:
    """One interview with its transcript."""
    interview = InterviewWords.of(who.space.store[Interviews].get(ident))
    who.read(ident)
    return interview


@pages.get("/interviews")
def list_page(request: Request, who: Team, paging: Pages, outcome: Literal["won", "lost", ""] = "") -> HTMLResponse:
    """All interviews, newest first."""
    every = sorted(who.space.store[Interviews].all(), key=lambda i: (i.date, i.id), reverse=True)
    behind = tuple(paging.after) if paging.after else None
    wanted = [
        i for i in every if outcome in ("", i.outcome) and (behind is None or (i.date.isoformat(), i.id) < behind)
    ]
    values = {
        "page": paging.page(wanted[: paging.fetch], lambda i: (i.date.isoformat(), i.id), InterviewView.of),
        "counts": sorted(Counter(i.outcome for i in every).items(), reverse=True),
        "outcome": outcome,
        "step": next_step(who, "patterns"),
    }
    return render(request, "interviews/list.html", who, values)


@pages.get("/interviews/{ident}")
def interview_page(
    request: Request,
    who: Team,
    ident: str,
    pattern: Annotated[str, Query(max_length=200)] = "",
    mark: Annotated[str, Query(max_length=40, pattern=r"^(\d{1,6}:\d{1,7}-\d{1,7})?$")] = "",
) -> HTMLResponse:
    """The transcript. `pattern` marks what counts for one pattern only; `mark` is `turn:start-end` of one quote."""
    interview = who.space.store[Interviews].get(ident)
    who.read(ident)
    shown = panels("interview", who, InterviewShown(interview, pattern))
    marks: list[Mark] = [mark for one in shown for mark in one.values.get("marks", ())]
    spans = [(m.span, m.page) for m in marks]
    changed = [v for v in who.space.store[Interviews].versions(ident) if not v.same_words]
    if mark and not changed:  # else nothing says of which words it is
        turn, start, end = map(int, re.split("[:-]", mark))
        if start < end:
            spans.append((Span(turn=turn, start=start, end=end), "here"))
    turns = [
        {
            "turn": turn,
            "suspicious": suspicion(turn),
            "pieces": pieces(turn.text, turn.index, spans),
            "marked_for": {m.page: m.name for m in marks if m.span.turn == turn.index},
        }
        for turn in interview.transcript.turns
    ]
    values = {"interview": InterviewView.of(interview), "turns": turns, "panels": shown, "only": pattern}
    values["reworded"] = changed[-1].at if changed else None
    roles = {name: str(role) for name, role in interview.transcript.roles.items()}
    return render(request, "interviews/show.html", who, values | {"roles": roles})
