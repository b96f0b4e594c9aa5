"""`closeread audit`: who did and read what, and whether the log of it is as it was written."""

from typing import Annotated

import typer

from agent.app.cli.context import Json, me, print_json, say, table
from agent.app.view import Page
from agent.core.errors import GateClosed
from agent.db.audit import AuditLog
from agent.db.audit_chain import noted_heads
from agent.people.views import AuditCheckView, AuditView

app = typer.Typer(no_args_is_help=True, help="Who did and read what; whether the log is as it was written.")


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str, typer.Option("--subject", help="Id of what was changed or read.")] = "",
    action: Annotated[str, typer.Option("--action", help="Name of the change.")] = "",
    person: Annotated[str, typer.Option("--person", help="Who did it.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Lines, newest first.")] = 50,
    json: Json = False,
) -> None:
    """Who changed what and read whose words, newest first."""
    log = me(ctx).space.store[AuditLog]
    entries = [AuditView.of(line) for line in log.page(None, limit, subject=subject, action=action, person=person)]
    if json:
        return print_json(Page(items=entries))
    rows = [
        [f"{v.at:%Y-%m-%d %H:%M:%S}", v.person, v.action, v.subject, ", ".join(f"{k}: {x}" for k, x in v.facts.items())]
        for v in entries
    ]
    table("", ["at", "who", "what", "of", "facts"], rows)


@app.command()
def verify(
    ctx: typer.Context,
    expect: Annotated[
        list[str] | None, typer.Option("--expect", metavar="HEAD", help="A head that was printed earlier.")
    ] = None,
    json: Json = False,
) -> None:
    """Check that no line was changed, taken out or put in; exit 4 where one was. Prints the head: keep it elsewhere."""
    checked = AuditCheckView.of(me(ctx).space.store[AuditLog].verify(noted_heads(expect or ())))
    if json:
        print_json(checked)
    else:
        typer.echo(checked.head)
    if not checked.holds:
        raise GateClosed("the audit log is not as it was written: " + "; ".join(checked.faults))
    removed = f"; {checked.nameless} have lost their names because somebody asked for it" if checked.nameless else ""
    say(f"each of the {checked.lines} lines is as it was written{removed}")
