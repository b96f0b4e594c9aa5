"""Documents in RTF (read by striprtf) and HTML (read by lxml): paragraphs in the styles of plain text, or tables."""

import re
from collections.abc import Iterator
from typing import Any

from striprtf.striprtf import rtf_to_text

from agent.core.lazy import lazy
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source, left_out
from agent.text.importers.blocks import Block, lines_of_blocks
from agent.text.importers.plain import lines_of_text
from agent.text.importers.times import clock_seconds

lxml_html = lazy("lxml.html")
etree = lazy("lxml.etree")

_MAX_RTF = 2 * 2**20
# A control word is of small letters, save these; another may be one with spoken words grown onto it.
_CONTROL = re.compile(rb"(?<!\\)\\([a-z]*[A-Z][A-Za-z]*)")
_CAPITALS = re.compile(rb"(cl|tr)(FitText|NoWrap|(fts|w)Width[AB]?)|(no|trk)[A-Z]\w*Rules")
_SKIPPED_GROUP = re.compile(rb"\{\\(fonttbl|colortbl|stylesheet|info)\b")
_BRACE, _PARAGRAPH = re.compile(rb"(?<!\\)[{}]"), re.compile(rb"\\par(?![a-z])")
_SKIP_MARK = re.compile(rb"(?<![{\\\s])\\\*")
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|p|div|table|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = re.compile(r"</(body|html)\s*>", re.IGNORECASE)  # lxml drops what stands behind them
_CLOSING = re.compile(
    r"</[^A-Za-z>][^<>]*\w|</[A-Za-z][A-Za-z0-9:-]*(\s+[^<>]*\w[^<>]*[<>]|\s*[^A-Za-z0-9:\s>-][^<>]*[<>])"
)
_SKIPPED = frozenset({"script", "style", "title", "template", "noscript"})
_BARE_ATTRIBUTES = frozenset({"hidden", "nowrap", "checked", "disabled", "selected", "noshade", "compact", "itemscope"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "label", "mark", "s", "small", "span", "strong"}
    | {"sub", "sup", "time", "u"}
)
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def _sniff_rtf(source: Source) -> bool:
    return source.data[:16].lstrip().startswith(b"{\\rtf")


