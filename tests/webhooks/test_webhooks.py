"""Webhooks: signed, retried a bounded number of times, and never a way into a private network."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from agent.app.verb import Who
from agent.core.errors import ConfigError, InputError
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.db.schema_server import deliveries
from agent.server import create_app
from agent.settings import Settings
from agent.webhooks.addresses import Allowed, GuardedResolver, check_url, is_public
from agent.webhooks.sending import deliver_due, send_batch, signature
from agent.webhooks.store import Webhooks
from agent.webhooks.verbs import add_webhook, ping_webhook
from agent.workspace import Workspace
from tests.api.conftest import csrf


@contextmanager
def receiver(*statuses):
    """A server that answers with these statuses in turn, then with 204; what it got is in `got`."""
    got, left = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            got.append((self.path, dict(self.headers), body))
            self.send_response(left.pop(0) if left else 204)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(name="space")
def _space(tmp_path):
    config = tmp_path / "space" / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "webhooks.yaml").write_text("allow: [127.0.0.1]\nattempts: 3\nfirst_wait_seconds: 0\n")
    space = Workspace(Settings.read(tmp_path / "space", {}))
    yield space
    space.store.close()


def owner(space):
    return Who(space, Scope(name="ops_lead", local=True))


def made(space, url, *events):
    webhook = add_webhook(owner(space), url, events)
    return webhook, webhook.secret


async def test_a_delivery_is_signed_so_that_the_receiver_can_check_it(space):
    with receiver() as (url, got):
        webhook, secret = made(space, url)
        assert space.store[Webhooks].publish("call.scored", "call-ä", {"criteria": 7}) == 1
        assert await deliver_due(space) == 1
    (path, headers, body), (sent,) = got[0], space.store[Webhooks].deliveries(webhook.id)
    assert (path, sent.state, sent.attempts, sent.body) == ("/hook", "delivered", 1, body)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60


def test_the_signature_is_the_one_of_standard_webhooks():
    # The example of https://github.com/standard-webhooks/standard-webhooks (spec, "Verifying webhook authenticity").
    secret, ident, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    assert signature(secret, ident, at, '{"test": 2432232314}') == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_only_chosen_events_of_enabled_webhooks_are_sent(space):
    with receiver() as (url, got):
        wants, _ = made(space, url, "dispute.opened")
        off, _ = made(space, url)
        space.store[Webhooks].disable(off.id)
        assert space.store[Webhooks].publish("call.scored", "call-1", {}) == 0
        assert space.store[Webhooks].publish("dispute.opened", "di-1", {}) == 1
        await deliver_due(space)
    assert [headers["webhook-id"].startswith(wants.id) for _, headers, _ in got] == [True]


async def test_what_is_not_taken_is_sent_again_under_the_same_id_and_given_up_in_the_end(space):
    with receiver(500, 503, 400) as (url, got):
        webhook, _ = made(space, url)
        space.store[Webhooks].publish("job.finished", "job-1", {})
        await deliver_due(space)
        (sent,) = space.store[Webhooks].deliveries(webhook.id)
        assert (sent.state, sent.attempts, sent.reason) == ("failed", 3, "it answered 400")
        assert len({headers["webhook-id"] for _, headers, _ in got}) == 1
        assert len(got) == 3
        # Nothing was taken for as long as it was tried: such a webhook is switched off.
        assert space.store[Webhooks].get(webhook.id).disabled is not None
        space.store[Webhooks].disable(webhook.id, False)
        assert space.store[Webhooks].redeliver(webhook.id, sent.number).state == "due"
        await deliver_due(space)
        assert space.store[Webhooks].deliveries(webhook.id)[0].state == "delivered"


async def test_one_bad_event_does_not_switch_off_a_webhook_that_takes_others(space):
    with receiver(400, 204, 400, 400) as (url, _):
        webhook, _ = made(space, url)
        space.store[Webhooks].publish("job.finished", "job-1", {})
        first = space.store[Webhooks].deliveries(webhook.id)[0].number
        await ping_once(space, webhook.id, first)
        space.store[Webhooks].publish("job.finished", "job-2", {})
        await ping_once(space, webhook.id, first + 1)
        await deliver_due(space)
        assert [d.state for d in space.store[Webhooks].deliveries(webhook.id)] == ["delivered", "failed"]
        assert space.store[Webhooks].get(webhook.id).disabled is None


async def ping_once(space, webhook, number):
    """Send one delivery alone."""
    assert await send_batch(space, number) == 1


async def test_waits_grow_and_a_webhook_that_does_not_answer_holds_up_nobody(tmp_path, space):
    (space.settings.workspace / "config" / "webhooks.yaml").write_text("allow: [127.0.0.1]\nat_once: 1\n")
    dead, _ = made(space, "http://127.0.0.1:1/closed")
    for number in range(3):
        space.store[Webhooks].publish("job.finished", f"job-{number}", {})
    with receiver() as (url, got):
        made(space, url)
        space.store[Webhooks].publish("job.finished", "job-9", {})
        await deliver_due(space)
        assert len(got) == 1
    waiting = space.store[Webhooks].deliveries(dead.id)
    assert [d.attempts for d in waiting] == [0, 0, 0, 1]
    now = datetime.now(UTC)
    assert all(timedelta(0) < d.due - now < timedelta(seconds=8) for d in waiting)
    for attempts, least, most in ((2, 18, 32), (3, 90, 160), (6, 10_000, 18_001)):
        with space.store.engine.begin() as connection:
            number = waiting[-1].number
            due = {"due": now.isoformat(), "attempts": attempts - 1}
            connection.execute(update(deliveries).where(deliveries.c.seq == number).values(**due))
        await ping_once(space, dead.id, number)
        wait = space.store[Webhooks].delivery(dead.id, number).due - datetime.now(UTC)
        assert least < wait.total_seconds() < most


async def test_two_senders_send_nothing_twice(space):
    import asyncio

    with receiver() as (url, got):
        made(space, url)
        for number in range(20):
            space.store[Webhooks].publish("call.scored", f"call-{number}", {})
        sent = await asyncio.gather(*(deliver_due(space) for _ in range(4)))
    assert sum(sent) == len(got) == len({headers["webhook-id"] for _, headers, _ in got}) == 20


async def test_redirects_are_not_followed(space):
    with receiver(302) as (url, got):
        webhook, _ = made(space, url)
        delivery = await ping_webhook(owner(space), webhook.id)
    assert len(got) == 1
    assert "redirects are not followed" in delivery.reason


PRIVATE = """
    127.0.0.1 10.0.0.1 172.16.3.4 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 255.255.255.255 ::1 ::
    fe80::1 fc00::1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 2002:7f00:1:: ff02::1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses_are_not_public(address):
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(InputError):
        check_url(f"http://{host}/x", Allowed(()))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "hooks.example.com",
        "https://",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#x",
        "http://localhost/x",
        "http://LOCALHOST:80/x",
        "http://a.localhost/x",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://127。0。0。1:9019/",
        "http://127．0．0｡1/",
        "http://①②⑦.⓪.⓪.①:9019/",
        "http://１２７.0.0.1/",
        "http://ⓛocalhost/",
        "http://１６９.２５４.１６９.２５４/latest/meta-data",
        "http://hooks.example.com:99999/",
        "http://[::1",
        "http://hooks.example.com/a b",
        "http://hooks.example.com/\nx",
        f"https://hooks.example.com/{'x' * 2000}",
    ],
)
def test_addresses_that_are_no_webhooks_are_refused(url):
    with pytest.raises(InputError):
        check_url(url, Allowed(()))


