"""Webhooks as they are shown outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from agent.app.view import View
from agent.webhooks.model import Delivery, DeliveryState, NewWebhook, Webhook


class WebhookView(View):
    """A webhook, without its secret. `events` is empty for all."""

    id: str
    url: str
    events: list[str]
    by: str
    at: datetime
    disabled: datetime | None

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookView":
        return cls.model_validate(webhook)


class NewWebhookView(WebhookView):
    """A new webhook with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again. Deliveries are signed with it.")]

    @classmethod
    def of(cls, webhook: Webhook) -> "NewWebhookView":
        assert isinstance(webhook, NewWebhook)
        return cls.model_validate(webhook)


class WebhookList(View):
    """All webhooks."""

    items: list[WebhookView]


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

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        return cls.model_validate(delivery)
