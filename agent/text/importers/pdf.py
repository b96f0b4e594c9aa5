"""PDF with text, in the styles of plain text. Read by pypdf. Running heads, feet and page numbers are left out."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence

from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.plain import lines_of_text, opens_turn

_PAGE_NUMBER = re.compile(r"page\s+\d{1,4}(\s*(of|/)\s*\d{1,4})?", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d{1,4}(\s*(of|/)\s*\d{1,4})?|-\s*\d{1,4}\s*-")
_MAX_PAGES = 2_000


def _sniff(source: Source) -> bool:
    return source.data[:1024].lstrip().startswith(b"%PDF-")


def _read(source: Source) -> list[Line]:
    pages = [page.split("\n") for page in _pages(source)]
    if not any(row.strip() for page in pages for row in page):
        raise source.problem(
            None, "this PDF holds no text: its pages are pictures", "run text recognition (OCR) on it first"
        )
    return lines_of_text(source, [row for page in _without_running_lines(pages) for row in page])


def _pages(source: Source) -> list[str]:
    import pypdf
    from pypdf.errors import PyPdfError

    # pypdf logs every oddity on its way; the user gets the text, or one line that says why not.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(source.data))
        if reader.is_encrypted:
            raise source.problem(None, "this PDF has a password", "save it without one")
        if len(reader.pages) > _MAX_PAGES:
            raise source.problem(None, f"this PDF has more than {_MAX_PAGES} pages", "split it")
        return [page.extract_text() for page in reader.pages]
    except (PyPdfError, *PARSER_FAULTS) as error:
        what = f"this PDF cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "the file may be cut; print it to PDF again, or export text") from None


def _without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages' rows without page numbers and without what stands at the same edge of every page.

    A bare number counts as a page's number only if every page has one there: somebody may have said it.
    """
    filled = [rows for page in pages if (rows := [row for row in page if row.strip()])]
    edges = Counter((edge, _unnumbered(rows[edge])) for rows in filled for edge in (0, -1))

    def running(edge: int, row: str) -> bool:
        everywhere = len(filled) > 1 and edges[edge, _unnumbered(row)] == len(filled) and not opens_turn(row)
        numbered = _BARE_NUMBER.fullmatch(row.strip()) is not None
        return _PAGE_NUMBER.fullmatch(row.strip()) is not None or (everywhere and (numbered or len(filled) > 2))

    kept: list[list[str]] = []
    for page in filled:
        rows = page[1:] if running(0, page[0]) else page
        kept.append(rows[:-1] if rows and running(-1, rows[-1]) else rows)
    return kept


def _unnumbered(row: str) -> str:
    return re.sub(r"\d+", "#", row.strip())


FORMAT = Format("pdf", "PDF with text", (".pdf",), _sniff, _read)
