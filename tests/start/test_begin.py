"""Beginning a workspace in the browser: what the page says, the sample with one click, and only where nothing is there."""

from __future__ import annotations

from agent.calls.store import Calls
from agent.interviews.store import Interviews
from tests.api.conftest import Site, csrf
from tests.api.conftest import _site as _made  # noqa: F401  a fixture


def emptied(site: Site) -> Site:
    """Without the calls and interviews that the site has."""
    for ident in [place for place in site.space.store[Calls].placed()]:
        site.program("ops_lead").delete(f"/api/v1/calls/{ident}?along=true")
    for ident in site.space.store[Interviews].heard():
        site.program("ops_lead").delete(f"/api/v1/interviews/{ident}?along=true")
    return site


def test_an_empty_workspace_is_led_to_it_and_begins_with_the_sample(site: Site) -> None:
    page = emptied(site).browser("ops_lead")
    assert 'href="/begin"' in page.get("/").text
    shown = page.get("/begin").text
    assert "Begin with no model" in shown
    assert "Begin with the sample" in shown
    sent = page.post("/begin/sample", data={"csrf": csrf(page, "/begin")})
    assert sent.status_code == 303, sent.text
    assert site.space.store[Calls].count() == 40
    lines = site.program("ops_lead").get("/api/v1/audit?action=sample_imported").json()["items"]
    assert [(line["subject"], line["person"]) for line in lines] == [("ledgerline", "ops_lead")]
    after = page.get("/begin").text
    assert "Begin with the sample" not in after
    assert "18 interviews, 40 calls" in after
    again = page.post("/begin/sample", data={"csrf": csrf(page, "/begin")})
    assert again.status_code == 409
    assert site.space.store[Calls].count() == 40
