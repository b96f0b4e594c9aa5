"""Every route with every role and with no role. The tables in `walk/` say what is expected; a route without an entry
fails, and so does one that lets in others than its entry says."""

from __future__ import annotations

from functools import cache

import pytest
from fastapi.routing import _IncludedRouter
from starlette.routing import Mount, Route

from agent.app.web import routes
from agent.core.people import ROLES
from tests.api.conftest import csrf, made_site
from tests.api.walk import tables

TABLES = tables()
DECLARED = {f"{route.method} {route.path}": route for route in routes.declared()}
KEYS = sorted(TABLES.keys() & DECLARED.keys())


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("walk")) as site:
        yield site


@pytest.fixture(name="askers", scope="module")
def _askers(site):
    """A program of each role, for the API."""
    return {role: site.program(role) for role in ROLES}


@pytest.fixture(name="named", scope="module")
def _named(site):
    """`values_of` of an entry for those who are refused; of routes that only read, what is named is made once."""
    read = cache(lambda path: path(site))

    def named(key):
        path = TABLES[key].path
        return read(path) if callable(path) and key.startswith(("GET ", "HEAD ")) else values_of(site, key)

    return named


def values_of(site, key):
    """What stands in the entry's address; what it names is made."""
    path = TABLES[key].path
    return path(site) if callable(path) else path


def sent(client, site, key, csrf_token="", values=None):
    """The entry's request; of what was made before where `values` are given."""
    entry, (method, path) = TABLES[key], key.split(" ")
    values = values_of(site, key) if values is None else values
    form = None if entry.form is None else dict(entry.form) | {"csrf": csrf_token}
    headers = dict(entry.headers) | ({"X-CSRF-Token": csrf_token} if csrf_token else {})
    return client.request(
        method,
        path.format(**values),
        params=entry.query,
        json=entry.json,
        data=form,
        files=entry.files,
        headers=headers,
    )


def test_every_route_has_an_entry_and_every_entry_a_route():
    assert TABLES.keys() == DECLARED.keys()


def test_no_route_is_outside_of_the_walk(site):
    others = [r for r in site.app.routes if not isinstance(r, _IncludedRouter)]
    assert {(type(r), r.path) for r in others} == {(Route, "/api/v1/openapi.json"), (Mount, "/static")}
    assert sum(isinstance(r, _IncludedRouter) for r in site.app.routes) == len(routes._routers())


def test_a_route_says_the_roles_that_are_expected():
    said = {key: None if DECLARED[key].roles is None else frozenset(DECLARED[key].roles) for key in KEYS}
    assert said == {key: TABLES[key].roles for key in KEYS}


def may(key, role):
    return TABLES[key].roles is None or role in TABLES[key].roles


@pytest.mark.parametrize("key", [key for key in KEYS if not all(may(key, role) for role in ROLES)])
def test_a_route_is_refused_to_every_other_role(site, askers, named, key):
    values = named(key)
    for role in ROLES:
        if not may(key, role):
            answer = sent(askers[role], site, key, values=values)
            assert answer.status_code == 403, (role, answer.text)


# Of those who may, one is asked for, another of each route; a rep too, who is told of the own calls alone.
ALLOWED = [(key, role) for key in KEYS for role in ROLES if may(key, role)]
IN_TURN = {
    (key, [role for role in ROLES if may(key, role)][at % sum(may(key, role) for role in ROLES)])
    for at, key in enumerate(KEYS)
}


@pytest.mark.parametrize(
    ("key", "role"),
    [
        pytest.param(key, role, marks=() if (key, role) in IN_TURN or role == "rep" else pytest.mark.slow)
        for key, role in ALLOWED
    ],
)
def test_a_route_does_what_is_expected_for_every_role(site, askers, key, role):
    entry = TABLES[key]
    client = askers[role] if entry.roles is not None else site.anonymous()
    token = csrf(client, "/sign-in") if entry.roles is None else ""
    answer = sent(client, site, key, token)
    assert answer.status_code == entry.status_of.get(role, entry.status), answer.text[:2000]


@pytest.mark.parametrize("key", KEYS)
def test_without_a_role_the_api_says_401_and_a_page_leads_to_the_sign_in(site, named, key):
    entry, browser = TABLES[key], site.anonymous()
    if entry.roles is None:
        assert sent(browser, site, key, csrf(browser, "/sign-in"), named(key)).status_code == entry.status
        return
    values = named(key)
    for headers in ({}, {"Authorization": "Bearer cr_wrong"}, {"Authorization": "Basic b3BzOm9wcw=="}):
        browser.headers.update(headers)
        answer = sent(browser, site, key, values=values)
        if key.split(" ")[1].startswith("/api/"):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["code"] == "unauthenticated"
        else:
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("key", [key for key in KEYS if not key.startswith(("GET ", "HEAD "))])
def test_a_change_needs_the_secret_of_the_session(site, named, key):
    """Whatever is sent from another page comes with the cookie and without the secret."""
    browser = site.anonymous() if TABLES[key].roles is None else site.ops_browser
    values = named(key)
    for token in ("", "guessed"):
        answer = sent(browser, site, key, token, values)
        assert answer.status_code == 403, key
        assert "csrf" in answer.text
