"""Webhooks as they are shown outside."""

from typing import Annotated

from pydantic import Field

from agent.app.view import View
from agent.webhooks.model import Delivery, Webhook


class WebhookView(Webhook, View):
    """A webhook, without its secret. `events` is empty for all."""


class NewWebhookView(WebhookView):
    """A new webhook with its secret."""

    secret: Annotated[str, Field(description="Keep it: it is not shown again. Deliveries are signed with it.")]


class WebhookList(View):
    """All webhooks."""

    items: list[WebhookView]


class DeliveryView(Delivery, View):
    """One event for one webhook. `due` is when it is tried next while its state is `due`."""
