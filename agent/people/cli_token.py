"""`closeread token`: tokens for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.cli.context import Json, print_json, say, table, workspace
from agent.app.cli.person_options import RepOption, RoleOption, role_of
from agent.db.audit import AuditLog
from agent.people.store import People
from agent.people.store_tokens import Tokens

app = typer.Typer(no_args_is_help=True, help="Tokens for programs that use the API.")


@app.command()
def create(
    ctx: typer.Context,
    role: RoleOption,
    rep: RepOption = "",
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="Days it lasts; for ever if left out.")
    ] = None,
    person: Annotated[str, typer.Option("--person", help="Name of the account under whose name it rates.")] = "",
    json: Json = False,
) -> None:
    """Make a token and print its secret, once."""
    store = workspace(ctx).store
    ident = store[People].named(person).id if person else ""
    token, secret = store[Tokens].create(
        role_of(role), rep=rep, label=label, days=days, person=ident, by="command line"
    )
    store[AuditLog].append("token_made", token.id, person="command line", role=token.role, label=label)
    if json:
        print_json({"id": token.id, "secret": secret, "role": token.role})
        return
    typer.echo(secret)
    say("Keep it: it is not shown again. Send it as  Authorization: Bearer " + secret[:6] + "…")


@app.command("list")
def list_tokens(ctx: typer.Context, json: Json = False) -> None:
    """List tokens, newest first."""
    found = workspace(ctx).store[Tokens].all()
    if json:
        print_json([{k: str(v) if v is not None else None for k, v in vars(token).items()} for token in found])
        return
    rows = [
        (
            t.id,
            t.role + (f" {t.rep}" if t.rep else ""),
            t.name,
            t.label,
            _day(t.expires),
            _day(t.last_used),
            _day(t.revoked),
        )
        for t in found
    ]
    table("", ("id", "role", "person", "label", "ends", "last used", "revoked"), rows)


@app.command()
def revoke(ctx: typer.Context, ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the token.")]) -> None:
    """End a token for good."""
    store = workspace(ctx).store
    token = store[Tokens].revoke(ident)
    store[AuditLog].append("token_revoked", token.id, person="command line")
    say(f"{token.label or token.id} no longer works")


def _day(moment: object) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d}"
