"""The sound of a call or interview, for whoever may read its words, and the player beside them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Path, Request
from fastapi.responses import Response, StreamingResponse

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.web.auth import Anybody, Team
from agent.app.web.problems import HttpProblem
from agent.app.web.routes import page_router
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.interviews.web import InterviewShown
from agent.speech.store import PIECE_BYTES, Kept, Recordings

pages = page_router()

Ident = Annotated[str, Path(max_length=200)]
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")
_MOST = 8 * PIECE_BYTES  # in one answer to a request for a range: players ask again for what follows
_Kind = Literal["calls", "interviews"]


@pages.get("/calls/{ident}/sound")
def sound_of_call(request: Request, who: Anybody, ident: Ident) -> Response:
    """The recording of a call as MP3, or a range of it."""
    return _sound(request, who, "calls", ident)


@pages.get("/interviews/{ident}/sound")
def sound_of_interview(request: Request, who: Team, ident: Ident) -> Response:
    """The recording of an interview as MP3, or a range of it."""
    return _sound(request, who, "interviews", ident)


def _sound(request: Request, who: Who, kind: _Kind, ident: str) -> Response:
    kept, store = _kept(who, kind, ident).sound, who.space.store[Recordings]
    if not kept.size:
        raise NotFound("the sound of this recording is not kept any more")
    who.read(ident, "sound_heard")
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    given = _RANGE.fullmatch(request.headers.get("range", ""))
    if given is None or not any(given.groups()):
        headers["Content-Length"] = str(kept.size)
        return StreamingResponse(_pieces(store, kept), media_type="audio/mpeg", headers=headers)
    first, last = given.groups()
    start = int(first) if first else max(0, kept.size - int(last))
    end = min(kept.size, int(last) + 1 if first and last else kept.size, start + _MOST)
    if start >= end:
        raise HttpProblem(416, "range", "this recording is shorter", {"Content-Range": f"bytes */{kept.size}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{kept.size}"
    return Response(store.bytes_of(kept.transcript, start, end), 206, headers, "audio/mpeg")


def _pieces(store: Recordings, kept: Kept) -> Iterator[bytes]:
    for start in range(0, kept.size, PIECE_BYTES):
        yield store.bytes_of(kept.transcript, start, min(kept.size, start + PIECE_BYTES))


@dataclass(frozen=True)
class _Recorded:
    """What is kept of a document's recording, and the document. `same_words`: they are still those that were heard."""

    sound: Kept
    document: Call | Interview
    same_words: bool


def _kept(who: Who, kind: _Kind, ident: str) -> _Recorded:
    """NotFound where the document may not be seen, or nothing of a recording is kept."""
    documents = who.space.store[Calls] if kind == "calls" else who.space.store[Interviews]
    document: Call | Interview = documents.get(ident)
    versions = documents.versions(ident)
    sound = who.space.store[Recordings].of([document.transcript.id, *(v.before for v in reversed(versions))])
    since = [v.before for v in versions].index(sound.transcript) if sound.transcript != document.transcript.id else None
    same = since is None or all(version.same_words for version in versions[since:])
    return _Recorded(sound, document, same)


def _player(who: Who, kind: _Kind, ident: str) -> Panel | None:
    try:
        found = _kept(who, kind, ident)
    except NotFound:
        return None
    kept, turns = found.sound, found.document.transcript.turns
    if not kept.size:
        return None
    # Where words were corrected by hand nobody knows when each is said: their turns play from the beginning.
    fits = found.same_words and len(turns) == len(kept.times)
    times = {
        turn.index: kept.times[turn.index] if fits else [(0, turn.start)] for turn in turns if turn.start is not None
    }
    address = f"/{kind}/{quote(ident, safe='')}/sound"
    values = {"address": address, "times": json.dumps(times, separators=(",", ":")), "seconds": kept.seconds}
    return Panel("speech/_player.html", values)


@panel("call_words")
def player_of_call(who: Who, ident: str) -> Panel | None:
    """The recording, and a button beside each quote and turn that plays from there."""
    return _player(who, "calls", ident)


@panel("interview")
def player_of_interview(who: Who, shown: InterviewShown) -> Panel | None:
    """The same for an interview."""
    return _player(who, "interviews", shown.interview.id)
