"""Events as messages: in Slack, in Teams, as an e-mail that a real server takes."""

from __future__ import annotations

import json
import socket

import pytest
from aiosmtpd.controller import Controller

from agent.core.errors import InputError
from agent.core.language import speaking
from agent.db.audit import AuditLog
from agent.people.store import People
from agent.webhooks import sending
from agent.webhooks.forms import email, form_of, words, written
from agent.webhooks.model import EVENTS, PING
from agent.webhooks.sending import deliver_due, language_of
from agent.webhooks.store import Webhooks
from agent.webhooks.verbs import add_webhook
from tests.webhooks.test_webhooks import _space, made, owner, receiver  # noqa: F401  a fixture

SAID = ["Moved: Ana <b> on *Asks* & more (cycle_1).", "3 disputes without an answer."]
WEEK = {"first": "2026-11-16", "last": "2026-11-22", "sentences": SAID}
BODY = json.dumps({"event": "week.summary", "subject": "2026-11-23", "at": "…", "data": WEEK})


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://HOOKS.slack.com./services/T/B/x", "slack"),
        ("https://acme.webhook.office.com/webhookb2/x", "teams"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://hooks.slack.com.example.org/x", "standard"),
        ("https://example.com/?a=hooks.slack.com", "standard"),
        ("mailto:ana@example.com", "email"),
    ],
)
def test_the_form_goes_by_the_host(url: str, form: str) -> None:
    assert form_of(url) == form


def test_slack_gets_text_in_which_nothing_becomes_a_link_or_a_mention() -> None:
    text = json.loads(written("slack", BODY))["text"]
    assert text.startswith(
        "*Closeread: the week of 16 Nov 2026 to 22 Nov 2026*\n• Moved: Ana &lt;b&gt; on *Asks* &amp; more"
    )


def test_teams_gets_a_card_with_a_block_for_each_sentence() -> None:
    (one,) = json.loads(written("teams", BODY))["attachments"]
    assert one["contentType"] == "application/vnd.microsoft.card.adaptive"
    blocks = one["content"]["body"]
    assert [block["text"] for block in blocks[1:]] == [r"Moved: Ana <b> on \*Asks\* & more (cycle\_1).", SAID[1]]
    assert all(block["wrap"] for block in blocks)


@pytest.mark.parametrize("kind", [*EVENTS, PING])
def test_every_event_has_words(kind: str) -> None:
    title, *_ = words({"event": kind, "subject": "job-1", "data": WEEK})
    assert title.startswith("Closeread: ")
    assert kind not in title


async def test_a_chat_gets_its_own_form_and_the_log_does_not_tell_its_address(space, monkeypatch) -> None:
    monkeypatch.setattr(sending, "form_of", lambda url: "slack")
    with receiver() as (url, got):
        webhook, _ = made(space, url, "job.finished")
        space.store[Webhooks].publish("job.finished", "job-1", {"state": "done"})
        assert await deliver_due(space) == 1
    (_, headers, body) = got[0]
    assert json.loads(body) == {"text": "*Closeread: job-1 has ended: done*"}
    assert headers["webhook-id"].startswith(webhook.id)
    add_webhook(owner(space), "https://hooks.slack.com/services/T0/B0/secret", ["job.finished"])
    assert "secret" not in str([entry for entry in space.store[AuditLog].page()])


class Kept:
    """What a server for e-mail does with what it gets."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, server, session, envelope):
        self.got.append(envelope.content.decode())
        self.to = envelope.rcpt_tos
        return "250 taken"


async def test_an_email_is_handed_to_the_server_that_is_set(space) -> None:
    with pytest.raises(InputError, match="no server for e-mail is set"):
        add_webhook(owner(space), "mailto:ana@example.com", ["week.summary"])
    kept = Kept()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mail = f"host: 127.0.0.1\nport: {port}\nsecurity: none\nsender: Closeread <no-reply@example.com>\n"
        (space.settings.workspace / "config" / "mail.yaml").write_text(mail)
        webhook, _ = made(space, "mailto:ana@example.com,ben@example.com", "week.summary")
        assert space.store[Webhooks].publish_once("week.summary", "2026-11-23", WEEK) == 1
        assert await deliver_due(space) == 1
    finally:
        controller.stop()
    assert space.store[Webhooks].deliveries(webhook.id)[0].state == "delivered"
    assert kept.to == ["ana@example.com", "ben@example.com"]
    assert "Subject: Closeread: the week of 16 Nov 2026 to 22 Nov 2026" in kept.got[0]
    assert f"Message-ID: <{webhook.id}-" in kept.got[0]
    assert "- 3 disputes without an answer." in kept.got[0]


@pytest.mark.parametrize("url", ["mailto:", "mailto:ana", "mailto:a@b.c?bcc=x@y.z", "mailto:a@b.c%0aBcc: x@y.z"])
def test_what_is_no_email_address_is_refused(space, url: str) -> None:
    with pytest.raises(InputError, match="write e-mail addresses as mailto:"):
        add_webhook(owner(space), url, ["week.summary"])


def test_the_week_goes_only_to_those_who_name_it_and_once(space) -> None:
    with receiver() as (url, _):
        every, _ = made(space, url)
        named, _ = made(space, url, "week.summary")
    store = space.store[Webhooks]
    assert store.wanting("week.summary", "2026-11-23") == [named.id]
    assert [store.publish_once("week.summary", "2026-11-23", WEEK) for _ in range(3)] == [1, 0, 0]
    assert store.publish_once("week.summary", "2026-11-30", WEEK) == 1
    assert store.deliveries(every.id) == []


def test_messages_are_told_in_the_language_spoken_and_programs_get_the_event_as_it_is() -> None:
    with speaking("de"):
        card = json.loads(written("teams", BODY))["attachments"][0]["content"]["body"]
        assert card[0]["text"] == "Closeread: die Woche vom 16. November 2026 bis 22. November 2026"
        assert "3 Einsprüche ohne Antwort." in [block["text"] for block in card]
        done = json.dumps({"event": "job.finished", "subject": "job-1", "at": "…", "data": {"state": "done"}})
        assert email("mailto:ana@example.com", done, "wh-1")["Subject"] == "Closeread: job-1 ist beendet: erledigt"
        assert written("standard", BODY) == BODY


def test_an_email_speaks_the_language_of_the_person_it_goes_to(space) -> None:
    ana = space.store[People].create("Ana Ruiz", "ana@example.com", "manager")
    space.store[People].choose_language(ana.id, "es")
    assert language_of(space, ["ana@example.com"]) == "es"
    assert language_of(space, ["ana@example.com", "ben@example.com"]) == space.settings.said.language
