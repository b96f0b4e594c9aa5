"""`closeread retention`: remove transcripts and quotes after a while, or when somebody asks for it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from agent.app.cli.context import Json, console, print_json, workspace
from agent.db.audit import AuditLog


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
    from agent.people import retention as service

    space = workspace(ctx)
    what = service.chosen(older_than, rep, customer)
    found = service.dry_run(space, what)
    if not dry_run:
        if not yes and not found.nothing:
            typer.confirm(
                f"Remove {found.calls} calls and {found.interviews} interviews for good?", abort=True, err=True
            )
        note = partial(space.store[AuditLog].append, "removed", "retention", person="command line")
        found = service.remove(space, what, note)
    if json:
        print_json({"removed": not dry_run, **asdict(found)})
        return
    console().print(
        f"{'would remove' if dry_run else 'removed'} the words of {found.calls} calls and {found.interviews} interviews; "
        f"{found.ratings} ratings, {found.plans} plans and {found.disputes} disputes lose their quotes and reasons"
        + (f"; {found.waiting} calls of running rounds stay" if found.waiting else ""),
        markup=False,
    )
