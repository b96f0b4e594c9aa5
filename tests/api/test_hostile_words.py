"""Markup, Markdown and formulas in every text of a workspace (what people typed, what manifests and file names say, what
models replied): nothing of it is live on a page, in a document or in a table."""

import csv
import io
import re
import zipfile
from urllib.parse import quote, urlsplit

import lxml.html
import openpyxl
import pypdf
import pytest
from markdown_it import MarkdownIt

from agent.app.documents.formats import written
from agent.calls.store import Calls
from agent.documents import verbs
from agent.uploads.made_manifest import made_rows, manifest_workbook
from tests.api.conftest import csrf, made_site
from tests.api.season import fill_season
from tests.api.test_walk import KEYS, TABLES, sent
from tests.poison import poisoned
from tests.retention.test_telling_ids import planted

WORDS = (
    '=HYPERLINK("http://evil.example","x") ![p](http://evil.example/p) [l](http://evil.example/l) '
    "<img src=http://evil.example/i onerror=alert(1)><script>alert(1)</script> <http://evil.example/a> "
)
GETS = [key for key in KEYS if key.startswith("GET ")]


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("hostile"), filled=False) as site:
        planted(site.space)
        fill_season(site, reps=("Rae Kim", "Sam Lee", "Ann Poe"))
        changed = poisoned(site.space.store, lambda text: WORDS + text)
        assert changed.keys() >= {
            "calls",
            "interviews",
            "rubrics",
            "ratings",
            "extractions",
            "disputes",
            "plans",
            "uploads",
        }
        yield site


def live(page):
    """What of the planted words a browser would act on."""
    found = []
    for element in lxml.html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            if name.startswith("on") or (name in ("href", "src", "action") and "evil" in urlsplit(value).netloc):
                found.append((element.tag, name, value))
        if element.tag == "script" and not element.get("src") and "alert" in (element.text or ""):
            found.append((element.tag, "", element.text))
    return found


def test_no_page_and_no_answer_has_it_live(site):
    browser, program = site.browser("ops_lead"), site.program("ops_lead")
    token, seen, wrong = csrf(browser, "/"), 0, {}
    for key in GETS:
        if TABLES[key].roles is None or callable(TABLES[key].path):
            continue
        answer = sent(program if "/api/" in key else browser, site, key, token)
        kind = answer.headers.get("content-type", "")
        if "text/html" in kind and answer.text:
            seen += "evil.example" in answer.text
            if found := live(answer.text):
                wrong[key] = found[:3]
        elif "text/csv" in kind:
            wrong |= {key: formulas(answer.text)} if formulas(answer.text) else {}
    assert wrong == {}
    assert seen >= 8


def test_pages_of_a_rep_a_call_and_an_interview_too(site):
    browser = site.ops_browser
    rep = quote(rep_of(site), safe="")
    pages = [
        f"/profiles/{rep}",
        f"/coaching/{rep}",
        "/calls/s-0-00",
        "/interviews/won-2",
        "/patterns/asked_cost",
        "/disputes/di-0",
    ]
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert "evil.example" in answer.text, page
        assert live(answer.text) == [], page


def formulas(text):
    """Cells that a spreadsheet program would take for a formula."""
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    return [
        cell
        for row in rows
        for cell in row
        if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not re.fullmatch(r"-?[\d.]+", cell)
    ][:3]


def rep_of(site):
    return next(rep for rep in site.space.store[Calls].reps() if "Rae Kim" in rep)


DOCUMENTS = {
    "scoring guide": lambda who, rep: verbs.export_scoring_guide(who, "season"),
    "scorecard": lambda who, rep: verbs.export_scorecard(who, rep, "season"),
    "team report": lambda who, rep: verbs.export_team_report(who, "season"),
    "summary": lambda who, rep: verbs.export_summary(who, "season"),
}


@pytest.mark.parametrize("form", ["html", "md", "csv", "xlsx", "docx", "pdf"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_has_it_live(site, name, form):
    made = DOCUMENTS[name](site.who("ops_lead"), rep_of(site))
    content = written(made, form)
    found, planted_there = OPENED[form](content)
    assert found == []
    assert planted_there


def test_the_report_has_nothing_live(site):
    report = verbs.export_report(site.who("ops_lead"), rubric="season")
    assert live(report) == []
    assert "evil.example" in report


def in_html(content):
    text = content.decode()
    return live(text), "evil.example" in text


def in_markdown(content):
    text = MarkdownIt("commonmark", {"html": True}).render(content.decode())
    return live(f"<div>{text}</div>"), "evil.example" in text


def in_csv(content):
    text = content.decode()
    return formulas(text), "evil.example" in text


def in_workbook(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [c.value for c in cells if c.data_type == "f" or c.hyperlink], any(
        "evil.example" in str(c.value) for c in cells
    )


def in_word(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {
            name: file.read(name).decode("utf-8", "replace")
            for name in file.namelist()
            if name.endswith((".xml", ".rels"))
        }
    links = [name for name, text in parts.items() if name.endswith(".rels") and "evil.example" in text]
    fields = [
        name for name, text in parts.items() if re.search(r"instrText[^<]*HYPERLINK|fldSimple[^>]*HYPERLINK", text)
    ]
    return links + fields, "evil.example" in parts["word/document.xml"]


def in_pdf(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    marks = [str(mark.get_object()) for page in pages for mark in page.get("/Annots") or []]
    return [mark for mark in marks if "evil.example" in mark], any("evil" in page.extract_text() for page in pages)


OPENED = {"html": in_html, "md": in_markdown, "csv": in_csv, "xlsx": in_workbook, "docx": in_word, "pdf": in_pdf}


def test_names_of_files_and_cells_of_manifests_are_texts(tmp_path):
    folder = tmp_path / "calls"
    folder.mkdir()
    name = '=HYPERLINK("http:evil.example","x") ![p](x) <img src=x>.txt'
    (folder / name).write_text("Rae: What does it cost?\nBo: Nine.\n")
    book = openpyxl.load_workbook(io.BytesIO(manifest_workbook("call", list(made_rows("call", folder, ())))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert name in [cell.value for cell in cells]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
