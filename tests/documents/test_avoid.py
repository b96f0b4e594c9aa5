"""A behavior to avoid is worded the other way round in every document and on every page."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from agent.app.documents.formats import written
from agent.app.telling import unsaid
from agent.app.web import routes
from agent.calls.store import Calls
from agent.coaching.verbs import export_brief, make_plan
from agent.documents import verbs
from agent.documents.after_scores import report_parts
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import draw_baselines
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.api.conftest import made_site
from tests.api.season import _call, _rating
from tests.builders import criterion, rubric
from tests.cli.conftest import Shell

PATHS = sorted(
    {
        route.path
        for route in routes.declared()
        if route.method == "GET"
        and not route.path.startswith(("/api/", "/sso", "/metrics", "/admin/retention/export"))
        and not re.search(r"\{(?!rep\}|ref\})", route.path)
    }
)
REPS = ("Rae", "Sam", "Tom", "Una")
DAY = date(2026, 3, 1)
# What only fits a behavior to show. The words of the rule and of the legend are about criteria in general.
WRONG = re.compile(
    r"discounts[^.|<]{0,60}(consistently (present|absent)|missed it|did it(?! \(to avoid)|below target|short of)",
    re.IGNORECASE,
)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    """Four reps who discount in each of twelve calls, which they should not."""
    with made_site(tmp_path_factory.mktemp("avoid")) as site:
        store = site.space.store
        made = store[Rubrics].add(
            rubric(
                criterion("discounts", name="Discounts", description="Gives a discount unasked.", weight=-1.0),
                label="avoid",
            )
        )
        for place, rep in enumerate(REPS):
            for number in range(12):
                call = _call(f"a-{place}-{number:02}", rep, DAY + timedelta(days=2 * number), asked=True)
                store[Calls].add(call)
                given = _rating(call, "discounts", 1)
                provenance = given.provenance.model_copy(update={"rubric": made.id})
                store[Ratings].add([given.model_copy(update={"provenance": provenance})])
        for number in range(12):  # in her cycle Rae never discounts
            call = _call(f"b-{number:02}", "Rae", date(2026, 4, 2) + timedelta(days=number), asked=True)
            store[Calls].add(call)
            given = _rating(call, "discounts", 0)
            provenance = given.provenance.model_copy(update={"rubric": made.id})
            store[Ratings].add([given.model_copy(update={"provenance": provenance})])
        store[CoachingPeriods].add(
            [
                CoachingPeriod(
                    rep="Rae", cycle="cycle_1", start=date(2026, 4, 1), end=date(2026, 4, 30), criteria=("discounts",)
                )
            ]
        )
        draw_baselines(site.who("ops_lead"), made.id)
        make_plan(site.who("manager"), "Rae", ["discounts"], made.id)
        yield site


def documents(site):
    lead = site.who("ops_lead")
    return {
        "scorecard": verbs.export_scorecard(lead, "Rae", "avoid"),
        "report": verbs.export_team_report(lead, "avoid"),
        "brief": export_brief(lead, "Rae"),
        "guide": verbs.export_scoring_guide(lead, "avoid"),
    }


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize("name", ["scorecard", "report", "brief", "guide"])
def test_documents(site, name, form):
    text = unescape(written(documents(site)[name], form).decode())
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "Discounts" in plain
    assert not WRONG.search(plain), WRONG.search(plain)
    if name != "guide":
        assert "(to avoid)" in plain
    if name == "brief":
        assert "did it (to avoid)" in plain
    if name == "report":
        assert "beyond the target (they do it too often)" in plain


def test_the_sheets_of_the_team_report(site):
    profiles, gaps, _ = documents(site)["report"].data
    assert {row[profiles.columns.index("state")] for row in profiles.rows} == {"consistently does it (to avoid)"}
    assert {row[gaps.columns.index("severity")] for row in gaps.rows} == {"consistently does it; the aim is not to"}


def words_of(content, form):
    """All text of a file, in one line."""
    match form:
        case "docx":
            xml = ZipFile(BytesIO(content)).read("word/document.xml").decode()
            text = re.sub(r"<[^>]+>", " ", xml.replace("</w:p>", " | "))
        case "pdf":
            text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        case "xlsx":
            sheets = load_workbook(BytesIO(content)).worksheets
            text = " | ".join(" ".join(str(c) for c in row if c is not None) for s in sheets for row in s.values)
        case _:
            text = re.sub(r"<[^>]+>", " ", unescape(content.decode()))
    return " ".join(text.split())


@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx", "md", "html"])
@pytest.mark.parametrize("name", ["scorecard", "report", "brief", "guide"])
def test_every_format_says_it_the_other_way_round(site, name, form):
    if (name, form) in {("brief", "xlsx"), ("guide", "xlsx")}:
        return  # nothing of them is a table of figures
    said = words_of(written(documents(site)[name], form), form)
    assert "iscounts" in said
    assert not WRONG.search(said), WRONG.search(said)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_it_the_other_way_round(site, path):
    answer = site.browser("ops_lead").get(path.replace("{rep}", "Rae").replace("{ref}", "avoid"), follow_redirects=True)
    assert answer.status_code < 500
    if "html" not in answer.headers.get("content-type", ""):
        return
    for line in re.split(r"</(?:tr|li|p|h\d|summary|dd|title)>", unescape(answer.text)):
        assert not WRONG.search(" ".join(re.sub(r"<[^>]+>", " ", line).split())), line


def test_the_report_page_and_its_chart(site):
    parts = {part.id: part for part in report_parts(site.space, unsaid)}
    said = f"{parts['baseline']} {parts['gaps']}"
    assert "consistently does it (to avoid)" in parts["baseline"].sentences[0]
    assert "discounts (to avoid)" in parts["baseline"].chart.svg
    assert "consistently absent" not in said
    assert "more than the target allows" in said
    assert "discounts (to avoid)" in str(parts["movement"].rows)
    assert "less is the aim" in parts["movement"].chart.svg
    assert list(parts).index("coaching") < list(parts).index("movement")


@pytest.mark.parametrize("path", ["/profiles", "/profiles/Rae"])
def test_pages(site, path):
    page = unescape(site.browser("manager").get(path).text)
    main = page[page.index("<h1>") :]
    assert "consistently does it (to avoid)" in main
    assert "more than the target allows" in main
    for line in re.findall(r"<(?:tr|li)[^>]*>.*?</(?:tr|li)>", main, re.DOTALL):
        assert not WRONG.search(" ".join(re.sub(r"<[^>]+>", " ", line).split())), line


@pytest.mark.parametrize("command", [["baseline", "show"], ["gaps"], ["gaps", "--rep", "Rae"], ["coach", "track"]])
def test_commands(site, command, capsys):
    shown = Shell(site.space.settings.workspace, capsys)(*command, "--rubric", "avoid")
    words = " ".join(shown.out.split())
    assert "consistently absent" not in words
    assert "consistently present" not in words
    assert "avoid)" in words.partition("weights: rubric")[0]
