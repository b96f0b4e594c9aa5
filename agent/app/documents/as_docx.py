"""Documents as DOCX: real headings, tables and page number fields, so that people can go on editing them."""

import io
import re
from datetime import UTC, datetime, time
from typing import Any, assert_never

from agent.app.documents.as_pdf import fitted
from agent.app.documents.blocks import (
    Block,
    Bullets,
    Document,
    Facts,
    Grid,
    Heading,
    NewPage,
    Paragraph,
    Quoted,
    Room,
    Together,
)
from agent.app.documents.docx_parts import (
    ACCENT,
    LINE,
    SOFT,
    TONES,
    border,
    cell_text,
    field,
    from_the_right,
    house_styles,
    repeat_as_header,
    rule_lines,
    run,
    set_widths,
    tighten,
)
from agent.core.language import _, current
from agent.core.lazy import lazy
from agent.core.wording import day

python_docx = lazy("docx")

WIDER = 1.12  # DejaVu Sans, which LibreOffice takes where neither Calibri nor Carlito is installed


def docx(document: Document) -> bytes:
    """`document` as a Word file. A one-page document is shortened and set small enough to stay on one page even in a
    wider substitute font."""
    scale = 1.0
    if document.one_page:
        document, scale, _ = fitted(document, WIDER)
    word = python_docx.Document()
    house_styles(word, current())
    at = datetime.combine(document.made_on, time(), UTC)
    core = word.core_properties
    core.title, core.author, core.comments = document.title[:255], "Closeread", document.provenance[:255]
    core.created = core.modified = at
    _frame(word, document)
    title = word.add_paragraph(style="Title")
    title.add_run(document.title)
    under = " · ".join(part for part in (document.subtitle, day(document.made_on)) if part)
    run(word.add_paragraph(), under, SOFT)
    for block in document.blocks:
        _block(word, block)
    if document.one_page:
        tighten(word, scale * 0.97)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _frame(word: Any, document: Document) -> None:
    """Puts title and date above every page but the first, and provenance and page number below every page."""
    section = word.sections[0]
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    run(head, f"{document.title}\t\t{day(document.made_on)}", SOFT, 8.5)
    border(head, "bottom", LINE)
    for footer in (section.footer, section.first_page_footer):
        foot = footer.paragraphs[0]
        border(foot, "top", LINE)
        run(foot, document.provenance, SOFT, 8)
        pages = footer.add_paragraph()
        pages.alignment = 2  # right
        before, between, after = re.split(r"\x00[12]", _("Page {page} of {pages}", page="\x001", pages="\x002"))
        for words, code in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            run(pages, words, SOFT, 8)
            field(pages, code, SOFT, 8) if code else None


def _block(word: Any, block: Block) -> None:
    if isinstance(block, Together):
        return _together(word, block)
    match block:
        case Heading():
            from_the_right(word.add_heading(block.text, block.level), block.text)
        case Paragraph():
            paragraph = word.add_paragraph()
            if block.lead:
                paragraph.add_run(block.lead + " ").bold = True
            run(paragraph, block.text, SOFT if block.soft else None, 9 if block.soft else None)
            from_the_right(paragraph, block.text)
            paragraph.paragraph_format.keep_with_next = block.keep
        case Bullets():
            for entry in block.entries:
                from_the_right(word.add_paragraph(entry, style="List Bullet"), entry)
        case Quoted():
            _quoted(word, block)
        case Facts():
            _facts(word, block)
        case Grid():
            _grid(word, block)
        case Room():
            if block.label:
                label = word.add_paragraph()
                run(label, block.label, SOFT, 9)
                label.paragraph_format.keep_with_next = True
            table = word.add_table(rows=0, cols=1)
            for _line in range(block.lines):
                table.add_row()
            rule_lines(table)
            word.add_paragraph().paragraph_format.space_after = 0
        case NewPage():
            word.add_page_break()
        case _:
            assert_never(block)


def _together(word: Any, block: Together) -> None:
    """Blocks that stay on one page: every paragraph is kept with the next one, up to the ruled lines to write on."""
    before = len(word.paragraphs)
    for part in block.blocks:
        _block(word, part)
    for made in word.paragraphs[before:-1]:
        made.paragraph_format.keep_with_next = True


def _quoted(word: Any, block: Quoted) -> None:
    made = word.add_paragraph()
    made.paragraph_format.left_indent, made.paragraph_format.keep_together = python_docx.shared.Cm(0.5), True
    side = "right" if from_the_right(made, block.text) else "left"
    border(made, side, TONES[block.tone] if block.tone else LINE, size=18, space=8)
    for turn in block.before:
        run(made, turn, SOFT, 9).add_break()
    if block.label:
        run(made, block.label + "  ", TONES[block.tone], 9.5).bold = True
    run(made, _("“{text}”", text=block.text)).bold = bool(block.before or block.after)
    if block.source:
        run(made, f"  {block.source}", SOFT, 9)
    for turn in block.after:
        made.add_run().add_break()
        run(made, turn, SOFT, 9)
    if block.note:
        made.add_run().add_break()
        run(made, block.note, SOFT, 9.5)


def _facts(word: Any, block: Facts) -> None:
    if not block.rows:
        return
    made = word.add_table(rows=0, cols=2)
    for name, value in block.rows:
        cells = made.add_row().cells
        cell_text(cells[0], name, color=SOFT)
        cell_text(cells[1], value)
    set_widths(made, (1, 5))
    word.add_paragraph().paragraph_format.space_after = 0


def _grid(word: Any, block: Grid) -> None:
    made = word.add_table(rows=1, cols=len(block.columns))
    for place, name in enumerate(block.columns):
        cell_text(made.rows[0].cells[place], name, color=ACCENT, bold=True, right=place in block.right, below=ACCENT)
    repeat_as_header(made.rows[0])
    for row in block.rows:
        cells = made.add_row().cells
        for place, text in enumerate(row):
            cell_text(cells[place], text, right=place in block.right, below=LINE)
    set_widths(made, block.widths)
    word.add_paragraph().paragraph_format.space_after = 0
