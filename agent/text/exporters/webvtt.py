"""WebVTT with one cue a turn and voice tags, for players and other programs (https://www.w3.org/TR/webvtt1/).

A cue must have times. A turn without one gets the time of the turn before it, and its cue's id says `untimed`, so that
reading it back invents nothing.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from agent.domain.transcript import Transcript, Turn
from agent.text.importers.times import clock
from agent.text.importers.webvtt import OWN_NOTE

_LAST_TURN_S = 1.0


def written(transcript: Transcript) -> str:
    """The transcript as WebVTT. A cue ends where the next timed one begins, the last after a second."""
    cues = [_cue(transcript.turns, turn) for turn in transcript.turns]
    return "\n\n".join(["WEBVTT", OWN_NOTE, *cues]) + "\n"


def _cue(turns: Sequence[Turn], turn: Turn) -> str:
    begin = next((t.start for t in reversed(turns[: turn.index + 1]) if t.start is not None), 0.0)
    following = next((t.start for t in turns[turn.index + 1 :] if t.start is not None), begin + _LAST_TURN_S)
    ident = f"turn {turn.index}" + (" untimed" if turn.start is None else "")
    times = f"{clock(begin)} --> {clock(max(following, begin + 0.001))}"
    return f"{ident}\n{times}\n<v {_escaped(turn.speaker)}>{_escaped(turn.text)}</v>"


def _escaped(text: str) -> str:
    """Without line ends and angle brackets, so that no text can end a cue or open a tag."""
    return html.escape(" ".join(text.split()), quote=False)
