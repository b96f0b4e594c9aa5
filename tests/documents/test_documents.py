import csv
import io
import re
from html import unescape

import pytest
from docx import Document as Word
from openpyxl import load_workbook
from pypdf import PdfReader

from agent.app.documents.blocks import Data, Document, Heading, Paragraph, Quoted, table
from agent.app.documents.formats import written
from agent.core.errors import NotFound, UsageError
from agent.documents.rated import RatedCalls
from agent.documents.scorecard import scorecard
from agent.documents.team_report import team_report
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.season import season
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.stats.rules import ProfileRules
from agent.workspace import Workspace
from tests.documents.cases import (
    MADE_ON,
    NAMES,
    REP,
    documents,
    rated,
    sample_rubric,
    sample_season,
)


def small(text, name="Title", data=()):
    return Document(name, "sub", MADE_ON, "Made from x", (Paragraph(text),), tuple(data))


def docx_text(content):
    word = Word(io.BytesIO(content))
    cells = [cell.text for made in word.tables for row in made.rows for cell in row.cells]
    return " ".join([p.text for p in word.paragraphs] + cells)


def pdf_text(content):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def said(document):
    """Headings and quotes: what no format may lose."""
    blocks = [b for b in document.blocks if isinstance(b, Heading | Quoted)]
    return [document.title, document.provenance, *(b.text for b in blocks)]


def test_every_kind_is_named():
    assert sorted(documents()) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_word_file_holds_everything(name):
    document = documents()[name]
    content = written(document, "docx")
    text = docx_text(content)
    footer = Word(io.BytesIO(content)).sections[0].footer
    assert footer.paragraphs[0].text == document.provenance
    fields = re.findall(r"instrText[^>]*>(\w+)<", footer._element.xml)
    assert fields == ["PAGE", "NUMPAGES"]
    assert [part for part in said(document) if part not in text and part != document.provenance] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_holds_everything_with_date_provenance_and_page_numbers(name):
    document = documents()[name]
    content = written(document, "pdf")
    pages = len(PdfReader(io.BytesIO(content)).pages)
    text = pdf_text(content)
    assert "24 Nov 2026" in text
    assert f"Page {pages} of {pages}" in text
    squeezed = re.sub(r"\s", "", text)  # a line break may stand anywhere
    assert [part for part in said(document) if re.sub(r"\s", "", part) not in squeezed] == []
    assert written(document, "pdf")[:5] == b"%PDF-"


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_has_real_tables(name):
    document = documents()[name]
    book = load_workbook(io.BytesIO(written(document, "xlsx")))
    assert book.sheetnames == [*(data.name for data in document.data), "About"]
    for data in document.data:
        sheet = book[data.name]
        assert sheet.max_row == len(data.rows) + 1
        assert len(sheet.tables) == (1 if data.rows else 0)
        assert "Page &P of &N" in sheet.oddFooter.right.text
        for row, cells in zip(data.rows, sheet.iter_rows(min_row=2), strict=True):
            for cell, value in zip(cells, row, strict=True):
                assert cell.value == (
                    pytest.approx(value) if isinstance(value, float) else None if value == "" else value
                )
            assert all(cell.data_type != "f" for cell in cells)


