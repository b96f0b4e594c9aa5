"""Webhooks: addresses that are told of scored calls, finished jobs and disputes. The secret is shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, JsonValue

from agent.app.web.auth import OpsLead
from agent.app.web.idempotency import SHOWN_ONCE
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.webhooks.store import Delivery, DeliveryState, Webhook, Webhooks
from agent.webhooks.verbs import create_webhook, ping_webhook

router = api_router("webhooks")

Ident = Annotated[str, Path(max_length=40, examples=["wh-5c1e0b7a9d3f2c48"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[17])]
Event = Literal["call.scored", "job.finished", "job.paused", "dispute.opened", "dispute.answered"]

_WEBHOOK: dict[str, JsonValue] = {
    "id": "wh-5c1e0b7a9d3f2c48",
    "url": "https://hooks.example.com/closeread",
    "events": ["call.scored", "dispute.opened"],
    "by": "Ana Ruiz",
    "at": "2026-11-24T09:30:00+00:00",
    "disabled": None,
}


class WebhookOut(BaseModel):
    """A webhook, without its secret. `events` is empty for all."""

    id: str
    url: str
    events: list[str]
    by: str
    at: datetime
    disabled: datetime | None

    model_config = {"json_schema_extra": {"examples": [_WEBHOOK]}}

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookOut:
        """As it is sent."""
        return cls(**vars(webhook) | {"events": list(webhook.events)})


class NewWebhookOut(WebhookOut):
    """A new webhook with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again. Deliveries are signed with it.")]

    model_config = {"json_schema_extra": {"examples": [_WEBHOOK | {"secret": "whsec_…"}]}}


class WebhookList(BaseModel):
    """All webhooks."""

    items: list[WebhookOut]

    model_config = {"json_schema_extra": {"examples": [{"items": [_WEBHOOK]}]}}


class NewWebhook(BaseModel):
    """Where to send which events."""

    url: Annotated[str, Field(min_length=8, max_length=2000)]
    events: Annotated[list[Event], Field(max_length=20, description="Empty for all.")] = []

    model_config = {
        "json_schema_extra": {
            "examples": [{"url": "https://hooks.example.com/closeread", "events": ["call.scored", "dispute.opened"]}]
        }
    }


class DeliveryOut(BaseModel):
    """One event for one webhook. `due` is when it is tried next while its state is `due`."""

    number: int
    webhook: str
    event: str
    state: DeliveryState
    attempts: int
    due: datetime
    at: datetime
    reason: str
    body: Annotated[str, Field(description="As it is sent: event, subject (an id), at, data (ids and counts).")]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "number": 17,
                    "webhook": "wh-5c1e0b7a9d3f2c48",
                    "event": "call.scored",
                    "state": "delivered",
                    "attempts": 1,
                    "due": "2026-11-24T09:30:00+00:00",
                    "at": "2026-11-24T09:30:00+00:00",
                    "reason": "",
                    "body": '{"event": "call.scored", "subject": "call-0412", "at": "…", "data": {"criteria": 7}}',
                }
            ]
        }
    }

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        """As it is sent."""
        return cls(**vars(delivery))


@router.get("/webhooks")
def list_webhooks(who: OpsLead) -> WebhookList:
    """All webhooks, newest first."""
    return WebhookList(items=[WebhookOut.of(webhook) for webhook in who.space.store[Webhooks].all()])


@router.post("/webhooks", status_code=201, openapi_extra=SHOWN_ONCE)
def make_webhook(who: OpsLead, new: NewWebhook) -> NewWebhookOut:
    """Add a webhook. Addresses in private networks are refused unless `config/webhooks.yaml` allows them.

    Deliveries are signed as Standard Webhooks has it: headers `webhook-id`, `webhook-timestamp` and
    `webhook-signature`, HMAC-SHA256 over `id.timestamp.body`. What is not answered with 2xx is sent again.
    """
    webhook, secret = create_webhook(who.space, who.name, new.url, new.events)
    who.audit("webhook_made", webhook.id, url=webhook.url, events=list(webhook.events))
    return NewWebhookOut(**WebhookOut.of(webhook).model_dump(), secret=secret)


@router.get("/webhooks/{ident}")
def read_webhook(who: OpsLead, ident: Ident) -> WebhookOut:
    """One webhook."""
    return WebhookOut.of(who.space.store[Webhooks].get(ident))


@router.post("/webhooks/{ident}/disable")
def disable_webhook(who: OpsLead, ident: Ident) -> WebhookOut:
    """Send nothing more to it. What is due waits."""
    webhook = who.space.store[Webhooks].disable(ident)
    who.audit("webhook_disabled", ident)
    return WebhookOut.of(webhook)


@router.post("/webhooks/{ident}/enable")
def enable_webhook(who: OpsLead, ident: Ident) -> WebhookOut:
    """Send again, also what waited."""
    webhook = who.space.store[Webhooks].disable(ident, False)
    who.audit("webhook_enabled", ident)
    return WebhookOut.of(webhook)


@router.post("/webhooks/{ident}/ping")
async def ping(who: OpsLead, ident: Ident) -> DeliveryOut:
    """Send a test event now, and say what came of it."""
    delivery = await ping_webhook(who.space, ident)
    await run_in_threadpool(who.audit, "webhook_pinged", ident)
    return DeliveryOut.of(delivery)


@router.get("/webhooks/{ident}/deliveries")
def list_deliveries(who: OpsLead, ident: Ident, paging: Pages) -> Page[DeliveryOut]:
    """What was and is to be sent to a webhook, newest first."""
    rows = who.space.store[Webhooks].deliveries(ident, paging.after, paging.fetch)
    return paging.page(rows, lambda row: row.number, DeliveryOut.of)


@router.post("/webhooks/{ident}/deliveries/{number}/redeliver")
def redeliver(who: OpsLead, ident: Ident, number: Number) -> DeliveryOut:
    """Send a delivery once more, under the same id."""
    delivery = who.space.store[Webhooks].redeliver(ident, number)
    who.audit("webhook_redelivered", ident, delivery=number)
    return DeliveryOut.of(delivery)
