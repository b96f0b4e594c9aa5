"""Adding, disabling and testing webhooks. Only an ops lead may; addresses in private networks are refused."""

import asyncio
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from agent.app.verb import Who, verb
from agent.core.errors import Advice, InputError
from agent.settings import MailRules
from agent.webhooks.addresses import Allowed, check_url
from agent.webhooks.forms import form_of
from agent.webhooks.model import Delivery, NewWebhook, Webhook
from agent.webhooks.sending import send_batch
from agent.webhooks.store import Webhooks

_ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")


@verb(
    "ops_lead",
    audit="webhook_made",
    subject=lambda made: made.id,
    facts=lambda made: {"url": told_address(made.url), "events": list(made.events)},
)
def add_webhook(who: Who, url: str, events: Sequence[str] = ()) -> NewWebhook:
    """Send these events (all if none is named) to `url` from now on. InputError for an address that is not allowed,
    and for an unknown event."""
    if form_of(url) == "email":
        check_mail(url, who.space.settings.mail())
    else:
        check_url(url, Allowed(who.space.settings.webhooks().allow))
    return who.space.store[Webhooks].create(url, events, who.signature)


def told_address(url: str) -> str:
    """An address as the audit log may show it: of a chat only the host, since whoever knows the rest can write
    there."""
    return url if form_of(url) in ("standard", "email") else f"https://{urlsplit(url).hostname}/…"


def check_mail(url: str, rules: MailRules) -> None:
    """Raises InputError for anything but a `mailto:` with addresses, or if no server for e-mail is configured."""
    addresses = [one.strip() for one in unquote(urlsplit(url).path).split(",")]
    if not all(_ADDRESS.fullmatch(one) for one in addresses) or urlsplit(url).query:
        raise InputError("write e-mail addresses as mailto:ana@example.com,ben@example.com")
    if not rules.host or not (rules.sender or rules.user):
        raise InputError(
            "no server for e-mail is set",
            advice=Advice(text="write host and sender into the workspace's config/mail.yaml"),
        )


@verb("ops_lead", audit="webhook_disabled")
def disable_webhook(who: Who, ident: str) -> Webhook:
    """Stop sending to it. Due deliveries wait."""
    return who.space.store[Webhooks].disable(ident)


@verb("ops_lead", audit="webhook_enabled")
def enable_webhook(who: Who, ident: str) -> Webhook:
    """Start sending again, also what waited."""
    return who.space.store[Webhooks].disable(ident, False)


@verb("ops_lead", audit="webhook_pinged")
async def ping_webhook(who: Who, ident: str) -> Delivery:
    """Send a test event at once; the delivery returned tells the result. Conflict while the webhook is disabled."""
    webhooks = who.space.store[Webhooks]
    delivery = await asyncio.to_thread(webhooks.ping, ident)
    await send_batch(who.space, only=delivery.number)
    return await asyncio.to_thread(webhooks.delivery, ident, delivery.number)


@verb("ops_lead", audit="webhook_redelivered", facts=lambda delivery: {"delivery": delivery.number})
def redeliver(who: Who, ident: str, number: int) -> Delivery:
    """Send a delivery once more, with attempts counted anew, under the same id. Conflict while its webhook is
    disabled."""
    return who.space.store[Webhooks].redeliver(ident, number)
