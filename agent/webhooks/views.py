"""Webhooks as they are shown outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from agent.app.view import View, example
from agent.webhooks.model import Delivery, DeliveryState, NewWebhook, Webhook

_EXAMPLE: dict[str, JsonValue] = {
    "id": "wh-5c1e0b7a9d3f2c48",
    "url": "https://hooks.example.com/closeread",
    "events": ["call.scored", "dispute.opened"],
    "by": "Ana Ruiz",
    "at": "2026-11-24T09:30:00+00:00",
    "disabled": None,
}


class WebhookView(View):
    """A webhook, without its secret. `events` is empty for all."""

    id: str
    url: str
    events: list[str]
    by: str
    at: datetime
    disabled: datetime | None

    model_config = example(_EXAMPLE)

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookView":
        return cls.model_validate(webhook)


class NewWebhookView(WebhookView):
    """A new webhook with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again. Deliveries are signed with it.")]

    model_config = example(_EXAMPLE | {"secret": "whsec_…"})

    @classmethod
    def of(cls, webhook: Webhook) -> "NewWebhookView":
        assert isinstance(webhook, NewWebhook)
        return cls.model_validate(webhook)


class WebhookList(View):
    """All webhooks."""

    items: list[WebhookView]

    model_config = example({"items": [_EXAMPLE]})


class DeliveryView(View):
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

    model_config = example(
        {
            "number": 17,
            "webhook": "wh-5c1e0b7a9d3f2c48",
            "event": "call.scored",
            "state": "delivered",
            "attempts": 1,
            "due": "2026-11-24T09:30:00+00:00",
            "at": "2026-11-24T09:30:00+00:00",
            "reason": "",
            "body": '{"event": "call.scored", "subject": "call-0412", "at": "…", "data": {"criteria": 2, "scored": […], …}}',
        }
    )

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        return cls.model_validate(delivery)
