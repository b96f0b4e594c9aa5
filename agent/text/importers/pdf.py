"""PDF with text, in the styles of plain text. Read by pypdf. Running heads, feet and page numbers are left out."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.core.lazy import lazy
from agent.text.importers.apart import read_apart
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source, left_out
from agent.text.importers.labels import name_like
from agent.text.importers.plain import lines_of_text
from agent.text.importers.rows import columns_of
from agent.text.importers.styles import opens_turn

if TYPE_CHECKING:
    import pypdf
else:
    pypdf = lazy("pypdf")

_PAGE_NUMBER = re.compile(r"page\s+\d{1,4}(\s*(of|/)\s*\d{1,4})?", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d{1,4}(\s*(of|/)\s*\d{1,4})?|-\s*\d{1,4}\s*-")
_MAX_PAGES, _MAX_RUNNING = 2_000, 3
# A string that a page shows, and what share of such strings at least is text where all is well
# (a glyph may take two bytes).
_SHOWN, _READ_SHARE = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|')"), 3
# A string in a page's drawing that no operator shows: a damaged one is skipped in silence.
_NOT_SHOWN = re.compile(rb"\([^()\\]*\w[^()\\]*\)\s*(?!T[jJ](?=[\s()<>\[\]{}/%\0]|\Z)|['\"\]>(]|-?[\d.]|\s|%)\S+")
_MAX_PAGE = 2**20


def _sniff(source: Source) -> bool:
    return source.data[:1024].lstrip().startswith(b"%PDF-")


def _read(source: Source) -> list[Line]:
    written, odd = read_apart("agent.text.importers.pdf:pages_of", source)
    pages = [page.split("\n") for page in written]
    if not any(row.strip() for page in pages for row in page):
        raise source.problem(
            None, "this PDF holds no text: its pages are pictures", "run text recognition (OCR) on it first"
        )
    _check_tables(source, pages)
    kept, gone = _without_running_lines(pages)
    aside = [left_out(row, None, "a running head or foot") for row in gone]
    empty = [i for i, page in enumerate(pages, start=1) if not any(row.strip() for row in page)]
    odd += [f"page {', '.join(map(str, empty[:20]))} holds no text"] if empty else []
    aside += [left_out(odd[0], None, "this PDF is damaged, words may be missing")] if odd else []
    return [*aside, *lines_of_text(source, [row for page in kept for row in page])]


def _check_tables(source: Source, pages: Sequence[Sequence[str]]) -> None:
    """Raises ImportProblem for a table whose cells run together in one row: nobody can tell who speaks."""
    for number, page in enumerate(pages, start=1):
        for row in page:
            if len(row.split()) in (2, 3) and not set(row) & set(":：\t|") and columns_of(row.split()):
                what = f"page {number} holds a table ({row.strip()!r}), whose cells a PDF does not keep apart"
                raise source.problem(None, what, "export it as Word, Excel or CSV")


def pages_of(data: bytes) -> tuple[list[str], list[str]]:
    """The text of each page, and what the library complained about. Runs in a separate process, because a crafted
    PDF can keep the library busy for any time."""
    with _oddities() as odd:
        return [page.encode(errors="replace").decode() for page in _pages(Source("", data))], odd


@contextmanager
def _oddities() -> Iterator[list[str]]:
    """Collects what pypdf logs while it reads. It skips a damaged place and its words without raising anything."""
    kept: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record.getMessage())

    log, handler = logging.getLogger("pypdf"), Keeping(logging.WARNING)
    log.propagate = False
    log.setLevel(logging.WARNING)
    log.addHandler(handler)
    try:
        yield kept
    finally:
        log.removeHandler(handler)


def _pages(source: Source) -> list[str]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(source.data))
        if reader.is_encrypted:
            raise source.problem(None, "this PDF has a password", "save it without one")
        if len(reader.pages) > _MAX_PAGES:
            raise source.problem(None, f"this PDF has more than {_MAX_PAGES} pages", "split it")
        tree = reader.root_object["/Pages"].get_object()
        claimed = tree.get("/Count") if isinstance(tree, dict) else None
        if claimed != len(reader.pages):
            logging.getLogger("pypdf").warning("it has %d pages and says %s", len(reader.pages), claimed)
        return list(_texts(source, reader))
    except (pypdf.errors.PyPdfError, *PARSER_FAULTS) as error:
        what = f"this PDF cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "the file may be cut; print it to PDF again, or export text") from None


def _texts(source: Source, reader: pypdf.PdfReader) -> Iterator[str]:
    """Each page's text."""
    for page in reader.pages:
        contents = page.get_contents()
        drawn = b"" if contents is None else contents.get_data()
        if len(drawn) > _MAX_PAGE:
            what = "this PDF holds far more drawing than a transcript has"
            raise source.problem(None, what, "print it to PDF again, or export text")
        text = page.extract_text()
        shown = sum(len(match[1]) for match in _SHOWN.finditer(drawn))
        number = (page.page_number or 0) + 1
        if "\ufffd" in text or len("".join(text.split())) * _READ_SHARE < shown:
            logging.getLogger("pypdf").warning("most of what page %d shows is not read", number)
        elif broken := _NOT_SHOWN.search(drawn):
            logging.getLogger("pypdf").warning("words that page %d should show: %r", number, broken[0][:40])
        yield text


def _without_running_lines(pages: Sequence[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The rows of the pages without page numbers and without lines that repeat at the same edge of every page (a head
    of up to three rows), and the rows that were left out.

    A line is a running one only if it stands on every page and nowhere else, since a speaker may begin each page. A
    bare number is a page number only if every page has one there, since somebody may have said a number.
    """
    kept = [rows for page in pages if (rows := [row for row in page if row.strip()])]
    everywhere = Counter(_unnumbered(row) for page in kept for row in page)
    gone: list[str] = []
    for edge in (0, -1):
        for _ in range(_MAX_RUNNING):
            edges = Counter(_unnumbered(page[edge]) for page in kept if page)
            row, count = edges.most_common(1)[0] if edges else ("", 0)
            numbered = _BARE_NUMBER.fullmatch(row.replace("#", "1")) is not None
            only_there = numbered or everywhere[row] == count
            opens = any(opens_turn(page[edge]) for page in kept if page)
            above = edge == 0 and not name_like(row)  # what opens the file is said by nobody
            runs = 1 < len(kept) == count and only_there and not opens and (numbered or above or len(kept) > 2)
            for page in kept:
                if page and (_PAGE_NUMBER.fullmatch(page[edge].strip()) or runs):
                    gone.append(page.pop(edge))
            if not runs:
                break
    return kept, gone


def _unnumbered(row: str) -> str:
    return re.sub(r"\d+", "#", row.strip())


FORMAT = Format("pdf", "PDF with text", (".pdf",), _sniff, _read)
