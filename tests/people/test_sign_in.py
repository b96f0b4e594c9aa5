"""Signing in and out, the first account, invitations, and sessions that end."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from agent.core.errors import Conflict, InputError
from agent.core.people import ROLES
from agent.db.audit import AuditLog
from agent.db.schema_server import sessions
from agent.people.passwords import Passwords
from agent.people.sign_in import FAILURES_BY_ADDRESS, FAILURES_BY_NAME, FAILURES_FROM_EVERYWHERE
from agent.people.store import Invitations, People, SignInFailures, Tokens
from agent.people.store_sessions import IDLE, LASTS
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import PASSWORD, QUICK, Site, application, csrf


def sign_in(browser, name, password, **more):
    return browser.post(
        "/sign-in", data={"name": name, "password": password, "csrf": csrf(browser, "/sign-in"), **more}
    )


def without_tokens(page):
    return re.sub(r'(content|value)="[A-Za-z0-9_-]{20,}"', "", page).replace("nobody-here", "").replace("manager", "")


@pytest.mark.parametrize("role", ROLES)
def test_a_person_signs_in_with_name_or_address(site, role):
    for name in (role, f"{role}@example.com", f"{role.upper()}@EXAMPLE.com"):
        browser = site.anonymous()
        assert sign_in(browser, name, PASSWORD).headers["location"] == "/"
        assert browser.get("/api/v1/me").json()["name"] == role


def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(site):
    unknown = sign_in(site.anonymous(), "nobody-here", PASSWORD)
    wrong = sign_in(site.anonymous(), "manager", "another password")
    assert unknown.status_code == wrong.status_code == 401
    assert without_tokens(unknown.text) == without_tokens(wrong.text)


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(site):
    hashed = []
    passwords = site.app.state.context.passwords

    class Counting:
        def verify_and_update(self, password, stored):
            hashed.append(stored)
            return passwords._hasher.verify_and_update(password, stored)

        def hash(self, password):
            return passwords._hasher.hash(password)

    from agent.people.passwords import Passwords

    counted = Passwords(Counting())
    assert counted.check("another password", "") == (False, "")
    assert counted.check("another password", passwords.hash("four unrelated words"))[0] is False
    assert len(hashed) == 2
    # The stored hash of nobody fits nothing, not even its own password.
    assert counted.check("the password of nobody", "") == (False, "")


def test_too_many_failures_for_one_name_close_it_for_a_while_under_every_way_to_write_it(site):
    for at in range(FAILURES_BY_NAME):
        assert (
            sign_in(site.anonymous(), ("manager", "manager@example.com")[at % 2], "wrong wrong wrong").status_code
            == 401
        )
    refused = sign_in(site.anonymous(), "manager", PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "900"
    assert sign_in(site.anonymous(), "viewer", PASSWORD).status_code == 303


def test_too_many_failures_from_one_address_close_it_for_a_while(site):
    browser = site.anonymous()
    for at in range(FAILURES_BY_ADDRESS):
        assert sign_in(browser, f"guess-{at}", "wrong wrong wrong").status_code == 401
    assert sign_in(browser, "manager", PASSWORD).status_code == 429


@pytest.mark.parametrize(("failures", "left"), FAILURES_FROM_EVERYWHERE)
def test_guessing_one_name_from_many_addresses_leaves_fewer_tries_to_each_and_locks_nobody_out(site, failures, left):
    counted = site.space.store[SignInFailures]
    key = f"name:{site.people['manager'].id}"
    for _ in range(failures - 1):
        assert counted.begin({key: failures})
    assert sign_in(site.anonymous(("10.0.0.1", 1)), "manager", "wrong wrong wrong").status_code == 401
    assert counted.of(key) == failures
    answers = [sign_in(site.anonymous(("10.0.0.2", 1)), "manager", "wrong wrong wrong").status_code for _ in range(4)]
    assert answers == [401] * left + [429] * (4 - left)
    assert sign_in(site.anonymous(("10.0.0.3", 1)), "manager", PASSWORD).status_code == 303
    assert sign_in(site.anonymous(("10.0.0.2", 1)), "viewer", PASSWORD).status_code == 303


def test_signing_in_forgets_the_failures_of_the_name(site):
    for _ in range(FAILURES_BY_NAME - 1):
        sign_in(site.anonymous(), "manager", "wrong wrong wrong")
    assert sign_in(site.anonymous(), "manager", PASSWORD).status_code == 303
    assert sign_in(site.anonymous(), "manager", "wrong wrong wrong").status_code == 401


@pytest.mark.parametrize(
    "target", ["//evil.test/", "https://evil.test/", "/\\evil.test", "\\/evil.test", "/\t/evil.test", "javascript:1"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(site, target):
    assert sign_in(site.anonymous(), "manager", PASSWORD, next=target).headers["location"] == "/"


def test_after_signing_in_one_is_where_one_wanted_to_go(site):
    browser = site.anonymous()
    redirect = browser.get("/admin/audit?limit=5")
    assert redirect.status_code == 303
    assert redirect.headers["location"] == "/sign-in?next=%2Fadmin%2Faudit%3Flimit%3D5"
    assert (
        sign_in(browser, "ops_lead", PASSWORD, next="/admin/audit?limit=5").headers["location"]
        == "/admin/audit?limit=5"
    )


def test_the_session_cookie_is_for_this_site_and_no_script(site):
    browser = site.anonymous()
    cookie = sign_in(browser, "manager", PASSWORD).headers["set-cookie"].lower()
    assert cookie.startswith("__host-closeread_session=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_changed_cookie_is_no_session(site):
    browser = site.browser("ops_lead")
    name, value = next(iter(browser.cookies.items()))
    browser.cookies.clear()
    browser.cookies.set(name, ("A" if value[0] != "A" else "B") + value[1:])
    assert browser.get("/api/v1/me").status_code == 401


def test_signing_in_changes_the_session_so_that_nobody_else_holds_it(site):
    browser = site.anonymous()
    before = csrf(browser, "/sign-in")
    sign_in(browser, "manager", PASSWORD)
    assert csrf(browser, "/") != before


def test_a_session_ends_with_sign_out(site):
    browser = site.browser("manager")
    assert browser.post("/sign-out", data={"csrf": csrf(browser, "/")}).status_code == 303
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("ending", ["password", "disabled", "everywhere"])
def test_all_sessions_end_when_the_account_changes(site, ending):
    browsers = [site.browser("manager"), site.browser("manager")]
    ident = site.people["manager"].id
    match ending:
        case "password":
            site.space.store[People].set_password(ident, "x")
        case "disabled":
            site.space.store[People].disable(ident)
        case _:
            browsers[0].post("/sign-out-everywhere", data={"csrf": csrf(browsers[0], "/")})
    assert {browser.get("/api/v1/me").status_code for browser in browsers} == {401}


def test_signing_out_ends_every_copy_of_the_cookie(site):
    browser = site.browser("manager")
    copied = site.anonymous()
    copied.cookies = browser.cookies.__class__(browser.cookies)
    assert copied.get("/api/v1/me").status_code == 200
    other = site.browser("manager")
    browser.post("/sign-out", data={"csrf": csrf(browser, "/")})
    assert copied.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(("column", "ago"), [("seen", IDLE), ("at", LASTS)])
def test_a_session_ends_that_is_left_alone_or_old(site, column, ago):
    browser = site.browser("manager")
    for sooner, status in ((timedelta(minutes=1), 200), (-timedelta(minutes=1), 401)):
        moment = (datetime.now(UTC) - ago + sooner).isoformat()
        with site.space.store.engine.begin() as connection:
            connection.execute(update(sessions).values({column: moment}))
        assert browser.get("/api/v1/me").status_code == status


def test_a_stranger_does_not_lock_somebody_out(site):
    """From another address: nothing that is tried there counts for the person's own."""
    for _ in range(FAILURES_BY_NAME + 1):
        stranger = site.anonymous(client=("203.0.113.9", 5))
        answer = sign_in(stranger, "manager", "wrong wrong wrong")
    assert answer.status_code == 429
    assert sign_in(site.anonymous(), "manager", PASSWORD).status_code == 303