def _read_rtf(source: Source) -> list[Line]:
    if len(source.data) > _MAX_RTF:
        raise source.problem(None, f"the document is larger than {_MAX_RTF // 2**20} MB", "save it as .docx")
    _check_groups(source)
    try:
        text: str = rtf_to_text(source.data.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    except PARSER_FAULTS as error:
        what = f"this RTF document cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "save it as .docx") from None
    _check_hidden(source)
    strange = [word[1].decode() for word in _CONTROL.finditer(source.data) if not _CAPITALS.fullmatch(word[1])]
    aside = [left_out(f"\\{word}", None, "a control word that is not known, it may hold words") for word in strange]
    return [*aside, *lines_of_text(source, [row.replace("|", "\t").strip() for row in text.split("\n")])]


def _check_groups(source: Source) -> None:
    """Raises ImportProblem if the groups of an RTF document are not closed as they were opened: the library would
    stop reading there."""
    depth, escaped, number = 0, False, 1
    for at, sign in enumerate(source.data.rstrip(b"\0 \r\n\t")):
        number += sign == 10
        if not escaped and sign in b"{}":
            depth += 1 if sign == 123 else -1
        elif depth == 0 and at:
            break
        escaped = sign == 92 and not escaped
    else:
        if depth == 0:
            return
    what = "this RTF document is cut or broken: a brace does not close where it should"
    raise source.problem(number, what, "open it in a word processor and save it again, best as .docx")


def _check_hidden(source: Source) -> None:
    """Raises ImportProblem if paragraphs stand in parts that an RTF reader skips: an unclosed table of fonts,
    colours or styles, or a mark for skippable text that opens no group."""
    data = source.data
    for opens in _SKIPPED_GROUP.finditer(data):
        depth, at = 1, opens.end()
        while depth and (brace := _BRACE.search(data, at)):
            depth, at = depth + (1 if brace[0] == b"{" else -1), brace.end()
        if paragraph := _PARAGRAPH.search(data, opens.end(), at):
            number = data.count(b"\n", 0, paragraph.start()) + 1
            what = f"words stand inside the document's {opens[1].decode()}: it is cut or broken"
            raise source.problem(number, what, "open it in a word processor and save it again, best as .docx")
    if mark := _SKIP_MARK.search(data):
        number = data.count(b"\n", 0, mark.start()) + 1
        what = "what follows here is marked as not to be shown, in the middle of the words"
        raise source.problem(number, what, "open it in a word processor and save it again, best as .docx")


def _sniff_html(source: Source) -> bool:
    return _HTML.match(source.text[:2000]) is not None


def _read_html(source: Source) -> list[Line]:
    if words := _CLOSING.search(source.text):
        number = source.text[: words.start()].count("\n") + 1
        what = f"a closing tag is broken, or holds words: {words[0][:40]!r}"
        raise source.problem(number, what, "save the page again, or copy its text into a .txt file")
    text = _ENDS.sub("", source.text)
    try:
        root = lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
        _check_tags(source, root)
        return lines_of_blocks(source, list(_blocks(root)))
    except (etree.LxmlError, *PARSER_FAULTS) as error:
        what = f"this HTML page cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "copy its text into a .txt file") from None


def _check_tags(source: Source, root: Any) -> None:
    """Raises ImportProblem if words ended up inside a tag, or the page inside a script, a style or a title."""
    for one in root.iter():
        if not isinstance(one.tag, str):
            continue
        bare = [name for name, value in one.attrib.items() if not value and name not in _BARE_ATTRIBUTES]
        swallowed = one.tag in _SKIPPED and "</" in (one.text or "")
        if len(bare) > 1 or swallowed:
            what = f"a tag <{one.tag} …> is not closed: words stand inside it"
            raise source.problem(one.sourceline, what, "save the page again, or copy its text into a .txt file")


def _blocks(root: Any) -> Iterator[Block]:
    """The page's paragraphs and tables in their order. Text without an element of its own is a paragraph too."""
    parts: list[str] = []
    heading = False
    waiting: list[Any] = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(f"  {one.strip()}  " if clock_seconds(one.strip()) is not None else one)
            continue
        if one is None:  # a block begins or ends
            yield from _paragraph(parts, heading)
            parts, heading = [], False
            continue
        if isinstance(one.tag, str) and one.tag not in _SKIPPED:
            if one.tag == "nav" or (one.tag == "footer" and one.getparent().tag == "body"):
                yield from _paragraph(parts, heading)
                yield from _paragraph([f"{x} " for x in one.itertext()], True)
                parts, heading = [], False
            elif one.tag == "table" and not one.findall(".//table"):
                yield from _paragraph(parts, heading)
                parts, heading = [], False
                yield Block(rows=tuple(_cells(row) for row in one.iter("tr")))
                beside = [*one.iterchildren(), *(x for part in one.iter("tbody", "thead", "tfoot") for x in part)]
                waiting += [x for x in beside if x.tag not in ("tr", "tbody", "thead", "tfoot", "colgroup")][::-1]
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


def _cells(row: Any) -> tuple[str, ...]:
    """The cells of a table's row. Words of the row outside any cell become a cell of their own at their place."""
    cells = [(row.text or "").strip() or None]
    for child in row:
        words = " ".join(child.itertext()).strip() if isinstance(child.tag, str) else ""
        cells += [words if words or child.tag in ("td", "th") else None, (child.tail or "").strip() or None]
    return tuple(cell for cell in cells if cell is not None)


def _paragraph(parts: list[str], heading: bool) -> Iterator[Block]:
    rows = [" ".join(row.split()) for row in "".join(parts).split("\n")] if heading or parts else []
    text = "\n".join(rows).strip() if "\n" in "".join(parts) else " ".join(rows)
    if text.strip():
        yield Block(text, heading)


RTF = Format("rtf", "RTF documents", (".rtf",), _sniff_rtf, _read_rtf)
HTML = Format("html", "HTML pages: paragraphs or tables", (".html", ".htm"), _sniff_html, _read_html)
