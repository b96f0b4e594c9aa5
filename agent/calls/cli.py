"""`closeread calls` (all but `import`, see agent/uploads/cli.py)."""

from __future__ import annotations

import typer

from agent.app.cli.context import Budget, DryRun, Json, print_json, table, workspace
from agent.calls.store import Calls
from agent.interviews import cli as documents
from agent.interviews.views import TurnView

app = typer.Typer(no_args_is_help=True, help="Sales calls.")


@app.command("speakers")
def speakers_(
    ctx: typer.Context,
    directory: documents.Directory,
    manifest: documents.Manifest,
    map: documents.Map = None,
    speakers: documents.Speakers = None,
    format: documents.Format = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the drafter's model propose who is behind labels such as "Speaker 1". You confirm; nothing is stored."""
    documents.propose(ctx, "call", directory, manifest, map, speakers, format, budget, dry_run=dry_run, json=json)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All calls."""
    from agent.app.shapes import call_data

    found = [call_data(c) | {"turns": len(c.transcript.turns)} for c in workspace(ctx).store[Calls].all()]
    if json:
        print_json(found)
    else:
        rows = [list(facts.values()) for facts in found]
        table("", ["id", "date", "rep", "customer", "account", "stage", "deal", "turns"], rows, right=["turns"])


@app.command()
def show(ctx: typer.Context, call: str, json: Json = False) -> None:
    """One call with its transcript."""
    from agent.app.shapes import call_data, transcript_data

    found = workspace(ctx).store[Calls].get(call)
    facts = call_data(found) | found.details
    if json:
        print_json({**facts, "transcript": transcript_data(found.transcript)})
    else:
        documents.show_document(facts, TurnView.all(found.transcript))
