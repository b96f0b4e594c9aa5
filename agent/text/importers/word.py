"""Word documents (DOCX): paragraphs in the styles of plain text, or tables with one turn a row. Read by python-docx."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from agent.core.lazy import lazy
from agent.text.importers.archive import check_bounds, holds, sizes
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.blocks import Block, lines_of_blocks

if TYPE_CHECKING:
    import docx
    import docx.exceptions
    import docx.opc.exceptions
else:
    docx = lazy("docx")

_MAIN = "word/document.xml"
_MAX_XML = 10 * 2**20  # a day of talk has some three
_TITLES = frozenset({"Title", "Subtitle", "Heading", "Header", "Caption"})
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# What was deleted, moved away or is shown a second time, and the tab stops of a style.
_UNSAID = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}tabs", _FALLBACK})


def _sniff(source: Source) -> bool:
    return holds(source, _MAIN)


def _read(source: Source) -> list[Line]:
    check_bounds(source)
    if dict(sizes(source)).get(_MAIN, 0) > _MAX_XML:
        raise source.problem(None, f"its text is larger than {_MAX_XML // 2**20} MB", "split it")
    try:
        return lines_of_blocks(source, list(_blocks(docx.Document(io.BytesIO(source.data)))))
    except (BadZipFile, docx.opc.exceptions.OpcError, docx.exceptions.PythonDocxError, *PARSER_FAULTS) as error:
        what = f"this Word document cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "open it in Word and save it again as .docx") from None


def _blocks(document: docx.document.Document) -> Iterator[Block]:
    """Paragraphs and tables in the order they stand, also those in content controls. A table inside a table is read
    as text."""
    styles = {style.style_id: style.name or "" for style in document.styles}
    waiting = list(document.element.body)[::-1]
    while waiting:
        element = waiting.pop()
        if element.tag == f"{_W}p":
            named = element.find(f"{_W}pPr/{_W}pStyle")
            heading = styles.get("" if named is None else str(named.get(f"{_W}val", "")), "").split(" ")[0] in _TITLES
            yield from (Block(text, heading) for text in _texts(element))
        elif element.tag == f"{_W}tbl":
            rows = [[cell for cell in row if cell.tag == f"{_W}tc"] for row in element if row.tag == f"{_W}tr"]
            yield Block(rows=tuple(tuple("\n".join(_texts(cell)).strip() for cell in row) for row in rows))
        elif element.tag not in _UNSAID:
            waiting += list(element)[::-1]


def _texts(root: Any) -> list[str]:
    """The text of each paragraph in an element: with tracked insertions and text boxes, without deleted text."""
    texts: list[list[str]] = []
    waiting: list[tuple[Any, int]] = [(root, -1)]
    while waiting:
        element, inside = waiting.pop()
        tag = element.tag
        if tag in _UNSAID:
            continue
        if tag == f"{_W}p":
            texts.append([])
            inside = len(texts) - 1
        elif inside >= 0 and tag in _MARKS:
            texts[inside].append(_MARKS[tag])
        elif inside >= 0 and tag == f"{_W}t":
            texts[inside].append(element.text or "")
        waiting += [(child, inside) for child in reversed(element)]
    return ["".join(parts) for parts in texts]


FORMAT = Format("docx", "Word documents: paragraphs or tables", (".docx",), _sniff, _read)
