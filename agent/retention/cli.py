"""`closeread retention`: remove transcripts and quotes after a while, or when somebody asks for it."""

from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import Json, console, me, print_json, say
from agent.core.errors import ConfigError
from agent.retention import verbs
from agent.retention.model import Chosen
from agent.retention.store import Retention
from agent.retention.views import ForgottenView, RemovalView


def forget(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of a rep or of somebody who rates.")],
    pseudonym: Annotated[str, typer.Option("--pseudonym", help="Default: Former colleague 1, 2, …")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Put a pseudonym in the place of the name of somebody who leaves, and close the account. The history stays."""
    who = me(ctx)
    if not yes:
        typer.confirm(f"Replace the name {name!r} everywhere, for good?", abort=True, err=True)
    done = ForgottenView.of(verbs.remove_person(who, name, pseudonym))
    if json:
        return print_json(done)
    typer.echo(f"{name} is {done.pseudonym} now, in {done.rows} rows")


def about(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of a rep, a rater, a customer or a buyer.")],
    out: Annotated[Path, typer.Option("--out", help="Zip file to write.", dir_okay=False)],
) -> None:
    """Everything about one person, as a zip of JSON files."""
    content = verbs.export_person(me(ctx), name)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}") from error
    say(f"written: {out}")


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
        return print_json(counts)
    console().print(
        f"{'would remove' if dry_run else 'removed'} the words of {counts.calls} calls and {counts.interviews} "
        f"interviews; {counts.ratings} ratings, {counts.plans} plans and {counts.disputes} disputes lose their quotes "
        "and reasons" + (f"; {counts.waiting} calls of running rounds stay" if counts.waiting else ""),
        markup=False,
    )