def test_addresses_of_one_network_are_one(site):
    """Whoever has IPv6 has billions of them."""
    for number in range(FAILURES_BY_NAME):
        sign_in(site.anonymous(client=(f"2001:db8::{number + 1:x}", 5)), "manager", "wrong wrong wrong")
    assert sign_in(site.anonymous(client=("2001:db8::ffff", 5)), "manager", PASSWORD).status_code == 429
    assert sign_in(site.anonymous(client=("2001:db8:0:1::1", 5)), "manager", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        " " * 12,
        "\0" * 12,
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "Zebulon Yarrow",
        "zebulonyarrow1",
        "Summer2026!!",
    ],
)
def test_passwords_that_are_guessed_easily_are_refused(password):
    with pytest.raises(InputError, match="guessed easily"):
        Passwords(QUICK).hash(password, ("Zebulon Yarrow", "zebulon@yarrow.example"))


def test_of_two_ops_leads_who_demote_each_other_at_once_one_is_left(site):
    store = site.space.store
    for turn in range(12):
        first = store[People].create(f"first {turn}", f"f{turn}@example.com", "ops_lead").id
        for other in store[People].all():
            if other.role == "ops_lead" and other.id != first and not other.disabled:
                store[People].disable(other.id)
        second = store[People].create(f"second {turn}", f"s{turn}@example.com", "ops_lead").id
        together = threading.Barrier(2)

        def demote(ident, together=together):
            together.wait()
            with suppress(Conflict):
                store[People].change(ident, "viewer")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(demote, (first, second)))
        assert [p.role for p in store[People].all() if not p.disabled and p.role == "ops_lead"] == ["ops_lead"]


def test_a_new_role_holds_from_the_next_request_on(site):
    browser = site.browser("ops_lead")
    site.space.store[People].create("second", "second@example.com", "ops_lead")
    site.space.store[People].change(site.people["ops_lead"].id, "viewer")
    assert browser.get("/api/v1/people").status_code == 403


