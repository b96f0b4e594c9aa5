"""Beginning a workspace in the browser: what the page says, the sample with one click, and only where nothing is there."""

from __future__ import annotations

from pathlib import Path

from agent.calls.store import Calls
from tests.api.conftest import csrf, made_site


def test_an_empty_workspace_is_led_to_it_and_begins_with_the_sample(tmp_path: Path) -> None:
    with made_site(tmp_path, filled=False) as site:
        page = site.browser("ops_lead")
        assert 'href="/begin"' in page.get("/").text
        shown = page.get("/begin").text
        assert "Begin with no model" in shown
        assert "Begin with the sample" in shown
        sent = page.post("/begin/sample", data={"csrf": csrf(page, "/begin")})
        assert sent.status_code == 303, sent.text
        there = site.space.store[Calls].count()
        assert there > 40  # those of the season have no words
        lines = site.program("ops_lead").get("/api/v1/audit?action=sample_imported").json()["items"]
        assert [(line["subject"], line["person"]) for line in lines] == [("ledgerline", "ops_lead")]
        after = page.get("/begin").text
        assert "Begin with the sample" not in after
        assert f"18 interviews, {there} calls" in after
        assert page.post("/begin/sample", data={"csrf": csrf(page, "/begin")}).status_code == 409
        assert site.space.store[Calls].count() == there
