"""Word documents (DOCX): paragraphs in the styles of plain text, or a table with one turn a row. Read by python-docx."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.text.importers.archive import check_bounds, holds
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.plain import is_time, lines_of_text
from agent.text.importers.rows import Columns, columns_of, guessed_columns, row_lines

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_MAIN = "word/document.xml"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph's XML element, its text and the name of its style."""

    element: Any
    text: str
    style: str

    @property
    def is_title(self) -> bool:
        return self.style.split(" ")[0] in {"Title", "Subtitle", "Heading", "Header", "Caption"}


def _sniff(source: Source) -> bool:
    return holds(source, _MAIN)


def _read(source: Source) -> list[Line]:
    from zipfile import BadZipFile

    import docx
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError

    check_bounds(source)
    try:
        return _lines(source, docx.Document(io.BytesIO(source.data)))
    except (BadZipFile, OpcError, PythonDocxError, *PARSER_FAULTS) as error:
        what = f"this Word document cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "open it in Word and save it again as .docx") from None


def _lines(source: Source, document: Document) -> list[Line]:
    for table in document.tables:
        rows = _cells(table)
        if found := _turn_table(rows):
            columns, first = found
            said = row_lines(source, columns, list(enumerate(rows[first:], start=first + 1)))
            return [*_beside(document, table), *said]
    return lines_of_text(source, _rows(_paragraphs(document)))


def _paragraphs(document: Document) -> list[_Paragraph]:
    """All paragraphs in the order they stand: also those in tables, text boxes and content controls."""
    from docx.oxml.ns import qn

    styles = {style.style_id: style.name or "" for style in document.styles}
    found: list[_Paragraph] = []
    for element in document.element.body.iter(qn("w:p")):
        if not any(parent.tag.endswith("}Fallback") for parent in element.iterancestors()):
            found.append(_Paragraph(element, _text(element), styles.get(element.style or "", "")))
    return found


def _text(paragraph: Any) -> str:
    """A paragraph's text with tracked insertions, which python-docx leaves out, and without deletions."""
    from docx.oxml.ns import qn

    marks = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    gone, inner = {qn("w:moveFrom"), qn("w:del")}, qn("w:p")
    parts: list[str] = []
    for element in paragraph.iter(qn("w:t"), *marks):
        above = {parent.tag: parent for parent in reversed(list(element.iterancestors()))}
        if above.get(inner) is paragraph and not gone & set(above) and qn("w:tabs") not in above:
            parts.append(marks.get(element.tag) or element.text or "")
    return "".join(parts)


def _cells(table: Table) -> list[list[str]]:
    """The text of each row's cells. A merged cell counts once, whatever width it claims."""
    from docx.oxml.ns import qn

    element: Any = table._tbl
    rows = [list(row.iterchildren(qn("w:tc"))) for row in element.iterchildren(qn("w:tr"))]
    return [["\n".join(_text(p) for p in cell.iter(qn("w:p"))).strip() for cell in row] for row in rows]


def _turn_table(rows: Sequence[Sequence[str]]) -> tuple[Columns, int] | None:
    """The columns of a table of turns and its first row of words; None for a table of anything else."""
    if not rows:
        return None
    if columns := columns_of(rows[0]):
        return columns, 1
    guessed = guessed_columns(rows) if len(rows) > 1 else None
    return (guessed, 0) if guessed else None


def _beside(document: Document, table: Table) -> list[Line]:
    """Words beside a table of turns that are no title: nobody's, so that they are not lost in silence."""
    inside: Any = table._tbl
    others = [p for p in _paragraphs(document) if inside not in p.element.iterancestors() and not p.is_title]
    return [Line(None, p.text) for p in others if p.text.strip()]


def _rows(paragraphs: Sequence[_Paragraph]) -> list[str]:
    """The document as rows of text. A heading counts if it is a time or comes twice (a speaker's name above words)."""
    times = Counter(paragraph.text.strip() for paragraph in paragraphs)

    def kept(paragraph: _Paragraph) -> bool:
        text = paragraph.text.strip()
        return not paragraph.is_title or is_time(text) or times[text] > 1

    return [row for p in paragraphs for row in (p.text.split("\n") if kept(p) else [""])]


FORMAT = Format("docx", "Word documents: paragraphs or a table", (".docx",), _sniff, _read)
