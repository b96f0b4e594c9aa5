"""Pages for readers of other languages are made by rewritten templates: with nothing translated they say what English says."""

import re
from dataclasses import replace
from time import sleep

import pytest

from agent.app.web import templates
from tests.api.conftest import made_site
from tests.api.test_walk import KEYS, TABLES, sent

PAGES = [key for key in KEYS if key.startswith("GET /") and not key.startswith("GET /api/") and TABLES[key].roles]


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("marked")) as site:
        yield site


def plain(text):
    """A page without white space, and without what differs each time."""
    text = re.sub(r'name="csrf[^>]*>|value="[\w-]{20,}"|closeread_session[^;]*|datetime="[^"]*"|rq-\w+', "", text)
    return re.sub(r"\s+|&#34;|&quot;", "", text)


@pytest.mark.parametrize("key", PAGES)
def test_a_rewritten_page_says_the_same(site, key, monkeypatch):
    browser, made = site.ops_browser, templates.environment
    entry = TABLES[key]
    values = entry.path(site) if callable(entry.path) else entry.path
    monkeypatch.setitem(TABLES, key, replace(entry, path=values))
    while 'aria-busy="true" hx-get' in (before := sent(browser, site, key)).text:
        sleep(0.05)  # its figures are being worked out
    if "html" not in before.headers.get("content-type", ""):
        return
    monkeypatch.setattr(templates, "environment", lambda marked=False: made(True))
    after = sent(browser, site, key)
    assert after.status_code == before.status_code
    one, other = plain(before.text), plain(after.text)
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    assert other == one, f"{one[at - 60 : at + 60]} became {other[at - 60 : at + 60]}"
