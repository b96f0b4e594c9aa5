"""Words that are written from right to left keep their place in documents and on pages."""

from datetime import date
from io import BytesIO

import pytest

from agent.app.documents.as_docx import docx
from agent.app.documents.as_html import html
from agent.app.documents.as_pdf import pdf
from agent.app.documents.blocks import Document, Facts, Paragraph, Quoted
from agent.app.documents.scripts import isolated, parts, runs_left

ASKED = "ومن غيرك يتأثر بهذا التأخير؟"
NAME = "ليلى حداد"
MADE = Document(
    title="Scorecard",
    subtitle="",
    made_on=date(2026, 11, 30),
    provenance="a test",
    blocks=(
        Quoted(ASKED, source=f"{NAME}, turn 4", before=(f"{NAME}: أربعون ألفًا مبلغ كبير.",)),
        Facts((("Rep", NAME),)),
        Paragraph("これは日本語です。"),
    ),
    data=(),
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("turn 4", [("turn 4", False)]),
        ("", [("", False)]),
        (ASKED, [(ASKED, True)]),
        (f"{NAME}, 20 Nov 2026", [(NAME, True), (", 20 Nov 2026", False)]),
        ("نستخدم SAP منذ 2019 في الشركة", [("نستخدم SAP منذ 2019 في الشركة", True)]),
        ("שלום means hello to you", [("שלום", True), (" means hello to you", False)]),
        ("日本語", [("日本語", False)]),
    ],
)
def test_a_text_falls_into_parts_by_direction(text, wanted):
    assert parts(text) == wanted
    assert "".join(part for part, _ in parts(text)) == text
    assert isolated(text).replace("\u2068", "").replace("\u2069", "") == text


def test_beginning_and_end_decide():
    assert runs_left(f"“{ASKED}”")
    assert not runs_left(f"{NAME} has three calls this week")


def test_word_is_told_which_runs_go_from_right_to_left():
    from docx import Document as Word
    from docx.oxml.ns import qn

    word = Word(BytesIO(docx(MADE)))
    runs = [run for paragraph in word.paragraphs for run in paragraph.runs]
    marked = [run.text for run in runs if run._r.rPr is not None and run._r.rPr.find(qn("w:rtl")) is not None]
    assert f"“{ASKED}”" in marked
    assert NAME in marked
    assert not any("turn 4" in text for text in marked)


def test_the_page_and_the_pdf_hold_the_same_words():
    from pypdf import PdfReader

    assert f"\u2068“{ASKED}”\u2069" in html(MADE)
    assert "turn 4" in PdfReader(BytesIO(pdf(MADE))).pages[0].extract_text()
