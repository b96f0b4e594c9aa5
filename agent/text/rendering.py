"""Transcripts as models read them: numbered turns, whole or in overlapping windows."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.core.transcript import Transcript, Turn

# Four characters a token is the usual estimate for English; three leaves room for other languages.
_CHARS_PER_TOKEN = 3
_OVERLAP = 4


@dataclass(frozen=True)
class Window:
    """Consecutive turns of a transcript. `label` is empty where the window is the whole."""

    turns: tuple[Turn, ...]
    label: str


def numbered(turns: Sequence[Turn]) -> str:
    """One line a turn: its number in brackets, its speaker, its words unchanged but for line breaks."""
    return "\n".join(f"[{turn.index}] {turn.speaker}: {' '.join(turn.text.splitlines())}" for turn in turns)


def windows(transcript: Transcript, context_tokens: int) -> list[Window]:
    """The whole transcript if it fits into half the context, else windows that overlap by four turns.

    Every turn is in at least one window: nothing is cut off. A turn longer than a window stands alone in one.
    """
    limit = context_tokens // 2 * _CHARS_PER_TOKEN
    turns = transcript.turns
    if sum(_length(t) for t in turns) <= limit:
        return [Window(turns, "")]
    result = []
    start = 0
    while start < len(turns):
        used, end = 0, start
        while end < len(turns) and (end == start or used + _length(turns[end]) <= limit):
            used += _length(turns[end])
            end += 1
        label = f" (turns {start} to {end - 1} of {len(turns)}; the other parts are read separately)"
        result.append(Window(turns[start:end], label))
        if end == len(turns):
            break
        start = max(start + 1, end - _OVERLAP)
    return result


def _length(turn: Turn) -> int:
    return len(turn.speaker) + len(turn.text) + 10
