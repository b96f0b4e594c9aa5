"""`closeread model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from agent.app.cli.context import Json, console, print_json, run, table, workspace
from agent.core.errors import ModelError

app = typer.Typer(no_args_is_help=True, help="The models bound to roles.")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """Which model plays which role, and what it costs."""
    from agent.models.verbs import roles_data

    space = workspace(ctx)
    rows = roles_data(space)
    if json:
        print_json(rows)
        return
    shown = [
        [
            r["role"],
            r["model"] or "not bound",
            r["api_base"],
            *(
                "unknown" if r[k] is None else f"{r[k]:.2f}"
                for k in ("usd_per_million_input", "usd_per_million_output")
            ),
        ]
        for r in rows
    ]
    table("", ["role", "model", "endpoint", "$/M input", "$/M output"], shown, right=["$/M input", "$/M output"])
    if not space.settings.models().roles:
        console().print(f"bind models in {space.settings.workspace / 'config' / 'models.yaml'}")


@app.command()
def check(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(help="analyst_a, analyst_b, drafter or rater; default: all.")] = "",
    json: Json = False,
) -> None:
    """Ask a role's model one small question, as the work asks: reachable, structured reply and how, price known."""
    from dataclasses import asdict

    from agent.llm.roles import ROLES
    from agent.models.verbs import probes

    space = workspace(ctx)
    names = (role,) if role else ROLES
    found = run(lambda: probes(space, names))
    if json:
        print_json({name: asdict(p) | {"usage": p.usage and p.usage.model_dump()} for name, p in found.items()})
    else:
        rows = [
            [
                name,
                p.model,
                "yes" if p.reachable else "no",
                p.reply_mode or ("yes" if p.structured else "no"),
                "yes" if p.price else "unknown",
                f"{p.seconds:.1f}",
                p.problem,
            ]
            for name, p in found.items()
        ]
        table("", ["role", "model", "reachable", "reply", "price", "seconds", "problem"], rows)
        for name, p in found.items():
            if p.write:
                console().print(
                    f"{name}: {p.model} is asked best with, in its binding:  {_lines(p.write)}", soft_wrap=True
                )
        _warn_same_analyst(names, {name: p.model for name, p in found.items()})
    bad = [name for name, p in found.items() if p.problem]
    if bad:
        raise ModelError(f"not usable: {', '.join(bad)}")


def _lines(write: Mapping[str, Any]) -> str:
    """What to write, as it stands in models.yaml."""
    import yaml

    return yaml.safe_dump(dict(write), default_flow_style=True, sort_keys=False, width=10_000).strip()[1:-1]


def _warn_same_analyst(names: tuple[str, ...], models: dict[str, str]) -> None:
    both = {"analyst_a", "analyst_b"} <= set(names)
    if both and models["analyst_a"] == models["analyst_b"]:
        console().print(
            "Both analysts are the same model: their readings differ only by the draw, so their agreement is an upper "
            "bound. Two vendors make it mean more."
        )