def test_what_is_allowed_by_config_is_allowed():
    for entry, url in (
        ("10.1.0.0/16", "http://10.1.2.3/x"),
        ("127.0.0.1", "http://127.0.0.1:8080/x"),
        ("hooks.internal", "https://hooks.internal/x"),
        ("localhost", "http://localhost/x"),
    ):
        check_url(url, Allowed((entry,)))
    with pytest.raises(InputError):
        check_url("http://10.2.0.1/x", Allowed(("10.1.0.0/16",)))
    with pytest.raises(ConfigError):
        Allowed(("10.1.0.0/99",))


async def test_a_name_that_leads_into_a_private_network_is_refused_when_it_is_called():
    guarded = GuardedResolver(Allowed(()))
    with pytest.raises(OSError, match="private network"):
        await guarded.resolve("localhost", 80)
    named = GuardedResolver(Allowed(("localhost",)))
    assert await named.resolve("localhost", 80)


async def test_an_address_that_was_allowed_once_is_looked_at_again_before_each_attempt(space):
    with receiver() as (url, got):
        webhook, _ = made(space, url)
        (space.settings.workspace / "config" / "webhooks.yaml").write_text("attempts: 2\n")
        delivery = await ping_webhook(owner(space), webhook.id)
    assert got == []
    assert "private network" in delivery.reason


def test_the_server_sends_beside_its_work(space):
    import time

    with receiver() as (url, got):
        made(space, url)
        with TestClient(create_app(space)):
            space.store[Webhooks].publish("call.scored", "call-1", {})
            for _ in range(200):
                if got:
                    break
                time.sleep(0.05)
    assert len(got) == 1


def test_the_api_shows_the_secret_once(site):
    program = site.program("ops_lead")
    sent = {"url": "https://hooks.example.com/x", "events": ["call.scored"]}
    answer = program.post("/api/v1/webhooks", json=sent, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201
    secret, ident = answer.json()["secret"], answer.json()["id"]
    assert secret.startswith("whsec_")
    assert secret not in program.get("/api/v1/webhooks").text
    assert secret not in program.get(f"/api/v1/webhooks/{ident}").text
    assert program.post("/api/v1/webhooks", json=sent, headers={"Idempotency-Key": "k"}).status_code == 409
    assert secret not in str(site.space.store[AuditLog].page())
    wrong = program.post("/api/v1/webhooks", json={"url": "http://169.254.169.254/latest/meta-data"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "input")
    assert program.post("/api/v1/webhooks", json=sent | {"events": ["call.lost"]}).status_code == 422


def test_the_page_makes_disables_and_shows_deliveries(site):
    browser = site.browser("ops_lead")
    token = csrf(browser, "/admin/webhooks")
    refused = browser.post("/admin/webhooks", data={"url": "http://10.0.0.8/x", "event": "call.scored", "csrf": token})
    assert refused.status_code == 422
    assert "private network" in refused.text
    assert 'value="http://10.0.0.8/x"' in refused.text
    made_one = browser.post("/admin/webhooks", data={"url": "https://hooks.example.com/x", "csrf": token})
    assert "whsec_" in made_one.text
    assert "whsec_" not in browser.get("/admin/webhooks").text
    ident = site.space.store[Webhooks].all()[0].id
    site.space.store[Webhooks].publish("call.scored", "call-1", {"criteria": 1})
    page = f"/admin/webhooks/{ident}"
    assert "not sent yet" in browser.get(page).text
    browser.post(f"{page}/disable", data={"csrf": token})
    assert "disabled" in browser.get(page).text
    answer = browser.post(f"{page}/ping", data={"csrf": token})
    assert answer.status_code == 409
    assert "Enable it first" in answer.text
