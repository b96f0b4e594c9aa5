"""What holds for every request: problems in one shape, headers, tokens, idempotency keys, pages of lists, versions."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request
from sqlalchemy import select, update

from agent.app.web import etags, problems
from agent.app.web.problems import HttpProblem, Problem
from agent.core import errors
from agent.core.people import ROLES
from agent.db.audit import AuditLog
from agent.db.schema_server import audit_log, idempotency, tokens
from agent.people.store import People, Tokens
from agent.server import create_app
from tests.api.conftest import Site, csrf


def every_error():
    """All classes of the error tree, with an error of each."""
    kinds, found = [errors.CloseReadError], []
    while kinds:
        kind = kinds.pop()
        kinds += [k for k in kind.__subclasses__() if k.__module__ == "agent.core.errors"]
        found.append(kind)
    return found


def test_every_error_of_ours_has_a_status_that_is_no_success():
    statuses = {kind.__name__: problems.status_of(kind.__new__(kind)) for kind in every_error()}
    assert all(400 <= status < 600 for status in statuses.values())
    assert statuses["NotFound"] == 404
    assert statuses["Forbidden"] == 403
    assert statuses["Conflict"] == statuses["GateClosed"] == 409
    assert statuses["ImportProblem"] == 422
    assert statuses["ReplyInvalid"] == 502


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        (lambda c: c.get("/api/v1/nothing"), 404, "not_found"),
        (lambda c: c.put("/api/v1/people", json={}), 405, "method_not_allowed"),
        (lambda c: c.post("/api/v1/people", json={"name": ""}), 422, "invalid"),
        (
            lambda c: c.post("/api/v1/people", content=b"{", headers={"content-type": "application/json"}),
            422,
            "invalid",
        ),
        (lambda c: c.get("/api/v1/audit?limit=0"), 422, "invalid"),
        (lambda c: c.get("/api/v1/audit?cursor=made-up"), 400, "cursor"),
        (lambda c: c.get("/api/v1/people/pe-0"), 404, "not_found"),
        (lambda c: c.post("/api/v1/people", json={"name": "a@b", "email": "a@b", "role": "rep"}), 422, "input"),
        (lambda c: c.post("/api/v1/people", json={"name": "rep", "email": "x@y.z", "role": "viewer"}), 409, "conflict"),
        (lambda c: c.post("/api/v1/people", content=b"x" * 3_000_000), 413, "too_large"),
    ],
)
def test_whatever_goes_wrong_has_one_shape(site, send, status, code):
    answer = send(site.program("ops_lead"))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json(), strict=True)
    assert (problem.status, problem.code) == (status, code)
    assert problem.request_id == answer.headers["x-request-id"]
    assert problem.detail
    assert [e.where for e in problem.errors] == ([] if code != "invalid" else [e.where for e in problem.errors])


def test_a_wrong_field_is_named(site):
    answer = site.program("ops_lead").post("/api/v1/people", json={"name": "Ann", "email": "a@b.c", "role": "king"})
    assert [e["where"] for e in answer.json()["errors"]] == ["body.role"]


def test_what_nobody_caught_is_a_problem_without_details_and_a_trace_in_the_log(site, caplog):
    app = create_app(site.space)  # its routes are its own: other sites share theirs

    @app.get("/api/v1/broken")
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the password is swordfish")

    for path in ("/api/v1/broken", "/broken"):
        with caplog.at_level(logging.ERROR, "closeread"):
            answer = Site(app, site.space, {}).anonymous().get(path)
        assert answer.status_code == 500
        assert "swordfish" not in answer.text
        assert answer.headers["x-request-id"] in answer.text
        assert answer.headers["x-request-id"] in caplog.text
        assert "swordfish" in caplog.text
        assert answer.headers["content-security-policy"]


def test_a_problem_is_a_page_for_browsers_and_a_part_for_htmx(site):
    browser = site.browser("viewer")
    page = browser.get("/nothing-here")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>Not found</h1>" in page.text
    part = browser.get("/nothing-here", headers={"hx-request": "true"})
    assert "<h1>" not in part.text
    assert 'class="flash problem"' in part.text


def test_htmx_is_led_to_the_sign_in_page_as_a_whole(site):
    answer = site.anonymous().get("/admin/people", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/me", "/healthz", "/static/app.css", "/nothing"])
def test_every_answer_keeps_browsers_out_of_trouble(site, path):
    headers = site.browser("viewer").get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")


def test_https_is_not_promised_over_http(site):
    answer = site.anonymous().get("http://closeread.test/healthz")
    assert "strict-transport-security" not in answer.headers


def test_what_depends_on_the_asker_is_not_kept_by_caches(site):
    browser = site.browser("ops_lead")
    assert browser.get("/admin/people").headers["cache-control"] == "no-store"
    style = re.search(r'href="(/static/app.css\?v=[0-9a-f]+)"', browser.get("/").text).group(1)
    assert "immutable" in browser.get(style).headers["cache-control"]


def test_no_page_has_inline_scripts_or_styles(site):
    browser = site.browser("ops_lead")
    for path in ("/", "/admin/people", "/admin/tokens", "/admin/audit", "/nothing"):
        page = browser.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_a_request_keeps_the_id_that_it_came_with_unless_that_is_no_id(site):
    client = site.anonymous()
    assert client.get("/healthz", headers={"x-request-id": "trace-1"}).headers["x-request-id"] == "trace-1"
    for bad in ("x" * 65, "a b", "<script>"):
        assert client.get("/healthz", headers={"x-request-id": bad}).headers["x-request-id"].startswith("rq-")


# Tokens


def test_the_secret_of_a_token_is_stored_nowhere(site):
    made = site.program("ops_lead").post("/api/v1/tokens", json={"role": "viewer"}, headers={"idempotency-key": "k"})
    secret = made.json()["secret"]
    assert secret.startswith("cr_")
    with site.space.store.engine.connect() as connection:
        for table in (tokens, audit_log, idempotency):
            assert secret not in str(connection.execute(select(table)).all())


def test_a_token_ends_when_it_is_revoked_expired_or_its_person_goes(site):
    store = site.space.store
    person = site.people["manager"].id
    made = [store[Tokens].create("manager", days=1, person=person) for _ in range(3)]
    clients = [site.anonymous() for _ in made]
    for client, token in zip(clients, made, strict=True):
        client.headers["Authorization"] = f"Bearer {token.secret}"
        assert client.get("/api/v1/me").status_code == 200
    store[Tokens].revoke(made[0].id)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    with store.engine.begin() as connection:
        connection.execute(update(tokens).where(tokens.c.id == made[1].id).values(expires=past))
    assert [c.get("/api/v1/me").status_code for c in clients] == [401, 401, 200]
    store[People].disable(person)
    assert clients[2].get("/api/v1/me").status_code == 401


def test_a_token_is_never_more_than_its_person(site):
    store = site.space.store
    for role in ROLES:
        for person, account in site.people.items():
            rep = "Rae" if role == "rep" else ""
            may = person == "ops_lead" or role == person or (person == "manager" and role in ("viewer", "rep"))
            if may:
                store[Tokens].create(role, rep=rep, person=account.id)
            else:
                with pytest.raises(errors.InputError):
                    store[Tokens].create(role, rep=rep, person=account.id)
    secret = store[Tokens].create("manager", person=site.people["manager"].id).secret
    store[People].change(site.people["manager"].id, "viewer")
    assert store[Tokens].of_secret(secret) is None


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(site):
    client, store = site.program("viewer"), site.space.store
    client.get("/api/v1/me")
    first = store[Tokens].all()[0].last_used
    client.get("/api/v1/me")
    assert store[Tokens].all()[0].last_used == first
    earlier = (first - timedelta(minutes=2)).isoformat()
    with store.engine.begin() as connection:
        connection.execute(update(tokens).values(last_used=earlier))
    client.get("/api/v1/me")
    assert store[Tokens].all()[0].last_used > first - timedelta(minutes=1)


def test_a_token_needs_no_secret_of_a_session_and_a_cookie_gives_it_nothing(site):
    client = site.browser("ops_lead")
    secret = site.space.store[Tokens].create("viewer").secret
    client.headers["Authorization"] = f"Bearer {secret}"
    assert client.get("/api/v1/me").json()["role"] == "viewer"
    assert client.post("/api/v1/tokens", json={"role": "viewer"}).status_code == 403
    client.headers["Authorization"] = "Bearer cr_wrong"
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_changes_things_through_the_api_with_its_secret_only(site):
    browser = site.browser("ops_lead")
    assert browser.post("/api/v1/tokens", json={"role": "viewer"}).json()["code"] == "csrf"
    headers = {"X-CSRF-Token": csrf(browser, "/")}
    assert browser.post("/api/v1/tokens", json={"role": "viewer"}, headers=headers).status_code == 201


def test_the_secret_of_another_session_is_no_secret_of_this_one(site):
    mine, theirs = site.browser("ops_lead"), site.browser("ops_lead")
    headers = {"X-CSRF-Token": csrf(theirs, "/")}
    assert mine.post("/api/v1/tokens", json={"role": "viewer"}, headers=headers).status_code == 403


# Idempotency


NEW = {"name": "Ann Lee", "email": "ann@example.com", "role": "viewer"}


def test_the_same_request_with_a_key_acts_once_and_gets_the_first_reply(site):
    client, key = site.program("ops_lead"), {"Idempotency-Key": "key-1"}
    first = client.post("/api/v1/people", json=NEW, headers=key)
    again = client.post("/api/v1/people", json=NEW, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len(site.space.store[People].all()) == len(ROLES) + 1


def test_a_key_is_for_one_request_of_one_owner(site):
    client, key = site.program("ops_lead"), {"Idempotency-Key": "key-1"}
    client.post("/api/v1/people", json=NEW, headers=key)
    other = client.post("/api/v1/people", json=NEW | {"name": "Bo"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
    someone_else = site.program("ops_lead").post("/api/v1/people", json=NEW, headers=key)
    assert someone_else.status_code == 409


def test_a_request_that_failed_may_be_sent_again_under_its_key(site):
    client, key = site.program("ops_lead"), {"Idempotency-Key": "key-1"}
    assert client.post("/api/v1/people", json=NEW | {"role": "king"}, headers=key).status_code == 422
    assert client.post("/api/v1/people", json=NEW, headers=key).status_code == 201


def test_a_key_whose_first_request_is_still_running_is_a_conflict(site):
    client, store = site.program("ops_lead"), site.space.store
    key = {"Idempotency-Key": "key-1"}
    client.post("/api/v1/people", json=NEW, headers=key)
    with store.engine.begin() as connection:
        connection.execute(update(idempotency).values(status=0))
    assert client.post("/api/v1/people", json=NEW, headers=key).json()["code"] == "idempotency_running"
    with store.engine.begin() as connection:  # the process died: after a while the key is free
        connection.execute(update(idempotency).values(at=(datetime.now(UTC) - timedelta(hours=1)).isoformat()))
    assert client.post("/api/v1/people", json=NEW, headers=key).json()["code"] == "conflict"


def test_a_stored_reply_is_not_given_to_who_may_no_longer_ask(site):
    person = site.people["ops_lead"]
    client, key = site.program("ops_lead"), {"Idempotency-Key": "key-1"}
    client.post("/api/v1/people", json=NEW, headers=key)
    site.space.store[People].create("other lead", "o@example.com", "ops_lead")
    site.space.store[People].change(person.id, "viewer")
    assert client.post("/api/v1/people", json=NEW, headers=key).status_code == 401


def test_what_is_shown_once_is_not_replayed(site):
    client, key = site.program("ops_lead"), {"Idempotency-Key": "key-1"}
    assert client.post("/api/v1/tokens", json={"role": "viewer"}, headers=key).status_code == 201
    again = client.post("/api/v1/tokens", json={"role": "viewer"}, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_shown_once")


# Pages and versions


def test_a_list_comes_in_pages_each_line_once(site):
    store, client = site.space.store, site.program("ops_lead")
    for at in range(7):
        store[AuditLog].append("counted", f"n-{at}", person="test")
    seen, path = [], "/api/v1/audit?action=counted&limit=3"
    while path:
        answer = client.get(path)
        page = answer.json()
        seen += [line["subject"] for line in page["items"]]
        assert ("link" in answer.headers) == (page["next"] is not None)
        path = re.fullmatch(r'<(.*)>; rel="next"', answer.headers["link"]).group(1) if page["next"] else ""
    assert seen == [f"n-{at}" for at in reversed(range(7))]


def test_a_cursor_is_for_its_list_and_cannot_be_changed(site):
    store, client = site.space.store, site.program("ops_lead")
    for _ in range(3):
        store[AuditLog].append("counted", person="test")
    cursor = client.get("/api/v1/audit?limit=1").json()["next"]
    assert client.get("/api/v1/audit", params={"cursor": cursor}).status_code == 200
    for bad in (cursor[:-1], "A" + cursor, cursor.swapcase()):
        assert client.get("/api/v1/audit", params={"cursor": bad}).json()["code"] == "cursor"
    assert site.browser("ops_lead").get("/admin/audit", params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("given", "status"),
    [(None, 428), ('"1"', 412), ("2", 412), ('"2"', None), ('"1", "2"', None), ("*", None), ('W/"2"', 412)],
)
def test_a_change_says_which_version_it_changes(given, status):
    headers = [] if given is None else [(b"if-match", given.encode())]
    request = Request({"type": "http", "headers": headers})
    if status is None:
        etags.check(request, 2)
        return
    with pytest.raises(HttpProblem) as raised:
        etags.check(request, 2)
    assert raised.value.status_code == status


def test_readiness_says_when_the_schema_is_another_one(site):
    from sqlalchemy import text

    assert site.anonymous().get("/readyz").json() == {"status": "ready"}
    with site.space.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = site.anonymous().get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "schema")


def test_markup_in_names_stays_text(site):
    site.space.store[People].create("<img src=x>", "x@example.com", "viewer")
    page = site.browser("ops_lead").get("/admin/people").text
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


def test_every_change_through_the_admin_pages_is_in_the_audit_log(site):
    browser = site.browser("ops_lead")
    form = {"csrf": csrf(browser, "/")}
    browser.post("/admin/people", data=NEW | form)
    ident = site.space.store[People].named("Ann Lee").id
    browser.post(f"/admin/people/{ident}/role", data={"role": "manager"} | form)
    browser.post(f"/admin/people/{ident}/disable", data=form)
    browser.post("/admin/tokens", data={"role": "viewer", "label": "x"} | form)
    done = {(entry.action, entry.person) for entry in site.space.store[AuditLog].page()}
    actions = {"person_added", "invited", "role_changed", "person_disabled", "token_made", "signed_in"}
    assert {(action, "ops_lead") for action in actions} <= done


def test_the_last_ops_lead_cannot_be_lost(site):
    client = site.program("ops_lead")
    ident = site.people["ops_lead"].id
    assert client.post(f"/api/v1/people/{ident}/disable").status_code == 409
    assert client.post(f"/api/v1/people/{ident}/role", json={"role": "viewer"}).status_code == 409


def test_a_filter_that_the_api_does_not_know_is_refused_and_what_was_meant_is_named(site):
    api = site.program("ops_lead")
    answer = api.get("/api/v1/calls?limt=3&rep=Rae")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": "query.limt", "what": "is no parameter here; did you mean limit?"}]
    told = api.get("/api/v1/calls/c-1?deep=1").json()["detail"]
    assert "“deep” is no parameter here; known are rubric" in told
    assert site.anonymous().get("/api/v1/calls?limt=3").status_code == 401  # who asks comes first
    assert site.browser("ops_lead").get("/calls?utm_source=mail").status_code == 200  # what mail programs add
