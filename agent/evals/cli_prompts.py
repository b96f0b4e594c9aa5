"""`closeread prompts`."""

from typing import Annotated

import typer

from agent.app.cli.context import Json, console, me, print_json, table, workspace
from agent.app.replies import reply_models
from agent.core.errors import ConfigError
from agent.evals.prompts import PromptList, draft_prompt, prompt_views, release_prompt
from agent.llm.prompts import NO_REPLY

app = typer.Typer(no_args_is_help=True, help="Prompts: versioned files, locked once released.")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All versions of all prompts."""
    view = PromptList(items=prompt_views(workspace(ctx)))
    if json:
        return print_json(view)
    cells = [[p.name, p.version, p.status, p.role, p.hash[:8], p.changed] for p in view.items]
    table("", ["name", "version", "status", "role", "hash", "what changed"], cells)


@app.command()
def check(ctx: typer.Context, json: Json = False) -> None:
    """Load every prompt: front matter, inputs, reply model, lock."""
    prompts, known = workspace(ctx).prompts.all(), reply_models()
    for prompt in prompts:
        if prompt.meta.reply not in {*known, NO_REPLY}:
            raise ConfigError(f"{prompt.path}: there is no reply model {prompt.meta.reply!r}; known: {sorted(known)}")
    if json:
        return print_json({"checked": [p.id for p in prompts]})
    console().print(f"{len(prompts)} prompts are in order")


@app.command()
def lock(ctx: typer.Context) -> None:
    """Write the hashes of newly released prompts into lock.toml."""
    library = workspace(ctx).prompts
    added = library.lock()
    where = " and ".join(map(str, library.roots))
    console().print(f"locked: {', '.join(added)}" if added else f"nothing new to lock in {where}", soft_wrap=True)


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the prompt, as `prompts list` has it.")],
    from_: Annotated[
        int | None, typer.Option("--from", min=1, help="Version whose text it begins with; default: the one in use.")
    ] = None,
) -> None:
    """A draft of your own in the workspace's folder `prompts`, to be edited, held against the
    version in use and released."""
    path = draft_prompt(me(ctx), name, from_)
    draft = f"{name}@{int(path.stem)}"
    console().print(f"{path}", soft_wrap=True)
    console().print(
        f"edit it, then: closeread eval run SUITE --prompt {name}, closeread eval run SUITE --prompt {draft}, "
        f"closeread eval gate SUITE, closeread prompts release {draft}",
        soft_wrap=True,
    )


@app.command()
def release(ctx: typer.Context, reference: str, json: Json = False) -> None:
    """Release a draft: refused (exit 4) without a gate that passed against the version in use, with the same model."""
    made = release_prompt(me(ctx), reference)
    if json:
        return print_json(made)
    console().print(f"released {made.released}: {made.proof}", markup=False)
