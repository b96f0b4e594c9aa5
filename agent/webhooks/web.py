"""Webhooks: addresses that are told of scored calls, finished jobs and disputes. The API first, then the pages."""

from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.steps import next_step
from agent.app.view import Page, example
from agent.app.web.auth import OpsLead
from agent.app.web.forms import Typed
from agent.app.web.idempotency import SHOWN_ONCE
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, failed, render
from agent.webhooks import verbs
from agent.webhooks.model import EVENTS, Event
from agent.webhooks.store import Webhooks
from agent.webhooks.views import DeliveryView, NewWebhookView, WebhookList, WebhookView

api = api_router("webhooks")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["wh-5c1e0b7a9d3f2c48"])]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[17])]


class WebhookIn(BaseModel):
    """Where to send which events."""

    url: Annotated[str, Field(min_length=8, max_length=2000)]
    events: Annotated[list[Event], Field(max_length=20, description="Empty for all.")] = []

    model_config = example({"url": "https://hooks.example.com/closeread", "events": ["call.scored", "dispute.opened"]})


@api.get("/webhooks")
def list_webhooks(who: OpsLead) -> WebhookList:
    """All webhooks, newest first."""
    return WebhookList(items=[WebhookView.of(webhook) for webhook in who.space.store[Webhooks].all()])


@api.post("/webhooks", status_code=201, openapi_extra=SHOWN_ONCE)
def make_webhook(who: OpsLead, new: WebhookIn) -> NewWebhookView:
    """Add a webhook. Addresses in private networks are refused unless `config/webhooks.yaml` allows them.

    Deliveries are signed as Standard Webhooks has it: headers `webhook-id`, `webhook-timestamp` and
    `webhook-signature`, HMAC-SHA256 over `id.timestamp.body`. What is not answered with 2xx is sent again.
    """
    return NewWebhookView.of(verbs.add_webhook(who, new.url, new.events))


@api.get("/webhooks/{ident}")
def read_webhook(who: OpsLead, ident: Ident) -> WebhookView:
    """One webhook."""
    return WebhookView.of(who.space.store[Webhooks].get(ident))


@api.post("/webhooks/{ident}/disable")
def disable_webhook(who: OpsLead, ident: Ident) -> WebhookView:
    """Send nothing more to it. What is due waits."""
    return WebhookView.of(verbs.disable_webhook(who, ident))


@api.post("/webhooks/{ident}/enable")
def enable_webhook(who: OpsLead, ident: Ident) -> WebhookView:
    """Send again, also what waited."""
    return WebhookView.of(verbs.enable_webhook(who, ident))


@api.post("/webhooks/{ident}/ping")
async def ping(who: OpsLead, ident: Ident) -> DeliveryView:
    """Send a test event now, and say what came of it."""
    return DeliveryView.of(await verbs.ping_webhook(who, ident))


@api.get("/webhooks/{ident}/deliveries")
def list_deliveries(who: OpsLead, ident: Ident, paging: Pages) -> Page[DeliveryView]:
    """What was and is to be sent to a webhook, newest first."""
    rows = who.space.store[Webhooks].deliveries(ident, paging.after, paging.fetch)
    return paging.page(rows, lambda row: row.number, DeliveryView.of)


@api.post("/webhooks/{ident}/deliveries/{number}/redeliver")
def redeliver(who: OpsLead, ident: Ident, number: Number) -> DeliveryView:
    """Send a delivery once more, under the same id."""
    return DeliveryView.of(verbs.redeliver(who, ident, number))


# Pages.


@pages.get("/admin/webhooks")
def list_page(request: Request, who: OpsLead) -> HTMLResponse:
    """All webhooks, and the form for another one."""
    return _list_page(request, who)


@pages.post("/admin/webhooks")
def make_on_page(request: Request, who: OpsLead, form: Typed) -> HTMLResponse:
    """Add a webhook, and show its secret this once."""
    return _list_page(request, who, verbs.add_webhook(who, form.get("url", ""), form.all("event")).secret)


def _list_page(request: Request, who: OpsLead, secret: str = "") -> HTMLResponse:
    values = {"webhooks": list_webhooks(who).items, "events": EVENTS, "secret": secret}
    return render(request, "webhooks/list.html", who, values | {"step": next_step(who, "webhooks")})


@pages.get("/admin/webhooks/{ident}")
def webhook_page(request: Request, who: OpsLead, paging: Pages, ident: str) -> HTMLResponse:
    """One webhook with its deliveries."""
    values: dict[str, Any] = {"webhook": read_webhook(who, ident), "page": list_deliveries(who, ident, paging)}
    values["step"] = next_step(who, "webhooks")
    return render(request, "webhooks/one.html", who, values)


@pages.post("/admin/webhooks/{ident}/ping")
async def ping_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """Send a test event and say what came of it."""
    here = f"/admin/webhooks/{ident}"
    delivery = await verbs.ping_webhook(who, ident)
    if delivery.state == "delivered":
        return done(request, here, "The test event was taken.")
    return failed(request, here, f"The test event was not taken: {delivery.reason}.")


@pages.post("/admin/webhooks/{ident}/disable")
def disable_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """Send nothing more."""
    verbs.disable_webhook(who, ident)
    return done(request, f"/admin/webhooks/{ident}", "Nothing more is sent; what is due waits.")


@pages.post("/admin/webhooks/{ident}/enable")
def enable_on_page(request: Request, who: OpsLead, ident: str) -> Response:
    """Send again."""
    verbs.enable_webhook(who, ident)
    return done(request, f"/admin/webhooks/{ident}", "Events are sent again, also those that waited.")


@pages.post("/admin/webhooks/{ident}/deliveries/{number}/redeliver")
def redeliver_on_page(request: Request, who: OpsLead, ident: str, number: int) -> Response:
    """Send one delivery once more."""
    verbs.redeliver(who, ident, number)
    return done(request, f"/admin/webhooks/{ident}", f"Delivery {number} is sent again.")
