"""Turns what people wrote down into references: levels, and the turns of their quotes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.core.errors import ImportProblem
from agent.core.transcript import Quote
from agent.text.quotes import QuoteIndex


def level_of(value: Any) -> int | None:
    """A level, or None for n/a. ValueError for anything else."""
    return None if value == "n/a" else int(value)


def turns_of(path: Path, where: str, quotes: Sequence[str], index: QuoteIndex) -> tuple[int, ...]:
    """The turns that contain the reference's quotes. A quote that is not found is a fault of the suite."""
    turns = set()
    for quote in quotes:
        place = index.locate(quote)
        if not isinstance(place, Quote):
            raise ImportProblem(str(path), None, f"{where}: {place.detail}")
        turns.add(place.span.turn)
    return tuple(sorted(turns))


def quotes_in(cell: str) -> list[str]:
    """The quotes in a CSV cell, which holds a JSON list. ValueError for anything else."""
    quotes = json.loads(cell) if cell.strip() else []
    if not isinstance(quotes, list):
        raise ValueError("not a list")
    return [str(quote) for quote in quotes]
