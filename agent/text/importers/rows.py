"""Tables with one turn a row, from CSV, a workbook or a document: which column is the speaker, the words, the time."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from agent.text.importers.base import Line, Source, left_out
from agent.text.importers.labels import name_like
from agent.text.importers.shapes import numbered
from agent.text.importers.times import CLOCK, clock_seconds, plain_seconds, without_frames

# What exports call the columns, folded: the first of a kind that a header has is taken.
_SPEAKER = (
    *("speaker name", "participant name", "display name", "speaker", "name", "participant", "who", "person", "said by"),
    *("speaker label", "role", "speaker role", "speaker id", "user", "author", "sender", "sprecher", "sprecherin"),
    *("locuteur", "hablante", "interlocutor", "spreker", "falante", "orador", "parlante"),
    *("talare", "发言人", "話者", "화자"),
)  # fmt: skip
_TEXT = (
    *("text", "transcript", "transcription", "content", "utterance", "utterances", "sentence", "sentences", "words"),
    *("message", "dialogue", "dialog", "verbatim", "speech", "said", "caption", "line", "response", "comment"),
    *("statement", "quote", "texte", "texto", "wortlaut", "transkript", "tekst", "testo", "inhalt", "nachricht"),
    *("mensaje", "mensagem", "what", "内容", "発言", "내용"),
)  # fmt: skip
_START = (
    *("start", "start time", "time", "timestamp", "time stamp", "begin", "from", "start s", "time s", "start seconds"),
    *("in", "timecode", "offset", "zeit", "beginn", "heure", "début", "debut", "hora", "tiempo", "inicio", "início"),
    *("tijd", "tempo", "inizio", "tid", "时间", "時間", "시간"),
)  # fmt: skip
_START_MS = ("start ms", "start time ms", "begin ms", "offset ms", "start millis", "start milliseconds", "time ms")
# Words that tell a column of which nothing above is the whole name ("Transcript text", "What was said").
_SPEAKER_WORDS = frozenset(("speaker", "participant", "who", "person"))
_TEXT_WORDS = frozenset(("text", "transcript", "transcription", "utterance", "sentence", "words", "said", "dialogue"))
_START_WORDS = frozenset(("start", "time", "timestamp", "begin"))
_DIGIT = re.compile(r"\d")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HEADER_WORDS = 4
_HEADER_ROWS = 20  # a title or two may stand above the header
_SECONDS_OF_DAY, _DAY_DECIMALS = 86_400, 5
_RANGE = re.compile(rf"[\[(]?({CLOCK})[\])]?\s*(?:-->|->|-|–|—|to)\s*[\[(]?{CLOCK}[\])]?")
_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])\.?[Mm]\.?")
# Words in a second, between which people talk; what a column of bare numbers counts is told by it.
_SLOW, _FAST = 0.3, 12.0

_Row = tuple[int, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of the columns in a row, and how many there are. `scale` turns a bare number of the time column
    into seconds; 0 if the numbers themselves have to tell their unit."""

    speaker: int
    text: int
    start: int | None = None
    scale: float = 0.0
    width: int = 0


def columns_of(header: Sequence[str]) -> Columns | None:
    """The columns that a header row names, or None if it names no speaker or no words."""
    names = [" ".join(re.split(r"[\s_()\[\]-]+", _CAMEL.sub(" ", cell.strip()).lower())).strip() for cell in header]

    if any(_bare_number(name) is not None or clock_seconds(name) is not None for name in names):
        return None  # a first turn stands in this row
    titles = all(len(name.split()) <= _HEADER_WORDS for name in names)

    def first(known: Sequence[str], words: Collection[str] = ()) -> int | None:
        whole = next((names.index(name) for name in known if name in names), None)
        some = [
            i for i, name in enumerate(names) if titles and set(name.split()) & set(words) and not _DIGIT.search(name)
        ]
        return some[0] if whole is None and len(some) == 1 else whole

    speaker, text = first(_SPEAKER, _SPEAKER_WORDS), first(_TEXT, _TEXT_WORDS)
    millis = first(_START_MS)
    start = first(_START, _START_WORDS if millis is None else ())
    if speaker is None or text is None or speaker == text:
        return None
    width = max((i + 1 for i, name in enumerate(names) if name), default=0)
    if start is None and millis is not None:
        return Columns(speaker, text, millis, 0.001, width)
    return Columns(speaker, text, start, 0.0, width)


