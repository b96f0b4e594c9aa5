"""`closeread cache`: the replies that are kept so that none is paid for twice."""

from typing import Annotated

import typer

from agent.app.cli.context import Json, console, me, print_json, workspace
from agent.models.verbs import clear_cache, kept_replies

app = typer.Typer(no_args_is_help=True, help="Replies of models that are kept, so that none is paid for twice.")


@app.command()
def show(ctx: typer.Context, json: Json = False) -> None:
    """How many replies are kept, from which models, and where."""
    kept = kept_replies(workspace(ctx))
    if json:
        return print_json(kept)
    console().print(f"{kept.replies} replies, {kept.bytes / 1e6:.1f} MB, in {kept.folder}", soft_wrap=True)
    for model, count in kept.models.items():
        console().print(f"  {count:>7}  {model}")


@app.command()
def clear(
    ctx: typer.Context,
    model: Annotated[str, typer.Option("--model", help="Only replies of this model, as `cache show` names it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget kept replies: what is asked again is then sent, and paid for. Ratings and all
    that was made of them stay."""
    who = me(ctx)
    kept = kept_replies(who.space)
    count = kept.models.get(model, 0) if model else kept.replies
    if count and not yes:
        typer.confirm(f"Forget {count} replies? Asking for them again is paid for.", abort=True, err=True)
    console().print(f"{clear_cache(who, model)} replies forgotten")
