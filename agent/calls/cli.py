"""`closeread calls`; `import` is in agent/uploads/cli.py, `list` and `show` in agent/ratings/cli.py."""

from typing import Annotated

import typer

from agent.calls.store import Calls
from agent.interviews import cli as documents
from agent.interviews.store import Interviews

app = typer.Typer(no_args_is_help=True, help="Sales calls.")


def calls_named(ctx: typer.Context, given: str) -> str:
    """For options and arguments that name calls: their ids."""
    return documents.ids_of(ctx, Calls, given)


CallArgument = Annotated[
    str, typer.Argument(callback=calls_named, help="Its id, or the name of its file.", show_default=False)
]


def _document(ctx: typer.Context, given: str) -> str:
    return documents.ids_of(ctx, Calls if documents.kind_of(ctx) == "call" else Interviews, given)


DocumentArgument = Annotated[
    str, typer.Argument(metavar="ID", callback=_document, help="Its id, or the name of its file.", show_default=False)
]

app.command("speakers")(documents.speakers)
