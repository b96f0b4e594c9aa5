"""Single sign-on against a provider that runs in the test."""

from __future__ import annotations

import pytest
import yaml
from joserfc.jwk import RSAKey

from agent.db.audit import AuditLog
from agent.people.store import People
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import BASE, Site, application, csrf
from tests.people.provider import CLIENT, SECRET, Provider

ANA = {"sub": "u-1", "name": "Ana Ruiz", "email": "ana@example.com", "email_verified": True, "groups": ["leads"]}


@pytest.fixture(name="provider", scope="module")
def _provider():
    with Provider() as provider:
        yield provider


@pytest.fixture(name="sso")
def _sso(tmp_path, provider):
    """An application that knows the provider, without any account."""
    provider.key = provider.published
    folder = tmp_path / "space"
    (folder / "config").mkdir(parents=True)
    configured = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_env": "OIDC_SECRET",
        "label": "Example account",
        "roles": {"leads": "manager", "ops": "ops_lead", "sales": "rep"},
    }
    (folder / "config" / "auth.yaml").write_text(yaml.safe_dump({"oidc": configured}))
    space = Workspace(Settings.read(folder, {"OIDC_SECRET": SECRET}))
    yield Site(application(space), space, {})
    space.store.close()


def sign_in(sso, provider, claims, browser=None, target="/"):
    browser = browser or sso.anonymous()
    provider.claims = claims
    away = browser.get(f"/sso/start?next={target}")
    assert away.status_code == 302
    return browser, browser.get(BASE + provider.authorize(away.headers["location"]))


def test_somebody_new_gets_an_account_with_the_role_of_the_group(sso, provider):
    browser, back = sign_in(sso, provider, ANA, target="/calls")
    assert (back.status_code, back.headers["location"]) == (303, "/calls")
    me = browser.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("Ana Ruiz", "manager")
    sign_in(sso, provider, ANA)
    assert len(sso.space.store[People].all()) == 1


def test_the_role_follows_the_groups(sso, provider):
    sign_in(sso, provider, ANA)
    browser, _ = sign_in(sso, provider, ANA | {"groups": ["leads", "ops"]})
    assert browser.get("/api/v1/me").json()["role"] == "ops_lead"


def test_a_rep_is_told_apart_by_name(sso, provider):
    browser, _ = sign_in(sso, provider, ANA | {"groups": "sales"})
    assert browser.get("/api/v1/me").json()["rep"] == "Ana Ruiz"


def test_whose_calls_are_a_reps_is_settled_at_the_first_sign_in(sso, provider):
    """People can often change the name that the provider tells."""
    sign_in(sso, provider, ANA | {"groups": "sales"})
    browser, _ = sign_in(sso, provider, ANA | {"groups": "sales", "name": "Sam Other"})
    assert browser.get("/api/v1/me").json()["rep"] == "Ana Ruiz"


@pytest.mark.parametrize("groups", [[], ["guests"], None])
def test_who_was_taken_out_of_all_groups_does_not_sign_in(sso, provider, groups):
    sign_in(sso, provider, ANA | {"groups": ["ops"]})
    told = {key: value for key, value in ANA.items() if key != "groups"} | (
        {} if groups is None else {"groups": groups}
    )
    browser, back = sign_in(sso, provider, told)
    assert back.status_code == 403
    assert browser.get("/api/v1/me").status_code == 401
    assert sso.space.store[AuditLog].page(limit=1)[0].action == "sign_in_refused"


def test_who_is_in_no_group_gets_no_account(sso, provider):
    _, back = sign_in(sso, provider, ANA | {"groups": ["guests"]})
    assert back.status_code == 403
    assert sso.space.store[People].all() == []


def test_an_account_is_linked_by_a_verified_address_and_by_no_other(sso, provider):
    store = sso.space.store
    known = store[People].create("Ana", "ana@example.com", "viewer")
    for claims in (ANA | {"email_verified": False}, ANA | {"email_verified": "true"}):
        _, back = sign_in(sso, provider, claims)
        assert back.status_code == 403
    browser, _ = sign_in(sso, provider, ANA)
    assert browser.get("/api/v1/me").json()["person"] == known.id


def test_nobody_becomes_somebody_else_by_taking_the_name(sso, provider):
    sso.space.store[People].create("Ana Ruiz", "other@example.com", "ops_lead")
    _, back = sign_in(sso, provider, ANA)
    assert back.status_code == 403


def test_a_closed_account_stays_closed(sso, provider):
    sign_in(sso, provider, ANA)
    store = sso.space.store
    store[People].create("other", "o@example.com", "ops_lead")
    store[People].disable(store[People].named("Ana Ruiz").id)
    browser, back = sign_in(sso, provider, ANA)
    assert back.status_code == 403
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [{"aud": "another client"}, {"iss": "https://evil.test"}, {"nonce": "replayed"}, {"exp": 1}, {"sub": None}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_that_does_not_hold_signs_nobody_in(sso, provider, wrong):
    browser, back = sign_in(sso, provider, ANA | wrong)
    assert back.status_code == 401, back.text
    assert browser.get("/api/v1/me").status_code == 401


def test_a_token_signed_with_another_key_signs_nobody_in(sso, provider):
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(sso, provider, ANA)[1].status_code == 401


def test_the_way_back_works_once_and_only_in_the_browser_that_left(sso, provider):
    browser, other = sso.anonymous(), sso.anonymous()
    provider.claims = ANA
    way = BASE + provider.authorize(browser.get("/sso/start").headers["location"])
    assert other.get(way).status_code == 401
    assert browser.get(way).status_code == 303
    assert browser.get(way).status_code == 401


def test_what_the_provider_refuses_is_told(sso, provider):
    browser = sso.anonymous()
    assert browser.get("/sso/callback?error=access_denied&state=x").status_code == 401
    assert browser.get("/sso/callback").status_code == 401


def test_the_sign_in_page_offers_it_by_its_name(sso):
    sso.space.store[People].create("Ana", "ana@example.com", "viewer")
    page = sso.anonymous().get("/sign-in").text
    assert "Sign in with Example account" in page
    assert csrf(sso.anonymous(), "/sign-in")


def test_a_provider_that_is_away_is_said(tmp_path):
    folder = tmp_path / "space"
    (folder / "config").mkdir(parents=True)
    away = {"issuer": "http://127.0.0.1:9", "client_id": "c", "client_secret_env": "S"}
    (folder / "config" / "auth.yaml").write_text(yaml.safe_dump({"oidc": away}))
    space = Workspace(Settings.read(folder, {"S": "x"}))
    site = Site(application(space), space, {})
    assert site.anonymous().get("/sso/start").status_code == 503
    space.store.close()
