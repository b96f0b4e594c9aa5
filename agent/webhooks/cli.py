"""`closeread webhook`: addresses of other programs that are told of scored calls, finished jobs and disputes."""

from typing import Annotated

import typer

from agent.app.cli.context import Json, me, print_json, run, say, table
from agent.app.view import Page
from agent.webhooks import verbs
from agent.webhooks.store import Webhooks
from agent.webhooks.views import DeliveryView, NewWebhookView, WebhookList, WebhookView

app = typer.Typer(no_args_is_help=True, help="Tell other programs what happened.")

Ident = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All webhooks, newest first."""
    webhooks = [WebhookView.of(webhook) for webhook in me(ctx).space.store[Webhooks].all()]
    if json:
        return print_json(WebhookList(items=webhooks))
    rows = [[v.id, v.url, ", ".join(v.events) or "all", "disabled" if v.disabled else "on"] for v in webhooks]
    table("", ["id", "address", "events", "state"], rows)


@app.command("add")
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send to.")],
    event: Annotated[list[str] | None, typer.Option("--event", help="An event to send; none named: all.")] = None,
    json: Json = False,
) -> None:
    """Add a webhook; its secret is printed this once."""
    made = verbs.add_webhook(me(ctx), url, event or [])
    if json:
        return print_json(NewWebhookView.of(made))
    say(f"{made.id} is added. Keep the secret: it is not shown again, and the receiver checks with it who sent.")
    typer.echo(made.secret)


@app.command("disable")
def disable(ctx: typer.Context, ident: Ident) -> None:
    """Send nothing more to it; what is due waits."""
    verbs.disable_webhook(me(ctx), ident)
    say(f"nothing more is sent to {ident}")


@app.command("enable")
def enable(ctx: typer.Context, ident: Ident) -> None:
    """Send again, also what waited."""
    verbs.enable_webhook(me(ctx), ident)
    say(f"events are sent to {ident} again, also those that waited")


@app.command("ping")
def ping(ctx: typer.Context, ident: Ident, json: Json = False) -> None:
    """Send a test event now, and say what came of it."""
    delivery = run(lambda: verbs.ping_webhook(me(ctx), ident))
    if json:
        return print_json(DeliveryView.of(delivery))
    say("taken" if delivery.state == "delivered" else f"not taken: {delivery.reason}")


@app.command("deliveries")
def deliveries(ctx: typer.Context, ident: Ident, json: Json = False) -> None:
    """What was and is to be sent to a webhook: the newest 50, newest first."""
    deliveries = [DeliveryView.of(delivery) for delivery in me(ctx).space.store[Webhooks].deliveries(ident)]
    if json:
        return print_json(Page(items=deliveries))
    rows = [[v.number, v.event, v.state, v.attempts, v.at.isoformat(" ", "seconds"), v.reason] for v in deliveries]
    table("", ["number", "event", "state", "attempts", "when", "what came of it"], rows, right=["number", "attempts"])


@app.command("redeliver")
def redeliver(
    ctx: typer.Context, ident: Ident, number: Annotated[int, typer.Argument(metavar="NUMBER", help="The delivery.")]
) -> None:
    """Send a delivery once more, under the same id."""
    verbs.redeliver(me(ctx), ident, number)
    say(f"delivery {number} is due again")
