"""Every document in German and Spanish, in every format: what stands in it in English too is data of the workspace."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from html import unescape

import pytest
import sqlalchemy
from docx import Document as Word
from openpyxl import load_workbook
from pypdf import PdfReader

from agent.app.documents.formats import written
from agent.coaching.verbs import export_brief
from agent.core.language import LANGUAGES, speaking
from agent.db.audit import AuditLog
from agent.documents import verbs
from agent.guides.file import read_guides
from tests.documents.crawl import demo_site

pytestmark = pytest.mark.slow

OTHERS = [code for code in LANGUAGES if code != "en"]
# The same words in these languages, or words of statistics that are not translated.
SAME = {
    "de": {
        "Team",
        "Name",
        "Text",
        "Alpha",
        "n",
        "p",
        "10-3-1",
        "Deals",
        "Odds Ratio",
        "Interviews",
        "Moment",
        "Prompt",
    },
    "es": {"n", "p", "10-3-1", "Final", "odds ratio", "variable", "~ variable", "provisional", "Prompt"},
}
WORKED_OUT = {"computed"}  # figures with sentences of ours
ASKED = "Tell me how you decided.", "Tell me how it ended."
LETTERS = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with demo_site(tmp_path_factory.mktemp("tongues")) as site:
        yield site


def _documents(site):
    who = site.who("ops_lead")
    guide = site.space.settings.workspace / "guide.yaml"
    guide.write_text("won:\n  - {}\nlost:\n  - {}\n".format(*ASKED), encoding="utf-8")
    return {
        "scoring guide": lambda: verbs.export_scoring_guide(who),
        "calibration record": lambda: verbs.export_calibration(who, "3"),
        "scorecard": lambda: verbs.export_scorecard(who, "Marcus Lee"),
        "team report": lambda: verbs.export_team_report(who),
        "summary": lambda: verbs.export_summary(who),
        "brief": lambda: export_brief(who, "Marcus Lee"),
        "brief of the team": lambda: export_brief(who, "team"),
        "interview guide": lambda: verbs.export_guide(who, read_guides(guide)),
    }


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for one in fields(value):
            if one.name not in ("logged", "tone", "shorter"):
                yield from _texts(getattr(value, one.name))


def _leaves(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in "[{":
            try:
                yield from _leaves(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)


@pytest.fixture(name="data", scope="module")
def _data(site):
    """Every text of the workspace by itself, as it stands in its tables, and names and ids with what stands around them."""
    engine = site.space.store.engine
    names = [name for name in sqlalchemy.inspect(engine).get_table_names() if name not in WORKED_OUT]
    with engine.connect() as connection:
        rows = [row for name in names for row in connection.execute(sqlalchemy.text(f'SELECT * FROM "{name}"'))]
    return {leaf.strip() for row in rows for value in row for leaf in _leaves(value)} | {
        words
        for one in (*site.space.stages.stages, *site.space.stages.moments)
        for words in (one.name, getattr(one, "won", ""), *ASKED)
    }


def _made(site):
    return {code: {name: _in(code, make) for name, make in _documents(site).items()} for code in LANGUAGES}


def _in(code, make):
    with speaking(code):
        return make()


@pytest.fixture(name="made", scope="module")
def _all_made(site):
    return _made(site)


def _pieces(text: str) -> set[str]:
    """A text's parts between marks, of which each may be a name or words of somebody."""
    return {part.strip(" .:“”()") for part in re.split(r"[,;:·|\n]| – | \(|\) ", text)}


@pytest.mark.parametrize("code", OTHERS)
def test_what_a_document_says_in_english_too_is_data(made, data, code):
    english = []
    for name, document in made[code].items():
        own, others = set(_texts(document)), set(_texts(made["en"][name]))
        heads = {head for table in document.data for head in (table.name, *table.columns)}  # told when they are written
        for text in (own & others) - heads - _methods(document) - SAME[code]:
            left = {part for part in _pieces(text) if LETTERS.search(part)} - data - SAME[code]
            if text.strip() not in data and left and not _words_of_somebody(text, data):
                english.append((name, text[:120]))
    assert english == []


def _methods(document) -> set[str]:
    """How figures were worked out, for whoever computes with them: names of statistics (docs/page-languages.md)."""
    tables = [table for table in document.data if "method" in table.columns]
    return {str(row[table.columns.index("method")]) for table in tables for row in table.rows}


def _words_of_somebody(text: str, data: set[str]) -> bool:
    """A line of a turn with its speaker, cut or not, or several lines of a criterion."""
    said = text.partition(": ")[2].removesuffix(" …") or text
    lines = [line.partition(" = ")[2] or line for line in said.split("\n")]
    return all(any(line in one for one in data) for line in lines if LETTERS.search(line))


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("form", ["html", "md", "docx", "pdf", "xlsx"])
def test_no_format_says_what_the_english_document_says(made, data, code, form):
    found = []
    for name, document in made[code].items():
        own, english = set(_texts(document)), set(_texts(made["en"][name]))
        heads = {head for table in made["en"][name].data for head in (table.name, *table.columns)}
        gone = (
            {text for text in english - own if len(LETTERS.findall(text)) > 2}
            | {"Page 1 of", "Made from"}
            | (heads - SAME[code] if form == "xlsx" else set())
        )
        with speaking(code):
            nodes = _nodes(written(document, form), form)
        assert nodes
        found += [(name, text[:80]) for text in gone if text in nodes]
        found += [(name, node) for node in nodes if node.startswith(("Page ", "About"))]
    assert found == []


def _nodes(content: bytes, form: str) -> set[str]:
    match form:
        case "docx":
            word = Word(io.BytesIO(content))
            cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
            feet = [p.text for section in word.sections for p in section.footer.paragraphs]
            return {*(paragraph.text for paragraph in word.paragraphs), *cells, *feet}
        case "pdf":
            return {line for page in PdfReader(io.BytesIO(content)).pages for line in page.extract_text().split("\n")}
        case "xlsx":
            book = load_workbook(io.BytesIO(content))
            return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}
        case "md":
            return {line.strip("#*-> ") for line in content.decode().split("\n")}
        case _:
            return {part.strip() for part in re.split(r"<[^>]*>", content.decode().partition("</style>")[2])}


@pytest.mark.parametrize("code", OTHERS)
def test_the_report_on_one_page_says_nothing_of_its_own_in_english(site, data, code):
    pages = {}
    for one in ("en", code):
        page = _in(one, lambda: verbs.export_report(site.who("ops_lead")))
        page = page.partition("</style>")[2].partition("<script>")[0]
        page = re.sub(r'<section id="(calls|interviews)">.*?</section>', "", page, flags=re.DOTALL)
        pages[one] = {unescape(part).strip() for part in re.split(r"<[^>]*>", page)}
    left = [
        text
        for text in pages["en"] & pages[code] - data - SAME[code]
        if {part for part in _pieces(text) if LETTERS.search(part)} - data - SAME[code]
        and not _words_of_somebody(text, data)
    ]
    assert not left, "; ".join(sorted(left))


def test_the_log_says_in_english_what_was_handed_out(site, made):
    subjects = {entry.subject for entry in site.space.store[AuditLog].page(limit=200)}
    assert {"Scorecard: Marcus Lee", "Team report", "Win-loss summary", "Interview guide"} <= subjects
    assert not any(re.search("Bewertungsbogen|Teambericht|Informe", subject) for subject in subjects)
