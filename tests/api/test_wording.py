"""Sentences of ours on pages: without commands, and otherwise as they are."""

from __future__ import annotations

import pytest

from agent.app.web.wording import without_commands
from tests.api.conftest import csrf


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no coaching is known; run: closeread coaching import FILE", "no coaching is known"),
        ("v1 has no ratings; run: closeread score run, or: closeread ratings import FILE", "v1 has no ratings"),
        ("rubric v1 (choose another with --rubric)", "rubric v1"),
        ("coached on a, but on b; choose it with --rubric", "coached on a, but on b"),
        ("there is no plan for 'Al'; make one first: closeread coach plan", "there is no plan for 'Al'"),
        ("it is final; a correction is a new rating: closeread calibrate correct 1", "it is final; a correction is a new rating"),
        ("a correction needs a reason: --reason TEXT", "a correction needs a reason"),
        ("--weight names x, which is no criterion", "--weight names x, which is no criterion"),
        ("Closeread reads calls -- and counts", "Closeread reads calls -- and counts"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_clause_that_names_a_command_is_left_out(said, shown):
    assert without_commands(said) == shown


def test_an_error_page_names_no_command_and_the_api_still_does(site):
    page = site.browser("manager").get("/rubric/none")
    assert page.status_code == 404
    assert "There is no rubric &#39;none&#39;" in page.text
    assert "closeread rubric list" not in page.text
    answer = site.program("manager").get("/api/v1/rubrics/none").json()
    assert "closeread rubric list" in answer["detail"]


def test_links_to_the_upload_choose_what_is_brought(site):
    ops = site.browser("ops_lead")
    page = ops.get("/outcomes").text
    assert '<a href="/upload?kind=deals">Import deals</a>' in page
    assert 'value="deals" checked' in ops.get("/upload?kind=deals").text
    assert csrf(ops, "/upload?kind=deals")
    assert ops.get("/upload?kind=nothing").status_code == 422
