"""Every table of a page is there as CSV and as Excel, with what the page shows to whoever asks."""

from __future__ import annotations

import csv
import io
import re

import pytest
from fastapi import Request
from fastapi.responses import HTMLResponse
from openpyxl import load_workbook

from agent.app.web.page_tables import MARK, with_tables
from agent.core.language import speaking
from agent.people.store import People
from tests.api.conftest import Site
from tests.api.conftest import _site as _made  # noqa: F401  a fixture

PAGE = f"""<h2>Reps &amp; deals</h2><div role="region" aria-label="Reps"><table><thead><tr><th>Rep</th><th>Shown</th><th>Shown</th></tr></thead>
<tbody><tr><th>Tom <small>Becker</small></th><td>7 of 9</td><td>12</td></tr>
<tr><td>=1+1</td><td><svg aria-label="half"><text>no</text></svg></td><td><form><button>Remove</button></form>0.5</td></tr></tbody></table></div>
<table><tr><td><input name="typed"></td></tr></table>{MARK}"""


def asked(query: str, html: str = PAGE) -> str | bytes:
    scope = {"type": "http", "method": "GET", "path": "/reps", "query_string": query.encode(), "headers": []}
    answer = with_tables(Request(scope), HTMLResponse(html))
    return bytes(answer.body)


def rows(body: str | bytes) -> list[dict[str, str]]:
    assert isinstance(body, bytes)
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_a_table_is_offered_by_its_name_and_one_to_type_in_is_not() -> None:
    page = bytes(asked("rep=T%26S")).decode()  # type: ignore[arg-type]
    assert 'href="?rep=T%26S&amp;table=1.csv"' in page
    assert "The table of this page as a file" in page
    assert "<li>Reps: " in page
    assert "table=2" not in page


def test_the_file_has_the_words_of_the_page_without_what_is_pressed() -> None:
    first, second = rows(asked("table=1.csv"))
    assert first == {"Rep": "Tom Becker", "Shown": "7 of 9", "Shown (3)": "12"}
    assert second["Rep"].lstrip("'") == "=1+1"
    assert second["Rep"] != "=1+1"  # no formula
    assert (second["Shown"], second["Shown (3)"]) == ("half", "0.5")


def test_a_number_is_a_number_in_a_workbook() -> None:
    book = load_workbook(io.BytesIO(asked("table=1.xlsx")))  # type: ignore[arg-type]
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert 12 in cells
    assert "7 of 9" in cells


def test_a_workbook_is_in_the_language_of_whoever_asks_and_a_csv_is_the_same_for_all(site: Site) -> None:
    person = site.people["manager"]
    page = site.browser("manager")
    before = page.get("/calls?table=1.csv").text
    site.space.store[People].choose_language(person.id, "de")
    book = load_workbook(io.BytesIO(page.get("/calls?table=1.xlsx").content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "Gespräch" in cells
    assert "Call" not in cells
    assert page.get("/calls?table=1.csv").text == before
    assert "Call" in before


def test_a_number_with_the_marks_of_a_language_is_a_number_in_a_workbook() -> None:
    with speaking("de"):
        book = load_workbook(io.BytesIO(asked("table=1.xlsx", PAGE.replace("0.5", "0,5"))))  # type: ignore[arg-type]
    assert 0.5 in [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]


@pytest.mark.parametrize("query", ["table=9.csv", "table=1.exe", "table=../x", ""])
def test_what_is_not_there_is_the_page(query: str) -> None:
    assert b"<h2>" in bytes(asked(query))  # type: ignore[arg-type]


def test_on_every_page_with_a_table(site: Site) -> None:
    """All pages that an ops lead can open without an id: each table that is offered can be had both ways."""
    from agent.app.web import routes

    page, seen = site.browser("ops_lead"), 0
    for route in routes.declared():
        if route.method != "GET" or "{" in route.path or route.path.startswith(("/api", "/sso")):
            continue
        for link in re.findall(r'href="\?((?:[^"]*)table=\d+\.(?:csv|xlsx))"', page.get(route.path).text):
            answer = page.get(f"{route.path}?{link.replace('&amp;', '&')}")
            assert answer.headers["content-disposition"].startswith("attachment"), (route.path, link)
            seen += 1
    assert seen >= 10
    rep = site.browser("rep").get("/calls?table=1.csv")
    assert "call-3" not in rep.text  # another rep's
    assert "call-1" in rep.text
