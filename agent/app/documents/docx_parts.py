"""The small parts of a Word file that python-docx has no call for: borders, fields, widths, the house style."""

from collections.abc import Sequence
from typing import Any

from agent.app.documents.scripts import parts, runs_left
from agent.core.lazy import lazy

docx = lazy("docx")

INK, SOFT, LINE, ACCENT = "1C2430", "566173", "D9DEE6", "2B4C7E"
TONES = {"": INK, "good": "1F6F5C", "bad": "A2452F"}
FONT = "Calibri"
_SPELT = {"en": "en-US", "de": "de-DE", "es": "es-ES"}
# Unicode's mark that is not seen: two parts that are written from right to left do not change places beside it.
_LEFT_TO_RIGHT = "\u200e"


def house_styles(word: Any, language: str) -> None:
    """A4, the house's fonts and colors in the styles that Word's own commands use, and the language of spelling."""
    for spelt in word.styles.element.iter(docx.oxml.ns.qn("w:lang")):
        spelt.set(docx.oxml.ns.qn("w:val"), _SPELT[language])
    section = word.sections[0]
    section.page_width, section.page_height = docx.shared.Cm(21), docx.shared.Cm(29.7)
    section.left_margin = section.right_margin = docx.shared.Cm(2.2)
    section.top_margin, section.bottom_margin = docx.shared.Cm(2.2), docx.shared.Cm(2)
    sizes = {"Normal": 10.5, "Title": 22, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11, "List Bullet": 10.5}
    for name, size in sizes.items():
        style = word.styles[name]
        style.font.size, style.font.name = docx.shared.Pt(size), FONT
        style.font.color.rgb = _color(INK if name in ("Normal", "List Bullet", "Heading 3") else ACCENT)
        _every_script(style.element)
    word.styles["Normal"].paragraph_format.space_after = docx.shared.Pt(6)
    word.styles["Title"].font.bold = True
    _without_border(word.styles["Title"].element)
    for level, before in ((1, 16), (2, 12), (3, 8)):
        shape = word.styles[f"Heading {level}"].paragraph_format
        shape.space_before, shape.space_after, shape.keep_with_next = docx.shared.Pt(before), docx.shared.Pt(4), True


def tighten(word: Any, scale: float) -> None:
    """Multiply every text size by `scale`, and narrow margins and spacing, for a document that must fit on one page."""
    section = word.sections[0]
    section.left_margin = section.right_margin = docx.shared.Cm(1.9)
    section.top_margin, section.bottom_margin = docx.shared.Cm(1.0), docx.shared.Cm(0.9)
    section.header_distance = section.footer_distance = docx.shared.Cm(0.6)
    _tighten_styles(word, scale)
    cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
    for paragraph in [*word.paragraphs, *(p for cell in cells for p in cell.paragraphs)]:
        for part in paragraph.runs:
            if part.font.size is not None:
                part.font.size = docx.shared.Pt(part.font.size.pt * scale)
        if not paragraph.text.strip():
            paragraph.paragraph_format.line_spacing = docx.shared.Pt(3)
    for cell in cells:
        shape = cell.paragraphs[0].paragraph_format
        shape.space_before = shape.space_after = 0


def _tighten_styles(word: Any, scale: float) -> None:
    for style in word.styles:
        if getattr(style, "font", None) is not None and style.font.size is not None:
            style.font.size = docx.shared.Pt(style.font.size.pt * scale)
    word.styles["Title"].font.size = docx.shared.Pt(16)
    for level, before in ((1, 7), (2, 6), (3, 3)):
        shape = word.styles[f"Heading {level}"].paragraph_format
        shape.space_before, shape.space_after = docx.shared.Pt(before), docx.shared.Pt(2)
    for name, after in (("Normal", 2), ("List Bullet", 1), ("Title", 1)):
        shape = word.styles[name].paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = docx.shared.Pt(0), docx.shared.Pt(after), 1.0


def run(paragraph: Any, text: str, color: str | None = None, size: float | None = None) -> Any:
    """Add a run of text to `paragraph`; several if parts of it are written from right to left. Returns the last one."""
    *before, (text, left) = parts(text)
    for part, is_left in before:
        _one_run(paragraph, part, color, size, left=is_left)
    return _one_run(paragraph, text, color, size, left=left)


