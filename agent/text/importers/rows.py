"""Tables with one turn a row, from CSV, a workbook or a document: which column is the speaker, the words, the time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from agent.text.importers.base import Line, Source
from agent.text.importers.labels import name_like
from agent.text.importers.times import clock_seconds, plain_seconds

_SPEAKER = frozenset(
    {"speaker", "speaker name", "name", "participant", "participant name", "who", "person", "speaker label"}
)
_TEXT = frozenset(
    {
        "text",
        "transcript",
        "content",
        "utterance",
        "sentence",
        "words",
        "message",
        "dialogue",
        "said",
        "caption",
        "line",
    }
)
_START = frozenset(
    {
        "start",
        "start time",
        "time",
        "timestamp",
        "begin",
        "from",
        "start s",
        "time s",
        "start seconds",
        "in",
        "timecode",
    }
)
_START_MS = frozenset({"start ms", "start time ms", "begin ms", "offset ms", "start millis", "start milliseconds"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Which cell of a row is what; `scale` turns a bare number in the time column into seconds."""

    speaker: int
    text: int
    start: int | None = None
    scale: float = 1.0


def columns_of(header: Sequence[str]) -> Columns | None:
    """The columns that a header row names, or None if it names no speaker or no words."""
    names = [" ".join(re.split(r"[\s_()\[\]-]+", cell.strip().lower())).strip() for cell in header]

    def first(known: frozenset[str]) -> int | None:
        return next((i for i, name in enumerate(names) if name in known), None)

    speaker, text, start, millis = first(_SPEAKER), first(_TEXT), first(_START), first(_START_MS)
    if speaker is None or text is None:
        return None
    return Columns(speaker, text, start, 1.0) if start is not None else Columns(speaker, text, millis, 0.001)


def guessed_columns(rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table without a header: all names, all words, and perhaps all times, in two or three columns."""
    width = max(map(len, rows), default=0)
    if width not in (2, 3) or any(len(row) != width for row in rows):
        return None
    filled = [[row[i] for row in rows if row[i]] for i in range(width)]
    times = [i for i, cells in enumerate(filled) if cells and all(clock_seconds(c) is not None for c in cells)]
    names = [i for i, cells in enumerate(filled) if i not in times and cells and all(map(name_like, cells))]
    others = [i for i in range(width) if i not in times and i not in names[:1]]
    if not names or len(others) != 1 or len(times) > 1:
        return None
    return Columns(names[0], others[0], times[0] if times else None)


def row_lines(source: Source, columns: Columns, rows: Sequence[tuple[int, Sequence[Any]]]) -> list[Line]:
    """One line for each numbered row that has words. Raises ImportProblem for a time that is none."""
    lines: list[Line] = []
    for number, row in rows:
        text = _cell(row, columns.text)
        if text:
            start = _start(source, number, columns, row)
            lines.append(Line(_cell(row, columns.speaker) or None, text, start, number))
    return lines


def _cell(row: Sequence[Any], column: int | None) -> str:
    value = row[column] if column is not None and column < len(row) else None
    return "" if value is None else str(value).strip()


def _start(source: Source, number: int, columns: Columns, row: Sequence[Any]) -> float | None:
    if columns.start is None or not _cell(row, columns.start):
        return None
    seconds = _seconds(row[columns.start], columns.scale)
    if seconds is None:
        what = f"not a time: {_cell(row, columns.start)[:40]!r}"
        raise source.problem(number, what, "write 00:01:02 or a number of seconds")
    return seconds


def _seconds(value: Any, scale: float) -> float | None:
    match value:
        case datetime():
            return None
        case timedelta():
            return plain_seconds(value.total_seconds())
        case time():
            return plain_seconds(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
        case str() if ":" in value:
            return clock_seconds(value.strip().strip("[]()"))
        case str():
            return _number(value, scale)
        case _:
            return plain_seconds(value, scale)


def _number(written: str, scale: float) -> float | None:
    try:
        return plain_seconds(float(written), scale)
    except ValueError:
        return None
