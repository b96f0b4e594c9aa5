"""Pages for readers of other languages are made by rewritten templates: with nothing translated they say what English says,
and with everything translated they are the same pages."""

import re
from dataclasses import replace
from time import sleep

import pytest

from agent.app.web import templates
from agent.core import language
from agent.people.store import People
from agent.profiles.verbs import draw_baselines
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.test_walk import KEYS, TABLES, sent
from tests.builders import often

PAGES = [key for key in KEYS if key.startswith("GET /") and not key.startswith("GET /api/") and TABLES[key].roles]


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("marked")) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        yield site
        if hasattr(site.app.state, "later"):
            site.app.state.later.wait(120)


class Strange(dict):
    """A catalog in which each message is told in other letters, so that whatever goes by a text finds it changed."""

    def get(self, message, other=None):
        if other is None:
            return None
        return strange(other) if isinstance(other, str) else tuple(map(strange, other))


@pytest.fixture(name="_forgotten", autouse=True)
def _what_was_told_is_forgotten():
    yield
    language._retold.cache_clear()
    language._patterns.cache_clear()


def strange(message):
    parts = re.split(r"(\{\w+\}|</?\d+>|&#?\w+;)", message)
    return "".join(part if at % 2 else part.translate(_WIDE) for at, part in enumerate(parts))


_WIDE = {code: code + 0xFEE0 for code in (*range(65, 91), *range(97, 123))}


def plain(text):
    """A page without white space, and without what differs each time."""
    text = re.sub(r'name="csrf[^>]*>|value="[\w-]{20,}"|datetime="[^"]*"|rq-\w+', "", text)
    return re.sub(r"\s+|&#34;|&quot;", "", text)


def page(site, key):
    while 'aria-busy="true" hx-get' in (answer := sent(site.ops_browser, site, key)).text:
        sleep(0.05)  # its figures are being worked out
    return answer


@pytest.mark.parametrize("key", often(PAGES, 3))
def test_a_page_is_the_same_page_in_each_language(site, key, monkeypatch):
    entry, made = TABLES[key], templates.environment
    values = entry.path(site) if callable(entry.path) else entry.path
    monkeypatch.setitem(TABLES, key, replace(entry, path=values))
    before = page(site, key)
    if "html" not in before.headers.get("content-type", ""):
        return
    with monkeypatch.context() as patched:
        patched.setattr(templates, "environment", lambda marked=False: made(True))
        after = page(site, key)
    one, other = plain(before.text), plain(after.text)
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    assert other == one, f"{one[at - 60 : at + 60]} became {other[at - 60 : at + 60]}"
    monkeypatch.setattr(language, "catalog", lambda code: Strange())
    people, reader = site.space.store[People], site.people["ops_lead"].id
    people.choose_language(reader, "de")
    try:
        told = page(site, key)
    finally:
        people.choose_language(reader, "")
    assert told.status_code == before.status_code
    assert re.findall(r"<form|<table|<section|<select|<input", told.text) == re.findall(
        r"<form|<table|<section|<select|<input", before.text
    )
