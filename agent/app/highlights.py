"""Texts cut where quotes begin and end, so that a template can mark them. Spans may overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from agent.core.transcript import Span


@dataclass(frozen=True)
class Piece:
    """A part of a text, with the labels of all quotes that it belongs to."""

    text: str
    labels: tuple[str, ...]


def pieces(text: str, turn: int, marks: Iterable[tuple[Span, str]]) -> list[Piece]:
    """`text`, which is that of turn number `turn`, cut at the ends of the spans in it. Joined, it is the text again."""
    here = [(span, label) for span, label in marks if span.turn == turn and span.start < len(text)]
    cuts = sorted({0, len(text), *(s.start for s, _ in here), *(min(s.end, len(text)) for s, _ in here)})
    return [
        Piece(text[start:end], tuple(dict.fromkeys(label for s, label in here if s.start <= start and end <= s.end)))
        for start, end in pairwise(cuts)
    ]
