"""Word documents (DOCX): paragraphs in the styles of plain text, or a table with one turn a row. Read by python-docx."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.text.importers.archive import check_bounds, holds
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.plain import is_time, lines_of_text
from agent.text.importers.rows import Columns, columns_of, guessed_columns, row_lines

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_MAIN = "word/document.xml"


def _sniff(source: Source) -> bool:
    return holds(source, _MAIN)


def _read(source: Source) -> list[Line]:
    check_bounds(source)
    document = _opened(source)
    for table in document.tables:
        rows = [[cell.text.strip() for cell in row.cells] for row in table.rows]
        if found := _turn_table(rows):
            columns, first = found
            said = row_lines(source, columns, list(enumerate(rows[first:], start=first + 1)))
            return [*_around(document, table), *said]
    return lines_of_text(list(_rows(document)))


def _opened(source: Source) -> Document:
    from zipfile import BadZipFile

    import docx
    from docx.opc.exceptions import OpcError

    try:
        return docx.Document(io.BytesIO(source.data))
    except (BadZipFile, OpcError, *PARSER_FAULTS) as error:
        what = f"this Word document cannot be opened ({type(error).__name__})"
        raise source.problem(None, what, "open it in Word and save it again as .docx") from None


def _turn_table(rows: Sequence[Sequence[str]]) -> tuple[Columns, int] | None:
    """The columns of a table of turns and its first row of words; None for a table of anything else."""
    if not rows:
        return None
    if columns := columns_of(rows[0]):
        return columns, 1
    guessed = guessed_columns(rows) if len(rows) > 1 else None
    return (guessed, 0) if guessed else None


def _around(document: Document, table: Table) -> list[Line]:
    """Words beside a table of turns that are no title: nobody's, so that they are not lost without a word."""
    paragraphs = [
        p.text for p in document.paragraphs if p.text.strip() and not _is_title(p.style.name if p.style else "")
    ]
    others = [
        cell.text
        for other in document.tables
        if other._tbl is not table._tbl
        for row in other.rows
        for cell in row.cells
    ]
    return [Line(None, text) for text in (*paragraphs, *others) if text.strip()]


def _is_title(style: str | None) -> bool:
    return (style or "").split(" ")[0] in {"Title", "Subtitle", "Heading", "Header", "Caption"}


def _rows(document: Document) -> Iterator[str]:
    """The document as rows of text. A heading counts if it is a time or comes twice (a speaker's name above words)."""
    from docx.table import Table

    texts = Counter(paragraph.text.strip() for paragraph in document.paragraphs)
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "  ".join(dict.fromkeys(cell.text.strip() for cell in row.cells))
        elif _is_title(block.style.name if block.style else "") and not _kept(block.text.strip(), texts):
            yield ""
        else:
            yield from block.text.split("\n")


def _kept(text: str, texts: Counter[str]) -> bool:
    return is_time(text) or texts[text] > 1


FORMAT = Format("docx", "Word documents: paragraphs or a table", (".docx",), _sniff, _read)
