"""Quotes highlighted in their turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.core.transcript import Span


@dataclass(frozen=True)
class Piece:
    """A run of a turn's text, with the labels of the quotes that cover it (none: plain text)."""

    text: str
    labels: tuple[str, ...]


def pieces(text: str, marked: Iterable[tuple[Span, str]]) -> list[Piece]:
    """`text` cut at the ends of all spans. The pieces joined are `text`; overlapping quotes share a piece."""
    spans: Sequence[tuple[Span, str]] = list(marked)
    cuts = sorted({0, len(text), *(p for span, _ in spans for p in (span.start, span.end) if 0 < p < len(text))})
    return [
        Piece(
            text[start:end],
            tuple(dict.fromkeys(label for span, label in spans if span.start < end and span.end > start)),
        )
        for start, end in itertools.pairwise(cuts)
    ]
