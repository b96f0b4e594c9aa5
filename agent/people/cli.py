"""`closeread people`: accounts for the web application."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.cli.context import Json, print_json, say, table, workspace
from agent.app.cli.person_options import RepOption, RoleOption, role_of
from agent.db.audit import AuditLog
from agent.people.store import Invitations, People

app = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or e-mail address.")]
Url = Annotated[str, typer.Option("--url", help="Where people reach the server.")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The name they rate under.")],
    email: Annotated[str, typer.Option("--email", help="E-mail address, to sign in with.")],
    role: RoleOption,
    rep: RepOption = "",
    url: Url = "http://127.0.0.1:8000",
) -> None:
    """Add somebody, and print the link with which they set a password."""
    store = workspace(ctx).store
    person = store[People].create(name, email, role_of(role), rep)
    store[AuditLog].append("person_added", person.id, person="command line", name=person.name, role=person.role)
    _print_link(ctx, person.id, url)


@app.command("list")
def list_people(ctx: typer.Context, json: Json = False) -> None:
    """List accounts, by name."""
    found = workspace(ctx).store[People].all()
    if json:
        print_json([person.model_dump(mode="json") for person in found])
        return
    rows = [(p.name, p.email, p.role + (f" {p.rep}" if p.rep else ""), "closed" if p.disabled else "") for p in found]
    table("", ("name", "email", "role", ""), rows)


@app.command()
def disable(ctx: typer.Context, name: Name) -> None:
    """Close an account: sessions and tokens end at once."""
    store = workspace(ctx).store
    person = store[People].disable(store[People].named(name).id)
    store[AuditLog].append("person_disabled", person.id, person="command line")
    say(f"the account of {person.name} is closed")


@app.command()
def invite(ctx: typer.Context, name: Name, url: Url = "http://127.0.0.1:8000") -> None:
    """Print a link with which somebody sets a password. It works once, for seven days."""
    _print_link(ctx, workspace(ctx).store[People].named(name).id, url)


def _print_link(ctx: typer.Context, ident: str, url: str) -> None:
    store = workspace(ctx).store
    secret = store[Invitations].create(ident)
    store[AuditLog].append("invited", ident, person="command line")
    typer.echo(f"{url.rstrip('/')}/welcome/{secret}")
