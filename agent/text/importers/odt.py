"""Documents of LibreOffice (ODT): a zip with an XML inside, read by lxml into paragraphs and tables as Word's are."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from agent.core.lazy import lazy
from agent.text.importers.archive import check_bounds, holds, sizes
from agent.text.importers.base import Format, Line, Source
from agent.text.importers.blocks import Block, lines_of_blocks

etree = lazy("lxml.etree")

_MAIN, _KIND = "content.xml", b"application/vnd.oasis.opendocument.text"
_MAX_XML = 10 * 2**20
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MARKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
# Deleted words, comments and footnotes: in the file, and no part of the talk.
_UNSAID = frozenset({f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}sequence-decls"})


def _sniff(source: Source) -> bool:
    return holds(source, _MAIN) and _KIND in source.data[:200]


def _read(source: Source) -> list[Line]:
    check_bounds(source)
    if dict(sizes(source)).get(_MAIN, 0) > _MAX_XML:
        raise source.problem(None, f"its text is larger than {_MAX_XML // 2**20} MB", "split it")
    with zipfile.ZipFile(io.BytesIO(source.data)) as opened:
        xml = opened.read(_MAIN)
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise source.problem(None, "this document is broken or cut", "open it and save it again as .docx") from None
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise source.problem(None, "this document holds no text", "open it and save it again as .docx")
    return lines_of_blocks(source, list(_blocks(body)))


def _blocks(body: Any) -> Iterator[Block]:
    """Paragraphs and tables in the order they stand, also those in lists and sections."""
    waiting = list(body)[::-1]
    while waiting:
        element = waiting.pop()
        if element.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield Block(_words(element), element.tag == f"{_TEXT}h")
        elif element.tag == f"{_TABLE}table":
            rows = element.iter(f"{_TABLE}table-row")
            yield Block(rows=tuple(tuple(map(_cell, row.iterchildren(f"{_TABLE}table-cell"))) for row in rows))
        elif element.tag not in _UNSAID:
            waiting += list(element)[::-1]


def _cell(cell: Any) -> str:
    return "\n".join(_words(part) for part in cell.iter(f"{_TEXT}p", f"{_TEXT}h")).strip()


def _words(paragraph: Any) -> str:
    parts: list[str] = []
    waiting: list[Any] = [paragraph]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(one)
            continue
        if one.tag in _MARKS:
            parts.append(_MARKS[one.tag])
        elif one.tag not in _UNSAID and isinstance(one.tag, str):
            waiting += [one.text or "", *(x for child in one for x in (child, child.tail or ""))][::-1]
    return "".join(parts)


FORMAT = Format("odt", "LibreOffice documents: paragraphs or tables", (".odt",), _sniff, _read)
