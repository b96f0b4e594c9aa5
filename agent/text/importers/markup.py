"""Documents in RTF (read by striprtf) and HTML (read by lxml): paragraphs in the styles of plain text, or tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.blocks import Block, lines_of_blocks
from agent.text.importers.plain import lines_of_text

_MAX_RTF = 2 * 2**20
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|p|div|table|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = re.compile(r"</(body|html)\s*>", re.IGNORECASE)  # lxml drops what stands behind them
_SKIPPED = frozenset({"script", "style", "head", "template", "noscript"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "label", "mark", "s", "small", "span", "strong"}
    | {"sub", "sup", "time", "u"}
)
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def _sniff_rtf(source: Source) -> bool:
    return source.data[:16].lstrip().startswith(b"{\\rtf")


def _read_rtf(source: Source) -> list[Line]:
    from striprtf.striprtf import rtf_to_text

    if len(source.data) > _MAX_RTF:
        raise source.problem(None, f"the document is larger than {_MAX_RTF // 2**20} MB", "save it as .docx")
    try:
        text: str = rtf_to_text(source.data.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    except PARSER_FAULTS as error:
        what = f"this RTF document cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "save it as .docx") from None
    return lines_of_text(source, [row.replace("|", "\t").strip() for row in text.split("\n")])


def _sniff_html(source: Source) -> bool:
    return _HTML.match(source.text[:2000]) is not None


def _read_html(source: Source) -> list[Line]:
    import lxml.html
    from lxml.etree import LxmlError

    text = _ENDS.sub("", source.text)
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
        return lines_of_blocks(source, list(_blocks(root)))
    except (LxmlError, *PARSER_FAULTS) as error:
        what = f"this HTML page cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "copy its text into a .txt file") from None


def _blocks(root: Any) -> Iterator[Block]:
    """The page's paragraphs and tables in their order. Text without an element of its own is a paragraph too."""
    parts: list[str] = []
    heading = False
    waiting: list[Any] = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(one)
            continue
        if one is None:  # a block begins or ends
            yield from _paragraph(parts, heading)
            parts, heading = [], False
            continue
        if isinstance(one.tag, str) and one.tag not in _SKIPPED:
            if one.tag == "table" and not one.findall(".//table"):
                yield from _paragraph(parts, heading)
                parts, heading = [], False
                rows = (
                    tuple(" ".join(cell.itertext()).strip() for cell in row.iter("td", "th")) for row in one.iter("tr")
                )
                yield Block(rows=tuple(rows))
            elif one.tag == "br":
                parts.append("\n")
            else:
                heading = heading or one.tag in _TITLES
                inside = [one.text or "", *(x for child in one for x in (child, child.tail or ""))]
                block = one.tag not in _INLINE
                waiting += ([None] if block else []) + inside[::-1] + ([None] if block else [])
                if block and one.tag in _TITLES:
                    waiting.pop()
                    yield from _paragraph(parts, False)
                    parts = []
    yield from _paragraph(parts, heading)


def _paragraph(parts: list[str], heading: bool) -> Iterator[Block]:
    rows = [" ".join(row.split()) for row in "".join(parts).split("\n")] if heading or parts else []
    text = "\n".join(rows).strip() if "\n" in "".join(parts) else " ".join(rows)
    if text.strip():
        yield Block(text, heading)


RTF = Format("rtf", "RTF documents", (".rtf",), _sniff_rtf, _read_rtf)
HTML = Format("html", "HTML pages: paragraphs or tables", (".html", ".htm"), _sniff_html, _read_html)
