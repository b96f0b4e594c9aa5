"""`closeread retention`: remove transcripts and quotes after a while, or when somebody asks for it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.cli.context import Json, console, me, print_json
from agent.retention import verbs
from agent.retention.model import Chosen
from agent.retention.store import Retention
from agent.retention.views import RemovalView


def retention(
    ctx: typer.Context,
    older_than: Annotated[int | None, typer.Option("--older-than", min=0, help="Older than so many days.")] = None,
    rep: Annotated[str, typer.Option("--rep", help="Only of this rep.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="Only of this customer, account or buyer.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove transcripts, quotes and customers' names. Ratings and figures stay with the call's id."""
    who, what = me(ctx), Chosen.of(older_than, rep, customer)
    removal = who.space.store[Retention].plan(what)
    if not dry_run:
        if not yes and not removal.nothing:
            question = f"Remove {len(removal.calls)} calls and {len(removal.interviews)} interviews for good?"
            typer.confirm(question, abort=True, err=True)
        removal = verbs.remove(who, what).removal
    counts = RemovalView.of(removal)
    if json:
        print_json(counts.data())
        return
    console().print(
        f"{'would remove' if dry_run else 'removed'} the words of {counts.calls} calls and {counts.interviews} "
        f"interviews; {counts.ratings} ratings, {counts.plans} plans and {counts.disputes} disputes lose their quotes "
        "and reasons" + (f"; {counts.waiting} calls of running rounds stay" if counts.waiting else ""),
        markup=False,
    )