def header_of(rows: Sequence[_Row]) -> tuple[int, Columns] | None:
    """The number of the header among the first rows, and its columns. Rows above it are a title."""
    for at, (_, cells) in enumerate(rows[:_HEADER_ROWS]):
        columns = columns_of(["" if cell is None else str(cell) for cell in cells])
        if columns:
            return at, columns
    return None


def guessed_columns(rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table without a header: all names, all words, and perhaps all times, in two or three columns."""
    width = max(map(len, rows), default=0)
    if width not in (2, 3) or any(len(row) != width for row in rows):
        return None
    filled = [[row[i] for row in rows if row[i]] for i in range(width)]
    times = [i for i, cells in enumerate(filled) if cells and all(clock_seconds(c) is not None for c in cells)]
    names = [i for i, cells in enumerate(filled) if i not in times and cells and all(map(name_like, cells))]
    others = [i for i in range(width) if i not in times and i not in names[:1]]
    if not names or len(others) != 1 or len(times) > 1 or len(set(filled[names[0]])) == len(filled[names[0]]) > 1:
        return None
    if _is_header(rows[0][names[0]], rows[0][others[0]], filled[names[0]]):
        return None
    return Columns(names[0], others[0], times[0] if times else None, 1.0, width)


def _is_header(name: str, words: str, names: Sequence[str]) -> bool:
    """Whether a first row looks like unknown names of columns rather than a turn."""
    return names.count(name) == 1 < len(names) and len(words.split()) < _HEADER_WORDS and words[-1:].isalnum()


def table_lines(source: Source, rows: Sequence[_Row], at: int, columns: Columns) -> list[Line]:
    """The lines of a table whose header is row `at`; rows above it are marked as left out."""
    above = [left_out(_joined(cells), number, "above the header") for number, cells in rows[:at]]
    above += words_in_header(rows[at])
    return [*above, *row_lines(source, columns, rows[at + 1 :])]


def words_in_header(row: _Row) -> list[Line]:
    """The cells of a header that hold sentences, which no column is called: they are marked as left out, so that the
    person sees them."""
    cells = [str(cell) for cell in row[1] if cell is not None]
    return [left_out(cell, row[0], "in the header") for cell in cells if len(cell.split()) > _HEADER_WORDS]


def row_lines(source: Source, columns: Columns, rows: Sequence[_Row]) -> list[Line]:
    """One line for each numbered row that has words. Raises ImportProblem for a time that is none, for a row that has
    more cells than the header, and for one whose words are missing though other cells are filled."""
    lines = list(_lines(source, columns, rows))
    starts = [
        (row[columns.start] if columns.start is not None and columns.start < len(row) else None) for _, row in rows
    ]
    note = _excel_minutes(starts)
    return [replace(line, note=note) if note and i == 0 else line for i, line in enumerate(lines)]


def _lines(source: Source, columns: Columns, rows: Sequence[_Row]) -> Iterator[Line]:
    read = _Times(columns, rows)
    for number, row in rows:
        extra = [cell for cell in row[columns.width :] if cell not in (None, "") and str(cell).strip()]
        if columns.width and extra:
            what = f"this row has {len(row)} cells, the header {columns.width}"
            raise source.problem(number, what, "put quotation marks around a cell that holds a comma")
        text = _cell(row, columns.text)
        if text:
            label = _cell(row, columns.speaker).strip("*")  # bold in Markdown
            speaker = numbered(label) if label.isdigit() else label or None
            yield Line(speaker, text, read.seconds(source, number, row), number)
        elif len(row) <= columns.text and (short := _joined(row)):
            what = f"this row has no cell for the words: {short[:40]!r}"
            raise source.problem(number, what, "the row may be cut; give it as many cells as the header")
        elif _cell(row, columns.speaker):
            yield left_out(_joined(row), number, "a row without words")


def _joined(row: Sequence[Any]) -> str:
    return " | ".join(str(cell).strip() for cell in row if cell not in (None, "") and str(cell).strip())


def _cell(row: Sequence[Any], column: int | None) -> str:
    value = row[column] if column is not None and column < len(row) else None
    return "" if value is None else str(value).strip()


class _Times:
    """Reads the time column, all of it in the same way."""

    def __init__(self, columns: Columns, rows: Sequence[_Row]) -> None:
        self._column = columns.start
        written = [_cell(row, columns.start) for _, row in rows]
        numbers = [n for cell in written if (n := _bare_number(cell)) is not None]
        decimal = any(set(cell) & {".", ","} for cell in written)  # nobody writes parts of milliseconds
        words = sum(len(_cell(row, columns.text).split()) for _, row in rows)
        self._scale = columns.scale or (unit_of(numbers, words) if numbers and not decimal else 1.0)
        latest = max(numbers, default=0.0)
        exact = sum(len(cell.replace(",", ".").partition(".")[2]) >= _DAY_DECIMALS for cell in written)
        if exact * 2 > len(written) and not columns.scale and 0 < latest < 1 and words / latest > _FAST:
            self._scale = _SECONDS_OF_DAY  # a spreadsheet's time, shown as the part of a day that it is
        self._zero: float | None = None

    def seconds(self, source: Source, number: int, row: Sequence[Any]) -> float | None:
        if self._column is None or not _cell(row, self._column):
            return None
        value = row[self._column]
        seconds = self._moment(value) if isinstance(value, str | datetime) else None
        seconds = _seconds(value, self._scale) if seconds is None else seconds
        if seconds is None:
            what = f"not a time: {_cell(row, self._column)[:40]!r}"
            raise source.problem(number, what, "write 00:01:02 or a number of seconds")
        return seconds

    def _moment(self, value: str | datetime) -> float | None:
        """Seconds from the first time in the column, for times of day and dates ("10:00:02 AM",
        2026-03-03T10:00:02Z)."""
        if isinstance(value, str):
            at = moment(value)
        else:
            at = value.timestamp() if value.tzinfo else (value - datetime(1970, 1, 1)).total_seconds()
        if at is None:
            return None
        self._zero = at if self._zero is None else self._zero
        return round(at - self._zero, 3) if at >= self._zero else None


def moment(written: str) -> float | None:
    """The time of day that `written` names, in seconds from some midnight: with am or pm, or a date with a time.
    None for anything else."""
    if of_day := _OF_DAY.fullmatch(written.strip()):
        hour, minute, second = int(of_day[1]) % 12, int(of_day[2]), int(of_day[3] or 0)
        return (hour + 12 * (of_day[4] in "Pp")) * 3600.0 + minute * 60 + second
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", written.strip()):
        return None
    try:
        at = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else (at - datetime(1970, 1, 1)).total_seconds()


def unit_of(numbers: Sequence[float], words: int) -> float:
    """The unit of a file's bare `numbers` of time, in seconds: 1 or 0.001. They are milliseconds if as seconds they
    would mean slower speech than anybody's, and as milliseconds not faster. `words` is the number of words said
    until the last time."""
    latest = max(numbers, default=0.0)
    slow = words / latest < _SLOW if latest > 0 else False
    whole = all(float(number).is_integer() for number in numbers)
    return 0.001 if whole and slow and words / (latest / 1000) < _FAST else 1.0


def _bare_number(written: str) -> float | None:
    try:
        return float(written.replace(",", ".")) if ":" not in written and written else None
    except ValueError:
        return None


def _seconds(value: Any, scale: float) -> float | None:
    match value:
        case datetime():
            return None
        case timedelta():
            return plain_seconds(value.total_seconds())
        case time():
            return plain_seconds(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
        case str() if ":" in value:
            written = without_frames(value.strip())
            ranged = _RANGE.fullmatch(written)
            return clock_seconds(ranged[1] if ranged else written.strip("[]()"))
        case str():
            number = _bare_number(value.strip().removesuffix("s").strip())
            return None if number is None else plain_seconds(number, scale)
        case _:
            return plain_seconds(value, scale)


def _excel_minutes(values: Sequence[Any]) -> str:
    """A note for times that are all whole minutes: Excel may have taken minutes and seconds for hours and minutes."""
    clocks = [value for value in values if isinstance(value, time)]
    if len(clocks) < 2 or any(value.second or value.microsecond for value in clocks):
        return ""
    return "the times are whole minutes: if 0:14 meant 14 seconds, Excel holds hours and minutes"