def test_the_first_account_is_made_with_a_link_that_works_once(tmp_path, site):
    space = Workspace(Settings.read(tmp_path / "empty", {}))
    empty = Site(application(space, site.app.state.context.passwords), space, {})
    secret = space.store[Invitations].create()
    browser = empty.anonymous()
    form = {"name": "Ana Ruiz", "email": "ana@example.com", "password": PASSWORD}
    page = f"/welcome/{secret}"
    assert browser.post(page, data=form | {"csrf": csrf(browser, page), "password": "short"}).status_code == 422
    assert browser.post(page, data=form | {"csrf": csrf(browser, page), "email": "no address"}).status_code == 422
    assert browser.post(page, data=form | {"csrf": csrf(browser, page)}).status_code == 303
    assert browser.get("/api/v1/me").json() | {"person": ""} == {
        "name": "Ana Ruiz",
        "role": "ops_lead",
        "rep": "",
        "person": "",
        "token": "",
        "language": "",
    }
    assert empty.anonymous().get(page).status_code == 404
    late = space.store[Invitations].create()
    other = empty.anonymous()
    again = other.post(
        f"/welcome/{late}", data=form | {"name": "Eve", "email": "e@x.y", "csrf": csrf(other, f"/welcome/{late}")}
    )
    assert again.status_code == 409
    space.store.close()


def test_an_invitation_sets_a_password_once_and_a_newer_one_voids_it(site):
    store = site.space.store
    ident = site.people["viewer"].id
    old, new = store[Invitations].create(ident), store[Invitations].create(ident)
    assert site.anonymous().get(f"/welcome/{old}").status_code == 404
    browser = site.anonymous()
    sent = {"password": "another four words", "csrf": csrf(browser, f"/welcome/{new}")}
    assert browser.post(f"/welcome/{new}", data=sent).status_code == 303
    assert browser.post(f"/welcome/{new}", data=sent | {"csrf": csrf(browser, "/")}).status_code == 404
    assert sign_in(site.anonymous(), "viewer", PASSWORD).status_code == 401
    assert sign_in(site.anonymous(), "viewer", "another four words").status_code == 303


def test_the_key_is_its_owners_alone_and_stays(site):
    path = site.space.settings.workspace / "secret-key"
    assert path.stat().st_mode & 0o777 == 0o600
    from agent.db.secret_key import secret_key

    assert secret_key(site.space.settings.workspace) == path.read_text()


def test_a_failed_sign_in_is_in_the_audit_log_without_what_was_typed(site):
    sign_in(site.anonymous(), "manager", "pasted into the wrong field")
    sign_in(site.anonymous(), "a secret typed as a name", "x")
    known, unknown = site.space.store[AuditLog].page(limit=2)[::-1]
    assert (known.action, unknown.action) == ("sign_in_failed", "sign_in_failed")
    assert (known.subject, unknown.subject) == (site.space.store[People].named("manager").id, "")
    assert "secret" not in str(unknown)
    assert "pasted" not in str(known)


def test_a_token_ends_after_ninety_days_unless_it_is_said_otherwise(site):
    lead = site.program("ops_lead")
    days = [
        lead.post("/api/v1/tokens", json={"role": "viewer"} | more).json()["expires"]
        for more in ({}, {"days": 5}, {"days": None})
    ]
    left = [round((datetime.fromisoformat(one) - datetime.now(UTC)).total_seconds() / 86_400) for one in days[:2]]
    assert (left, days[2]) == ([90, 5], None)
    browser = site.ops_browser
    form = {"role": "viewer", "label": "x", "days": "7", "csrf": csrf(browser, "/admin/tokens")}
    assert browser.post("/admin/tokens", data=form).status_code == 200
    assert browser.post("/admin/tokens", data=form | {"label": "y", "never": "true"}).status_code == 200
    ends = {one.label: one.expires for one in site.space.store[Tokens].all() if one.label}
    assert (ends["x"] is None, ends["y"]) == (False, None)
    refused = browser.post("/admin/tokens", data=form | {"days": "many"})
    assert (refused.status_code, "“days” is no whole number" in refused.text) == (422, True)


def test_a_rep_nobody_has_heard_of_is_warned_of(site):
    browser = site.ops_browser
    form = {"name": "N", "email": "n@example.com", "role": "rep", "rep": "Rea", "csrf": csrf(browser, "/admin/people")}
    page = browser.post("/admin/people", data=form).text
    assert "No call, interview or deal names a rep “Rea”" in page
    known = form | {"name": "M", "email": "m@example.com", "rep": "Rae"}
    assert "No call, interview" not in browser.post("/admin/people", data=known).text


def test_a_rep_reads_the_rubric_that_calls_are_rated_on_and_no_buyer_s_words(site):
    rep = site.browser("rep")
    page = rep.get("/rubric").text
    assert "What your calls are rated on" in page
    assert "asks_cost" in page
    assert "Examples" not in page
    assert rep.get(f"/rubric/{site.space.store[Rubrics].get('v1').id}").status_code == 200