@pytest.mark.parametrize("name", NAMES)
def test_csv_and_markdown_hold_the_same_words(name):
    document = documents()[name]
    rows = list(csv.reader(io.StringIO(written(document, "csv").decode("utf-8-sig"))))
    assert rows[0] == list(document.data[0].columns)
    assert len(rows) == len(document.data[0].rows) + 1
    text = written(document, "md").decode().replace("\\", "")
    assert [part for part in said(document) if part not in text] == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_becomes_a_formula(text):
    document = small("x", data=[Data("T", ("a", "b"), ((text, -1.5),))])
    raw = written(document, "csv").decode("utf-8-sig").partition("\r\n")[2]
    cell, number = next(csv.reader(io.StringIO(raw)))
    assert cell == f"'{text}"
    assert number == "-1.5"
    sheet = load_workbook(io.BytesIO(written(document, "xlsx")))["T"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value == text.replace("\r", "\n") or sheet["A2"].value == text
    assert sheet["B2"].value == -1.5


def test_a_column_name_is_no_formula_either_and_stands_once():
    document = small("x", data=[Data("a/b:c", ("=1", "Name", "name", ""), (("1", "2", "3", "4"),))])
    sheet = load_workbook(io.BytesIO(written(document, "xlsx"))).worksheets[0]
    assert [c.value for c in sheet[1]] == ["=1", "Name", "name (2)", "column 4"]
    assert sheet["A1"].data_type == "s"
    assert written(document, "csv").decode("utf-8-sig").startswith("'=1,Name")


@pytest.mark.parametrize("name", NAMES)
def test_the_html_page_holds_everything_and_loads_nothing(name):
    page = written(documents()[name], "html").decode()
    text = unescape(re.sub(r"<[^>]+>", "", page))
    assert [part for part in said(documents()[name]) if part not in text] == []
    assert not re.search(r"<(?:script|img|link|iframe)|https?://|url\(", page)


def test_text_is_shown_and_never_obeyed():
    hostile = (
        '#panic() *bold* $x$ @ref <label> \\ `raw` [x](http://y) <script>alert(1)</script> {{7*7}} #read("/etc/passwd")'
    )
    document = small(hostile)
    assert re.sub(r"\s", "", hostile) in re.sub(r"\s", "", pdf_text(written(document, "pdf")))
    assert hostile in docx_text(written(document, "docx"))
    assert "<script>" not in written(document, "html").decode()
    text = written(document, "md").decode()
    assert "<script>" not in text.replace("\\<", "")
    assert "[x](" not in text.replace("\\[", "")


def test_characters_that_xml_cannot_hold_are_left_out_of_every_format():
    document = small("a\x00b\x0bc\ud800d\ufffee", data=[Data("T", ("a",), (("a\x00b",),))])
    for form in ("docx", "pdf", "md", "html", "xlsx", "csv"):
        assert written(document, form)
    assert "abcde" in docx_text(written(document, "docx"))


def test_markdown_lines_that_look_like_lists_are_plain():
    text = written(small("1. first - no list"), "md").decode()
    assert "1\\. first" in text
    assert "\\- x" in written(small("- x"), "md").decode()


def test_a_table_in_markdown_has_as_many_cells_in_every_row():
    grid = Document("T", "", MADE_ON, "p", (table((("a|b", 1), ("c", 1)), [("x|y", "z\nw")], right=(1,)),), ())
    lines = [line for line in written(grid, "md").decode().splitlines() if line.startswith("|")]
    assert lines[1] == "| --- | ---: |"
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}


def test_a_document_without_tables_is_no_csv():
    with pytest.raises(UsageError, match="no table"):
        written(small("x"), "csv")


def test_what_nobody_rated_is_not_found(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    space.store[Rubrics].add(sample_rubric())
    empty = RatedCalls(sample_rubric(), {}, ())
    with pytest.raises(NotFound, match="no call is rated"):
        team_report(empty, team_heat_map(season(space)), made_on=MADE_ON)
    with pytest.raises(NotFound, match="nobody"):
        scorecard(REP, empty, None, ProfileRules(), made_on=MADE_ON)
    with pytest.raises(NotFound, match="Priya Raman"):
        scorecard("Somebody Else", rated(), None, ProfileRules(), made_on=MADE_ON)


def test_a_failed_rating_never_looks_like_a_low_one():
    document = scorecard(REP, rated(), rep_profile(sample_season(), REP), ProfileRules(), made_on=MADE_ON)
    ratings = next(d for d in document.data if d.name == "Ratings")
    status, value = ratings.columns.index("status"), ratings.columns.index("value")
    by_status = {row[status]: row[value] for row in ratings.rows}
    assert by_status["failed"] is None
    assert by_status["not_applicable"] is None
    counted = next(d for d in document.data if d.name == "Profiles")
    n, failed = counted.columns.index("n"), counted.columns.index("failed")
    assert [(row[n], row[failed]) for row in counted.rows] == [(8, 1)] * 7
