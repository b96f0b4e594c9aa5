"""A document as plain data: its content, without how any format writes it.

Builders (`scoring_guide`, `scorecard` …) make a `Document`; writers (`as_docx`, `as_pdf` …) need nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Literal

Cell = str | int | float | None
Tone = Literal["", "good", "bad"]

# XML 1.0, and so DOCX and XLSX, has no place for these. Half of a surrogate pair cannot be written as UTF-8.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (a chapter) to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; `lead` stands in front of it in bold, `soft` makes it small and grey, `keep` holds it on the
    same page as what follows."""

    text: str
    lead: str = ""
    soft: bool = False
    keep: bool = False


@dataclass(frozen=True)
class Bullets:
    """A bulleted list."""

    entries: tuple[str, ...]


@dataclass(frozen=True)
class Quoted:
    """Somebody's words, where they were said and what they show. `label` stands in front of them in the color `tone`.

    `before` and `after` are the turns around them, one text for each turn, set small; the words themselves are bold
    then.
    """

    text: str
    source: str = ""
    note: str = ""
    label: str = ""
    tone: Tone = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Names with values, in two columns without lines."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Grid:
    """A table to read. `widths` are the columns' shares of the width; the columns in `right` are aligned right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True)
class Room:
    """Ruled lines for writing on by hand."""

    lines: int = 3
    label: str = ""


@dataclass(frozen=True)
class NewPage:
    """A page break."""


@dataclass(frozen=True)
class Together:
    """A few blocks that stay on one page. Only for what is much shorter than a page."""

    blocks: tuple[Heading | Paragraph | Bullets | Room, ...]


Block = Together | Heading | Paragraph | Bullets | Quoted | Facts | Grid | Room | NewPage


@dataclass(frozen=True)
class Data:
    """A table to compute with: numbers are numbers, None is no value. It becomes a sheet of a workbook, or a CSV file.

    Its name and column names are English here and are translated when they are written.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Document:
    """A document in the house style: title, date and provenance are on every page.

    `provenance` is one line that says what it was made from. `data` holds the same content as tables, the main one
    first. `logged` is its title in English, for the audit log. `one_page` makes the text smaller, down to 8.6 pt, if
    that brings it onto one page; `shorter` holds versions with less in them, which are tried in turn if that does not
    suffice (`as_pdf.fitted`).
    """

    title: str
    subtitle: str
    made_on: date
    provenance: str
    blocks: tuple[Block, ...]
    data: tuple[Data, ...]
    logged: str = ""
    one_page: bool = False
    shorter: "tuple[Document, ...]" = ()


def writable(value: Any) -> Any:
    """`value` (a text, or anything made of dataclasses and tuples) without characters that no format can hold."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if isinstance(value, tuple):
        return tuple(writable(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{f.name: writable(getattr(value, f.name)) for f in fields(value)})
    return value


def table(columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Grid:
    """A grid; `columns` are (name, width) pairs."""
    return Grid(
        columns=tuple(name for name, _ in columns),
        rows=tuple(tuple(row) for row in rows),
        widths=tuple(width for _, width in columns),
        right=tuple(right),
    )
