"""What no font of the machine has letters for is refused with what to install; paragraphs from the right begin there."""

import io
from datetime import date

import pytest
from docx import Document as Word
from docx.oxml.ns import qn

from agent.app.documents import fonts
from agent.app.documents.blocks import Document, Paragraph, Quoted
from agent.app.documents.formats import written
from agent.core.errors import ConfigError

HEBREW = "\u05e9\u05dc\u05d5\u05dd \u05dc\u05db\u05d5\u05dc\u05dd."


def made(*texts):
    return Document("Title", "", date(2026, 11, 30), "from", tuple(map(Paragraph, texts)), ())


def test_letters_that_typst_has_fonts_for_are_written():
    assert written(made("Grüße, Ωμέγα, привет", HEBREW), "pdf").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("words", "script", "package"),
    [
        ("\u6c49\u8bed", "Chinese", "fonts-noto-cjk"),
        ("\u3053\u3093", "Japanese", "fonts-noto-cjk"),
        ("\ud55c\uae00", "Korean", "fonts-noto-cjk"),
        ("\u0645\u0631", "Arabic", "fonts-noto-core"),
    ],
)
def test_a_pdf_of_boxes_is_refused_with_what_to_install(monkeypatch, words, script, package):
    monkeypatch.setattr(fonts, "_without_font", lambda letters: letters)  # a machine without any such font
    with pytest.raises(ConfigError, match=f"no font for {script}") as refused:
        written(made(f"He said {words}"), "pdf")
    assert package in refused.value.at_the_terminal()
    assert words in written(made(words), "html").decode()


def test_what_typst_finds_no_letter_for_is_seen_in_what_it_made():
    never = "\U0001342f"  # a hieroglyph
    assert fonts._without_font("a" + never) == never
    assert fonts._without_font("abc") == ""


def test_paragraphs_that_are_written_from_the_right_begin_there():
    document = Document("T", "", date(2026, 11, 30), "from", (Paragraph(HEBREW), Paragraph("Left"), Quoted(HEBREW)), ())
    word = Word(io.BytesIO(written(document, "docx")))
    found = {
        p.text.strip("\u200e“”"): p._p.pPr is not None and p._p.pPr.find(qn("w:bidi")) is not None
        for p in word.paragraphs
    }
    assert found[HEBREW]
    assert not found["Left"]
