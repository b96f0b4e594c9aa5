"""Nothing typed is lost: every form of the pages, sent after the session ended, after signing in anew in another tab,
and with values that are refused."""

from __future__ import annotations

import html
import inspect
import re
import types
import typing

import pytest
from fastapi.params import Form
from pydantic import BaseModel

from agent.app.web import routes
from agent.core.people import ROLES
from tests.api.conftest import BASE, PASSWORD, csrf, made_site
from tests.api.walk import tables
from tests.builders import often

TABLES = tables()
DECLARED = {f"{one.method} {one.path}": one for one in routes.declared()}
# Nobody is signed in there, or nobody needs to be: what they hold is a password.
WITHOUT = {
    "POST /sign-in",
    "POST /welcome/{secret}",
    "POST /sign-in/go-on",
    "POST /sign-out",
    "POST /sign-out-everywhere",
}
KEYS = sorted(key for key in DECLARED if key.startswith("POST ") and "/api/" not in key and key not in WITHOUT)
CHOSEN = {"taken", "provider"}  # hidden: what a button stands beside, nobody types it
SECRET = {"key", "key_env"}  # never sent back
FROM_HERE = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("again")) as site:
        yield site


def fields_of(key):
    """The names of the texts that somebody may type, as the route declares them."""
    hints = typing.get_type_hints(DECLARED[key].route.endpoint, include_extras=True)
    for name, parameter in inspect.signature(DECLARED[key].route.endpoint).parameters.items():
        hint = hints[name]
        if typing.get_origin(hint) in (typing.Union, types.UnionType):
            hint = next(one for one in typing.get_args(hint) if one is not type(None))
        told = [*getattr(hint, "__metadata__", ()), parameter.default]
        form = next((one for one in told if isinstance(one, Form)), None)
        if form is not None and typing.get_args(hint)[:1] == (str,) and name not in CHOSEN | SECRET:
            yield form.alias or name
        shape = typing.get_args(hint)[:1] if form is not None else ()
        if shape and isinstance(shape[0], type) and issubclass(shape[0], BaseModel):
            yield from (
                of
                for of, field in shape[0].model_fields.items()
                if field.annotation is str and of not in CHOSEN | SECRET
            )


def typed_into(site, key):
    """A request in order with the own words in each field that takes words, and those words."""
    entry = TABLES[key]
    values = entry.path(site) if callable(entry.path) else entry.path
    form = dict(entry.form(values) if callable(entry.form) else entry.form or {})
    words = {name: f"typed <b>&</b> “{name}” letter by letter\nand on" for name in fields_of(key) if name not in form}
    if not words:
        words = {name: value for name, value in form.items() if isinstance(value, str) and len(value) > 6}
    return key.split(" ")[1].format(**values), form | words, list(words.values())


def in_the_page(answer, words):
    """Whether each of these texts stands on the page as a person would see it again: in a field."""
    text = html.unescape(answer.text).replace("\r\n", "\n")
    return [one for one in words if one not in text and one.replace("\n", "") not in text]


def _role(key):
    return next(role for role in ROLES if role in TABLES[key].roles)


@pytest.mark.parametrize("key", often(KEYS, 4))
def test_signed_out_meanwhile_the_words_wait_behind_the_sign_in(site, key):
    browser, role = site.anonymous(), _role(key)
    path, form, words = typed_into(site, key)
    answer = browser.post(
        path, data=form | {"csrf": "of the ended session"}, headers=FROM_HERE | {"Referer": f"{BASE}/help"}
    )
    assert answer.status_code == 401
    assert "You were signed out before this was sent" in answer.text
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text).group(1)
    token = re.search(r'name="csrf-token" content="([^"]+)"', answer.text).group(1)
    signed = browser.post("/sign-in", data={"name": role, "password": PASSWORD, "kept": kept, "csrf": token})
    assert signed.status_code == 200, signed.text[:500]
    assert "You are signed in. Nothing was sent yet" in signed.text
    assert in_the_page(signed, words) == []


@pytest.mark.parametrize("key", often(KEYS, 4))
def test_signed_in_anew_in_another_tab_the_form_comes_back(site, key, browsers):
    path, form, words = typed_into(site, key)
    answer = browsers(_role(key)).post(
        path, data=form | {"csrf": "of an earlier session"}, headers=FROM_HERE | {"Referer": f"{BASE}/help"}
    )
    assert answer.status_code == 403
    assert answer.text.count("This page is older than your last sign-in") == 1
    assert in_the_page(answer, words) == []


