"""A document's tables as CSV and as a workbook, safe to open in a spreadsheet program.

A cell of text that begins with = + - @ or a control character may be run as a formula (CSV injection, OWASP): in CSV it
gets an apostrophe before it, in a workbook it is stored as text. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from agent.app.documents.blocks import Cell, Data, Document
from agent.core.errors import UsageError
from agent.core.language import N_, NS_, _
from agent.core.lazy import lazy
from agent.core.wording import day

if TYPE_CHECKING:
    import openpyxl
    import openpyxl.styles
    import openpyxl.utils
    import openpyxl.worksheet.table
else:
    openpyxl = lazy("openpyxl")

# Also their full-width forms, which some programs fold, and any of them behind white space, which some programs skip.
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠|]|^[\t\r\n]")
_ACCENT, _LINES = "2B4C7E", "D9DEE6"
_WIDEST, _NARROWEST = 60, 9
_LINE_POINTS, _MOST_LINES = 15, 26  # a row can be 409 points high
_SHEET_NAME = 31  # Excel's limit


def csv_text(document: Document) -> str:
    """The main table as CSV with a byte order mark; without it Excel takes UTF-8 for another encoding."""
    if not document.data:
        raise UsageError(f"{document.title}: there is no table in it; choose another format")
    main, out = document.data[0], io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[safe(cell) for cell in row] for row in (_heads(main), *main.rows)])
    return "\ufeff" + out.getvalue()


def _heads(data: Data) -> tuple[str, ...]:
    return tuple(map(_, data.columns))


def safe(cell: Cell) -> str | int | float:
    """A cell that no spreadsheet program takes for a formula."""
    if isinstance(cell, str):
        return f"'{cell}" if _FORMULA.search(cell) else cell
    return "" if cell is None else cell


def workbook(document: Document) -> bytes:
    """A workbook with a sheet for each of the document's tables, and a sheet about where it comes from."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = document.title, "Closeread"
    for number, data in enumerate(document.data, 1):
        _sheet(book, document, data, number)
    about = Data(
        N_("About"),
        NS_("what", "value"),
        (
            (_("Document"), document.title),
            (_("About"), document.subtitle),
            (_("Date"), day(document.made_on)),
            (_("Made from"), document.provenance),
        ),
    )
    _sheet(book, document, about, len(document.data) + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: openpyxl.Workbook, document: Document, data: Data, number: int) -> None:
    sheet: openpyxl.worksheet.worksheet.Worksheet = book.create_sheet(
        re.sub(r"[\[\]:*?/\\]", " ", _(data.name))[:_SHEET_NAME]
    )
    for place, name in enumerate(_headers(_heads(data)), 1):
        _write(sheet, 1, place, name)
        sheet.cell(1, place).font = openpyxl.styles.Font(name="Calibri", bold=True)
    for line, row in enumerate(data.rows, 2):
        for place, cell in enumerate(row, 1):
            _write(sheet, line, place, cell)
            sheet.cell(line, place).alignment = openpyxl.styles.Alignment(
                wrap_text=isinstance(cell, str), vertical="top"
            )
    if data.rows:
        last = sheet.cell(len(data.rows) + 1, len(data.columns)).coordinate
        made = openpyxl.worksheet.table.Table(displayName=f"Table{number}", ref=f"A1:{last}")
        made.tableStyleInfo = openpyxl.worksheet.table.TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
        sheet.add_table(made)
    _layout(sheet, document, data)


def _headers(columns: tuple[str, ...]) -> list[str]:
    """Column names of which none is empty or repeated (ignoring case), since Excel would call the file damaged."""
    taken: dict[str, int] = {}
    names = []
    for place, column in enumerate(columns, 1):
        name = column or _("column {place}", place=place)
        taken[name.lower()] = seen = taken.get(name.lower(), 0) + 1
        names.append(name if seen == 1 else f"{name} ({seen})")
    return names


def _write(sheet: openpyxl.worksheet.worksheet.Worksheet, line: int, place: int, value: Cell) -> None:
    cell: Any = sheet.cell(line, place)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would store text that begins with = as a formula
        cell.quotePrefix = bool(_FORMULA.search(value))
    elif isinstance(value, float):
        cell.number_format = "0.00"


def _layout(sheet: Any, document: Document, data: Data) -> None:
    """Sets widths and heights, a header row that stays in view, and the header and footer for printing."""
    widths = [_width(name, [row[place] for row in data.rows]) for place, name in enumerate(_heads(data))]
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = width
    for number, row in enumerate(data.rows, 2):
        # Programs do not fit the height of rows that they did not write themselves.
        lines = max(map(_lines, row, widths), default=1)
        sheet.row_dimensions[number].height = _LINE_POINTS * min(lines, _MOST_LINES)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.left.text, sheet.oddHeader.right.text = _escaped(document.title), day(document.made_on)
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = _escaped(document.provenance), _pages()


def _pages() -> str:
    return _("Page {page} of {pages}", page="&P", pages="&N")


def _width(name: str, cells: list[Cell]) -> int:
    longest = max((len(part) for cell in cells if cell is not None for part in str(cell).split("\n")), default=0)
    return min(_WIDEST, max(_NARROWEST, len(name) + 4, longest + 2))


def _lines(cell: Cell, width: int) -> int:
    """How many lines a cell's text takes in a column of `width` characters, allowing for lines that are not filled
    to the end."""
    if not isinstance(cell, str):
        return 1
    return sum(-(-len(part) * 10 // (9 * (width - 1))) or 1 for part in cell.split("\n"))


def _escaped(text: str) -> str:
    """Text for a printed header or footer, in which & begins a code. All of one may hold 255 characters."""
    return text.replace("&", "&&")[:180]
