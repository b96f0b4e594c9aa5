"""WebVTT with one cue a turn and voice tags, for players and other programs (https://www.w3.org/TR/webvtt1/).

A cue must have times. A turn without one gets the time of the turn before it, and its cue's id says `untimed`, so that
reading it back invents nothing.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from agent.core.transcript import Transcript, Turn
from agent.text.importers.times import clock
from agent.text.importers.webvtt import OWN_NOTE

_LAST_TURN_S = 1.0


def written(transcript: Transcript) -> str:
    """The transcript as WebVTT. A cue ends where the next timed one begins, the last after a second."""
    begins = _carried(turn.start for turn in transcript.turns)
    next_starts = [*_carried(turn.start for turn in reversed(transcript.turns))[::-1][1:], None]
    cues = [_cue(*parts) for parts in zip(transcript.turns, begins, next_starts, strict=True)]
    return "\n\n".join(["WEBVTT", OWN_NOTE, *cues]) + "\n"


def _carried(starts: Iterable[float | None]) -> list[float | None]:
    """Each start, or where there is none the one before it."""
    carried: list[float | None] = []
    for start in starts:
        carried.append(start if start is not None or not carried else carried[-1])
    return carried


def _cue(turn: Turn, begin: float | None, following: float | None) -> str:
    begin = begin or 0.0
    ident = f"turn {turn.index}" + (" untimed" if turn.start is None else "")
    end = begin + _LAST_TURN_S if following is None else max(following, begin + 0.001)
    return f"{ident}\n{clock(begin)} --> {clock(end)}\n<v {_escaped(turn.speaker)}>{_escaped(turn.text)}</v>"


def _escaped(text: str) -> str:
    """Without line ends and angle brackets, so that no text can end a cue or open a tag."""
    return html.escape(" ".join(text.split()), quote=False)