@pytest.mark.parametrize("key", KEYS)
def test_what_is_refused_comes_back(site, key, browsers):
    path, form, words = typed_into(site, key)
    browser = browsers(_role(key))
    form["csrf"] = csrf(browser, "/help")
    answer = browser.post(path, data=form, headers=FROM_HERE | {"Referer": f"{BASE}/help"})
    if answer.status_code >= 400:
        assert in_the_page(answer, words) == []
    else:
        page = browser.get(answer.headers.get("location", "/help")).text
        assert 'class="flash problem"' not in page.partition('id="flashes"')[2].partition("</div>")[0]


@pytest.fixture(name="browsers", scope="module")
def _browsers(site):
    made = {}
    return lambda role: made.setdefault(role, site.browser(role))


def test_a_wrong_password_and_too_many_of_them_lose_nothing(tmp_path):
    with made_site(tmp_path) as site:
        browser, form = site.anonymous(), {"name": "Words of mine", "email": "x", "role": "viewer"}
        answer = browser.post("/admin/people", data=form, headers=FROM_HERE | {"Referer": f"{BASE}/admin/people"})
        kept = re.search(r'name="kept" value="([^"]+)"', answer.text).group(1)
        for _ in range(12):
            sent = {"name": "ops_lead", "password": "wrong", "kept": kept, "csrf": csrf(browser, "/sign-in")}
            answer = browser.post("/sign-in", data=sent, headers=FROM_HERE | {"Referer": f"{BASE}/admin/people"})
            assert f'name="kept" value="{kept}"' in answer.text
        assert answer.status_code == 429
        elsewhere = site.anonymous(("elsewhere", 1))
        elsewhere.cookies = browser.cookies
        sent = sent | {"password": PASSWORD, "csrf": csrf(elsewhere, "/sign-in")}
        assert 'value="Words of mine"' in elsewhere.post("/sign-in", data=sent).text


def test_a_form_of_another_page_is_not_kept(site):
    for headers in ({}, {"Origin": "https://elsewhere.test"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        answer = site.anonymous().post("/admin/people", data={"name": "Words of theirs"}, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        stale = site.ops_browser.post("/admin/people", data={"name": "Words of theirs", "csrf": "x"}, headers=headers)
        assert stale.status_code == 403
        assert "Words of theirs" not in stale.text


def test_the_form_itself_is_filled_and_no_password_is(site):
    """On its own page, in its own fields: of two forms with one address the one whose hidden fields agree."""
    form = {
        "role": "rep",
        "rep": "Rae",
        "name": 'Ana "A" Ruiz',
        "email": "x",
        "password": "secret words",
        "csrf": "old",
    }
    answer = site.ops_browser.post("/admin/people", data=form, headers=FROM_HERE | {"Referer": f"{BASE}/admin/people"})
    assert answer.status_code == 403
    assert re.search(r"<input name=\"name\"[^>]* value='Ana \"A\" Ruiz'", answer.text)
    assert '<option value="rep" selected' in answer.text
    assert "secret words" not in answer.text
    assert "You also gave" not in answer.text


def test_a_file_is_named_and_a_page_with_a_space_in_its_address_is_found(site):
    headers = FROM_HERE | {"Referer": f"{BASE}/upload?kind=call"}
    answer = site.ops_browser.post(
        "/upload", data={"kind": "interview", "csrf": "old"}, files={"files": ("march.txt", b"A: b")}, headers=headers
    )
    assert answer.status_code == 403
    assert "march.txt" in answer.text
    assert re.search(r'value="interview" checked', answer.text)
    there = site.ops_browser.post(
        "/calls/call-1/delete",
        data={"confirm": "some words", "csrf": "old"},
        headers=FROM_HERE | {"Referer": f"{BASE}/help%3F"},
    )
    assert there.status_code == 403
    assert "Its form is not on this page any more" in there.text
    assert "some words" in there.text


def test_a_key_that_was_typed_is_never_sent_back(site):
    form = {"rater": "openai/x", "key": "sk-secret", "key_env": "sk-by-mistake", "csrf": "old"}
    for browser in (site.ops_browser, site.anonymous()):
        answer = browser.post("/admin/models", data=form, headers=FROM_HERE | {"Referer": f"{BASE}/admin/models"})
        assert answer.status_code in (401, 403)
        assert "sk-" not in answer.text
