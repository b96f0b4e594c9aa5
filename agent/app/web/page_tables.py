"""Makes every table of every page available as a file, from the rendered page itself, so that both say the same.

A table of a form (something is typed or chosen in it) is none. What can be pressed is left out of the file.
"""

import re
from html import escape
from html.parser import HTMLParser
from typing import Literal, cast
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from agent.app.web.sheets import Sheet, sheet
from agent.core.language import _
from agent.core.wording import unmarked

MARK = "<!-- tables -->"
"""Where a page names its tables."""

_ASKED = "table"  # the query, as `table=1.csv`
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_TYPED_IN = re.compile(r'<select|<textarea|<input(?![^>]*type="hidden")')
_NAME = re.compile(r'role="region" aria-label="([^"]*)"|<h[1-6][^>]*>(.*?)</h[1-6]>', re.DOTALL)
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def with_tables(request: Request, page: HTMLResponse) -> Response:
    """The page with a line that offers its tables as files; or the file, if the request asks for one."""
    html = bytes(page.body).decode()
    if MARK not in html or page.status_code != 200 or request.method != "GET":
        return page
    asked = re.fullmatch(r"([1-9]\d?)\.(csv|xlsx)", request.query_params.get(_ASKED, ""))
    found = [one for one in _TABLE.finditer(html) if not _TYPED_IN.search(one[0])]
    if asked and int(asked[1]) <= len(found):
        return _table_file(html, found[int(asked[1]) - 1], cast(Literal["csv", "xlsx"], asked[2]), request.url.path)
    if not found:
        return page
    rest = [(key, value) for key, value in request.query_params.multi_items() if key != _ASKED]
    lines = []
    for number, one in enumerate(found, 1):
        links = ", ".join(
            f'<a href="?{escape(urlencode([*rest, (_ASKED, f"{number}.{form}")]))}" download>{word}</a>'
            for form, word in (("csv", "CSV"), ("xlsx", "Excel"))
        )
        lines.append(f"<li>{escape(_name(html, one))}: {links}</li>")
    word = _("The table of this page as a file")
    if len(found) > 1:
        word = _("The {n} tables of this page as a file", n=len(found))
    told = f'<details class="files"><summary>{escape(word)}</summary><ul>{"".join(lines)}</ul></details>'
    page.body = html.replace(MARK, told).encode()
    page.headers["content-length"] = str(len(page.body))
    return page


def _name(html: str, table: re.Match[str]) -> str:
    """The table's name: its caption, or the last heading before it."""
    caption = _CAPTION.search(table[0])
    words = caption[1] if caption else ""
    for named in _NAME.finditer(html, 0, table.start()) if not words else ():
        words = named[1] or named[2]
    return _text_of_html(words).partition(". ")[0] or _("Table")


def _text_of_html(html: str) -> str:
    parser = _Table()
    parser.feed(f"<table><tr><td>{_TAG.sub(' ', html)}</td></tr></table>")
    return " ".join(parser.rows[0])


def _table_file(html: str, table: re.Match[str], form: Literal["csv", "xlsx"], path: str) -> Response:
    parser = _Table()
    parser.feed(table[0])
    head, *body = parser.rows or [[]]
    width = max(map(len, parser.rows), default=0)
    columns = [name or _("column {at}", at=at) for at, name in enumerate([*head, *[""] * (width - len(head))], 1)]
    columns = [name if name not in columns[:at] else f"{name} ({at + 1})" for at, name in enumerate(columns)]
    rows = [dict(zip(columns, [*row, *[""] * (width - len(row))], strict=True)) for row in body]
    name = _name(html, table)
    file = re.sub(r"[^a-z0-9]+", "-", f"{path} {name}".lower()).strip("-")[:80] or "table"
    return sheet(form, Sheet(file, name, [{key: _cell(value) for key, value in row.items()} for row in rows]))


def _cell(text: str) -> str | int | float:
    """The cell as a number if it is nothing but a number, else as text."""
    read = unmarked(text)
    if re.fullmatch(r"-?\d{1,15}", read):
        return int(read)
    return float(read) if re.fullmatch(r"-?\d{1,15}\.\d{1,12}", read) else text


class _Table(HTMLParser):
    """Collects the text of each cell, row by row. Buttons and drawings are left out, but not the words that describe
    a drawing."""

    _LEFT_OUT = ("form", "button", "script", "style", "svg")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell, self._span = [], int(facts.get("colspan") or 1)
        elif tag in self._LEFT_OUT:
            self._within += 1
            if tag == "svg" and self._cell is not None:
                self._cell.append(facts.get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._LEFT_OUT:
            self._within = max(0, self._within - 1)
        elif tag in ("td", "th") and self._cell is not None and self.rows:
            self.rows[-1] += [" ".join(" ".join(self._cell).split()), *[""] * (self._span - 1)]
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._within:
            self._cell.append(data)
