"""`closeread calls`: the list; `import` is in agent/uploads/cli.py, `show` in agent/ratings/cli.py."""

from __future__ import annotations

import typer

from agent.app.cli.context import Budget, DryRun, Json, print_json, table, workspace
from agent.calls.store import Calls
from agent.calls.views import CallView
from agent.interviews import cli as documents

app = typer.Typer(no_args_is_help=True, help="Sales calls.")


@app.command("speakers")
def speakers_(
    ctx: typer.Context,
    directory: documents.Directory,
    manifest: documents.Manifest,
    map: documents.Map = None,
    speakers: documents.Speakers = None,
    format: documents.Format = None,
    dates: documents.Dates = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the drafter's model propose who is behind labels such as "Speaker 1". You confirm; nothing is stored."""
    documents.propose(
        ctx, "call", directory, manifest, map, speakers, format, dates, budget, dry_run=dry_run, json=json
    )


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All calls, newest first."""
    found = [CallView.of(row) for row in workspace(ctx).store[Calls].page(limit=10**9)]
    if json:
        print_json([view.data() for view in found])
        return
    rows = [[v.id, v.date, v.rep, v.customer, v.account, v.stage, v.deal, v.ratings] for v in found]
    table("", ["id", "date", "rep", "customer", "account", "stage", "deal", "ratings"], rows, right=["ratings"])
