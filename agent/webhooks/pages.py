"""Admin: webhooks and what was sent to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from agent.app.web import sessions
from agent.app.web.auth import OpsLead
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import Conflict, InputError, NotFound
from agent.webhooks.store import EVENTS, Webhooks
from agent.webhooks.verbs import create_webhook, ping_webhook

router = page_router()

Events = Annotated[list[Annotated[str, Form(max_length=60)]], Form(max_length=20)]


@router.get("/admin/webhooks")
def webhooks(request: Request, who: OpsLead) -> HTMLResponse:
    """All webhooks."""
    return _page(request, who)


@router.post("/admin/webhooks")
def make(
    request: Request,
    who: OpsLead,
    url: Annotated[str, Form(max_length=2000)] = "",
    event: Events = [],  # noqa: B006  FastAPI copies it
) -> HTMLResponse:
    """Add a webhook, and show its secret this once."""
    try:
        webhook, secret = create_webhook(who.space, who.name, url.strip(), event)
    except InputError as error:
        return _page(request, who, problem=error, url=url, chosen=event)
    who.audit("webhook_made", webhook.id, url=webhook.url, events=list(webhook.events))
    return _page(request, who, secret=secret)


def _page(
    request: Request,
    who: OpsLead,
    secret: str = "",
    problem: InputError | None = None,
    url: str = "",
    chosen: list[str] | None = None,
) -> HTMLResponse:
    typed = {"url": url, "chosen": chosen or []}
    values = {"webhooks": who.space.store[Webhooks].all(), "events": EVENTS, "secret": secret, "problem": problem}
    return render(
        request, "webhooks/list.html", who, values | {"typed": typed}, 200 if problem is None else status_of(problem)
    )


@router.get("/admin/webhooks/{ident}")
def webhook(request: Request, who: OpsLead, paging: Pages, ident: str) -> HTMLResponse:
    """One webhook with its deliveries."""
    store = who.space.store[Webhooks]
    rows = store.deliveries(ident, paging.after, paging.fetch)
    page = paging.page(rows, lambda row: row.number, lambda row: row)
    return render(request, "webhooks/one.html", who, {"webhook": store.get(ident), "page": page})


@router.post("/admin/webhooks/{ident}/ping")
async def ping(request: Request, who: OpsLead, ident: str) -> Response:
    """Send a test event and say what came of it."""
    here = f"/admin/webhooks/{ident}"
    try:
        delivery = await ping_webhook(who.space, ident)
    except NotFound:
        raise
    except Conflict as error:
        sessions.flash(request, f"{str(error)[:1].upper()}{str(error)[1:]}.", "problem")
        return done(request, here)
    await run_in_threadpool(who.audit, "webhook_pinged", ident)
    if delivery.state == "delivered":
        return done(request, here, "The test event was taken.")
    sessions.flash(request, f"The test event was not taken: {delivery.reason}.", "problem")
    return done(request, here)


@router.post("/admin/webhooks/{ident}/disable")
def disable(request: Request, who: OpsLead, ident: str) -> Response:
    """Send nothing more."""
    who.space.store[Webhooks].disable(ident)
    who.audit("webhook_disabled", ident)
    return done(request, f"/admin/webhooks/{ident}", "Nothing more is sent; what is due waits.")


@router.post("/admin/webhooks/{ident}/enable")
def enable(request: Request, who: OpsLead, ident: str) -> Response:
    """Send again."""
    who.space.store[Webhooks].disable(ident, False)
    who.audit("webhook_enabled", ident)
    return done(request, f"/admin/webhooks/{ident}", "Events are sent again, also those that waited.")


@router.post("/admin/webhooks/{ident}/deliveries/{number}/redeliver")
def redeliver(request: Request, who: OpsLead, ident: str, number: int) -> Response:
    """Send one delivery once more."""
    try:
        who.space.store[Webhooks].redeliver(ident, number)
    except Conflict as error:
        sessions.flash(request, f"{str(error)[:1].upper()}{str(error)[1:]}.", "problem")
        return done(request, f"/admin/webhooks/{ident}")
    who.audit("webhook_redelivered", ident, delivery=number)
    return done(request, f"/admin/webhooks/{ident}", f"Delivery {number} is sent again.")
