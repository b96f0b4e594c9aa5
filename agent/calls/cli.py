"""`closeread calls`; `import` is in agent/uploads/cli.py, `list` and `show` in agent/ratings/cli.py."""

from typing import Annotated

import typer

from agent.app.cli.context import Budget, DryRun, Fresh, Json
from agent.calls.store import Calls
from agent.interviews import cli as documents

app = typer.Typer(no_args_is_help=True, help="Sales calls.")


def calls_named(ctx: typer.Context, given: str) -> str:
    """For options and arguments that name calls: their ids."""
    return documents.ids_of(ctx, Calls, given)


CallArgument = Annotated[
    str, typer.Argument(callback=calls_named, help="Its id, or the name of its file.", show_default=False)
]


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
    _fresh: Fresh = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the drafter's model propose who is behind labels such as "Speaker 1". You confirm; nothing is stored."""
    documents.propose(
        ctx, "call", directory, manifest, map, speakers, format, dates, budget, dry_run=dry_run, json=json
    )
