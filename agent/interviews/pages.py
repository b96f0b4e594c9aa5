"""An interview to read: its transcript with the words that count for patterns marked in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from agent.app.web.auth import SignedIn, Team
from agent.app.web.highlights import pieces
from agent.app.web.routes import page_router
from agent.app.web.templates import render
from agent.core.errors import NotFound
from agent.core.transcript import Span
from agent.interviews.store import Interviews
from agent.patterns import pattern_views
from agent.patterns import verbs_edits as pattern_edits

if TYPE_CHECKING:
    from agent.interviews.model import Interview

router = page_router()

_MARK = re.compile(r"(\d{1,6}):(\d{1,7})-(\d{1,7})")


@router.get("/interviews/{ident}")
def interview(
    request: Request,
    who: Team,
    ident: str,
    pattern: Annotated[str, Query(max_length=200)] = "",
    mark: Annotated[str, Query(max_length=40, pattern=r"^(\d{1,6}:\d{1,7}-\d{1,7})?$")] = "",
) -> HTMLResponse:
    """The transcript. `pattern` marks what counts for one pattern only; `mark` is `turn:start-end` of one quote."""
    found = who.space.store[Interviews].get(ident)
    marks = _marks(who, ident, pattern)
    spans = [(m.quote.span, m.pattern) for m in marks] + [(span, "here") for span in _asked_for(mark)]
    turns = [
        {
            "turn": turn,
            "pieces": pieces(turn.text, turn.index, spans),
            "patterns": {m.pattern: m.name for m in marks if m.quote.span.turn == turn.index},
        }
        for turn in found.transcript.turns
    ]
    shown = {m.pattern: m.name for m in marks}
    values = {"interview": found, "turns": turns, "shown": shown, "only": pattern, "part": _part(found)}
    return render(request, "interviews/show.html", who, values)


def _part(found: Interview) -> dict[str, str]:
    return {name: str(role) for name, role in found.transcript.roles.items()}


def _marks(who: SignedIn, ident: str, only: str) -> list[pattern_views.Marked]:
    try:
        found = pattern_edits.current(who.space)
    except NotFound:  # nothing was extracted yet: the transcript can be read all the same
        return []
    return pattern_views.quotes_in(found, ident, only)


def _asked_for(mark: str) -> list[Span]:
    match = _MARK.fullmatch(mark)
    if match is None:
        return []
    turn, start, end = map(int, match.groups())
    return [Span(turn=turn, start=start, end=end)] if start < end else []