def _one_run(paragraph: Any, text: str, color: str | None, size: float | None, *, left: bool) -> Any:
    if left:
        paragraph.add_run(_LEFT_TO_RIGHT)
    made = paragraph.add_run(text)
    if left:
        made._r.get_or_add_rPr().append(docx.oxml.OxmlElement("w:rtl"))
        paragraph.add_run(_LEFT_TO_RIGHT)
    if color:
        made.font.color.rgb = _color(color)
    if size:
        made.font.size = docx.shared.Pt(size)
    return made


def from_the_right(paragraph: Any, text: str) -> bool:
    """Right-align a paragraph if its `text` as a whole is written from right to left; returns whether it is."""
    if not runs_left(text):
        return False
    after = (
        "w:adjustRightInd",
        "w:snapToGrid",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:rPr",
        "w:sectPr",
    )
    paragraph._p.get_or_add_pPr().insert_element_before(docx.oxml.OxmlElement("w:bidi"), *after)
    return True


def field(paragraph: Any, code: str, color: str, size: float) -> None:
    """Add a field such as PAGE, which Word and LibreOffice fill in."""
    for kind in ("begin", "", "separate", "shown", "end"):
        # Each part has a run of its own: the shown number takes its size from the run it stands in.
        made = run(paragraph, "1" if kind == "shown" else "", color, size)
        if kind == "shown":
            continue
        element = docx.oxml.OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(docx.oxml.ns.qn("w:fldCharType"), kind)
        else:
            element.set(docx.oxml.ns.qn("xml:space"), "preserve")
            element.text = code
        made._r.append(element)


def border(paragraph: Any, side: str, color: str, size: int = 4, space: int = 1) -> None:
    """Draw a line on one side of a paragraph; `size` is in eighths of a point."""
    shape = paragraph._p.get_or_add_pPr()
    borders = shape.find(docx.oxml.ns.qn("w:pBdr"))
    if borders is None:
        borders = docx.oxml.OxmlElement("w:pBdr")
        shape.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
        )
    borders.append(_edge(side, color, size, space))


def cell_text(
    cell: Any, text: str, *, color: str = INK, bold: bool = False, right: bool = False, below: str = ""
) -> None:
    """Set the text of a table cell, with a line below it if `below` names a color."""
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = docx.shared.Pt(2.5)
    paragraph.alignment = 2 if right else 0
    run(paragraph, text, color, 9.5).bold = bold
    from_the_right(paragraph, text)
    if below:
        line_below(cell, below)


def line_below(cell: Any, color: str) -> None:
    """Draw a line below a table cell."""
    borders = docx.oxml.OxmlElement("w:tcBorders")
    borders.append(_edge("bottom", color, 4, 0))
    cell._tc.get_or_add_tcPr().append(borders)


def rule_lines(table: Any) -> None:
    """Turn a table's rows into lines to write on: 8 mm high, ruled, and kept on one page."""
    for row in table.rows:
        row.height, row.height_rule = docx.shared.Cm(0.8), 2  # exactly
        row.cells[0].paragraphs[0].paragraph_format.keep_with_next = row is not table.rows[-1]
        line_below(row.cells[0], LINE)


def repeat_as_header(row: Any) -> None:
    """Repeat the row at the top of every page that its table continues on."""
    row._tr.get_or_add_trPr().append(docx.oxml.OxmlElement("w:tblHeader"))


def set_widths(table: Any, shares: Sequence[float]) -> None:
    """Set column widths as shares of the text's width (16.6 cm). LibreOffice reads them from the cells, Word from
    the grid."""
    table.autofit = False
    total = sum(shares)
    for place, part in enumerate(shares):
        width = docx.shared.Cm(16.6 * part / total)
        table.columns[place].width = width
        for cell in table.columns[place].cells:
            cell.width = width


def _edge(side: str, color: str, size: int, space: int) -> Any:
    edge = docx.oxml.OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", str(space)), ("color", color)):
        edge.set(docx.oxml.ns.qn(f"w:{name}"), value)
    return edge


def _color(value: str) -> Any:
    return docx.shared.RGBColor.from_string(value)


def _every_script(style: Any) -> None:
    """Set the font for all scripts; otherwise the template's theme fonts would be used for some."""
    fonts = style.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(docx.oxml.ns.qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(docx.oxml.ns.qn(f"w:{name}"), FONT)


def _without_border(style: Any) -> None:
    shape = style.get_or_add_pPr()
    line = shape.find(docx.oxml.ns.qn("w:pBdr"))
    if line is not None:
        shape.remove(line)
