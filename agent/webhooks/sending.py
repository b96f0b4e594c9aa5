"""Sends events to webhooks, signed as Standard Webhooks describes (https://www.standardwebhooks.com).

    webhook-id: wh-…-17                 the same for every attempt: receivers drop what they have seen
    webhook-timestamp: 1790000000       seconds since 1970, of this attempt
    webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">

Several processes may send at once: each delivery is claimed before it is sent. What is not taken is tried again with
growing waits, a bounded number of times; redirects are not followed, and the reply's body is not read.
"""

import asyncio
import base64
import hashlib
import hmac
import random
import smtplib
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from agent import __version__
from agent.core.errors import ConfigError, InputError
from agent.core.language import speaking
from agent.people.store import People
from agent.settings import WebhookRules
from agent.webhooks.addresses import Allowed, GuardedResolver, check_url
from agent.webhooks.forms import addresses_of, email, form_of, written
from agent.webhooks.model import ClaimedDelivery
from agent.webhooks.store import Webhooks
from agent.workspace import Workspace

_GROWTH = 5
_HOLD = 60.0  # seconds that all deliveries to a webhook wait after one of them got no answer
_BATCHES = 20  # in one call of `deliver_due`, so that its caller gets its turn


async def deliver_due(space: Workspace) -> int:
    """Send what is due, and store each result; returns how many were sent. For the owner's workspace."""
    sent = 0
    for _ in range(_BATCHES):
        batch = await send_batch(space)
        sent += batch
        if not batch:
            break
    return sent


async def send_batch(space: Workspace, only: int | None = None) -> int:
    """Send as many due deliveries as may be sent at once, or `only` that one; returns how many were sent."""
    rules = space.settings.webhooks()
    lease = 2 * rules.timeout_seconds + 30
    claimed = await asyncio.to_thread(space.store[Webhooks].claim, rules.at_once, lease, only)
    if claimed:
        resolver = GuardedResolver(Allowed(rules.allow))
        # One connection a delivery: a kept one would lead to an address that was looked at some time ago.
        connector = TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True, limit=rules.at_once)
        timeout = ClientTimeout(total=rules.timeout_seconds)
        async with (
            ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as session,
            asyncio.TaskGroup() as group,
        ):
            for one in claimed:
                group.create_task(_deliver(space, rules, session, one))
    return len(claimed)


def signature(secret: str, ident: str, timestamp: int, body: str) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{ident}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


@dataclass(frozen=True)
class _Problem:
    """Why a delivery was not accepted. `down`: the same webhook would not accept others now either."""

    reason: str
    down: bool = True


async def _deliver(space: Workspace, rules: WebhookRules, session: ClientSession, one: ClaimedDelivery) -> None:
    problem = await _send_one(space, rules, session, one)
    store, number, moment = space.store[Webhooks], one.delivery.number, datetime.now(UTC)
    if problem is None:
        await asyncio.to_thread(store.delivered, number)
        return
    wait = _wait(rules, one.delivery.attempts + 1)
    due = None if wait is None else moment + timedelta(seconds=wait)
    await asyncio.to_thread(store.missed, number, problem.reason, due)
    if problem.down:
        hold = min(_HOLD, rules.first_wait_seconds)
        await asyncio.to_thread(store.hold, one.delivery.webhook, moment + timedelta(seconds=hold))


async def _send_one(
    space: Workspace, rules: WebhookRules, session: ClientSession, one: ClaimedDelivery
) -> _Problem | None:
    """Send it; None if it was taken."""
    form = form_of(one.url)
    with speaking(space.settings.said.language):  # a channel's; programs get the event as it is
        body = one.delivery.body if form == "email" else written(form, one.delivery.body)
    try:
        if form == "email":
            return await asyncio.to_thread(_mailed, space, one)
        check_url(one.url, Allowed(rules.allow))  # aiohttp asks no resolver about a host that is an address
        timestamp, ident = int(time.time()), f"{one.delivery.webhook}-{one.delivery.number}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Closeread/{__version__}",
            "webhook-id": ident,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(one.secret, ident, timestamp, body),
        }
        sending = session.post(one.url, data=body.encode(), headers=headers, allow_redirects=False)
        async with sending as answer:
            return None if 200 <= answer.status < 300 else _problem_of_status(answer.status)
    except (ConfigError, InputError) as error:
        return _Problem(f"{error}; {error.advice.text}" if error.advice else str(error))
    except TimeoutError:
        return _Problem(f"no answer within {rules.timeout_seconds:g} seconds")
    except (ClientError, OSError, ValueError) as error:
        return _Problem(" ".join(str(error).split()) or type(error).__name__)


def _mailed(space: Workspace, one: ClaimedDelivery) -> _Problem | None:
    with speaking(language_of(space, addresses_of(one.url))):
        message = email(one.url, one.delivery.body, f"{one.delivery.webhook}-{one.delivery.number}")
    problem = hand_over(space, message)
    return _Problem(problem) if problem else None


def language_of(space: Workspace, addresses: list[str]) -> str:
    """The language that all these people read, if it is one; else the workspace's."""
    chosen = {one.email: one.language for one in space.store[People].all()}
    languages = {chosen.get(address, "") or space.settings.said.language for address in addresses}
    return languages.pop() if len(languages) == 1 else space.settings.said.language


def hand_over(space: Workspace, message: EmailMessage) -> str:
    """Hand an e-mail to the server in `mail.yaml`; returns why it was not accepted, else an empty text."""
    rules = space.settings.mail()
    if not rules.host:
        return "no server for e-mail is set: write host and sender into config/mail.yaml"
    message["From"] = rules.sender or rules.user
    context, timeout = ssl.create_default_context(), rules.timeout_seconds
    try:
        with (
            smtplib.SMTP_SSL(rules.host, rules.port, timeout=timeout, context=context)
            if rules.security == "tls"
            else smtplib.SMTP(rules.host, rules.port, timeout=timeout)
        ) as server:
            if rules.security == "starttls":
                server.starttls(context=context)
            if rules.user:
                password = space.settings.secret(rules.password_env, "e-mail").get_secret_value()
                server.login(rules.user, password)
            server.send_message(message)
    except smtplib.SMTPException as error:
        return f"the server for e-mail refused: {' '.join(str(error).split())}"
    return ""


def _problem_of_status(status: int) -> _Problem:
    if 300 <= status < 400:
        return _Problem(f"it answered {status}: redirects are not followed; enter the final address")
    return _Problem(f"it answered {status}", down=status >= 500 or status == 429)


def _wait(rules: WebhookRules, attempts: int) -> float | None:
    """Seconds until the next attempt, after that many attempts; None if there is none. Random, so that not all come
    at once."""
    if attempts >= rules.attempts:
        return None
    wait: float = min(rules.longest_wait_seconds, rules.first_wait_seconds * _GROWTH ** (attempts - 1))
    return wait * random.uniform(0.75, 1.25)
