"""`closeread model` and `closeread cost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

import typer
import yaml

from agent.app.cli.context import Json, console, print_json, run, table, workspace
from agent.core.errors import InputError, ModelError
from agent.llm.roles import ROLES
from agent.models.spending import costs
from agent.models.verbs import RoleName, bindings, probes

app = typer.Typer(no_args_is_help=True, help="The models bound to roles.")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """Which model plays which role, and what it costs."""
    view = bindings(workspace(ctx))
    if json:
        print_json(view.data())
        return
    shown = [
        [
            bound.role,
            bound.model or "not bound",
            bound.api_base,
            *(
                "unknown" if usd is None else f"{usd:.2f}"
                for usd in (bound.usd_per_million_input, bound.usd_per_million_output)
            ),
        ]
        for bound in view.items
    ]
    table("", ["role", "model", "endpoint", "$/M input", "$/M output"], shown, right=["$/M input", "$/M output"])
    if not any(bound.model for bound in view.items):
        console().print(f"bind models in {view.file}")


@app.command()
def check(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(help="analyst_a, analyst_b, drafter or rater; default: all.")] = "",
    json: Json = False,
) -> None:
    """Ask a role's model one small question, as the work asks: reachable, structured reply and how, price known."""
    space = workspace(ctx)
    if role and role not in ROLES:
        raise InputError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    view = run(lambda: probes(space, [cast(RoleName, role)] if role else []))
    if json:
        print_json(view.data())
    else:
        rows = [
            [
                probe.role,
                probe.model,
                "yes" if probe.reachable else "no",
                probe.reply_mode or ("yes" if probe.structured else "no"),
                "yes" if probe.priced else "unknown",
                f"{probe.seconds:.1f}",
                probe.problem,
            ]
            for probe in view.items
        ]
        table("", ["role", "model", "reachable", "reply", "price", "seconds", "problem"], rows)
        for probe in view.items:
            if probe.write:
                line = f"{probe.role}: {probe.model} is asked best with, in its binding:  {_lines(probe.write)}"
                console().print(line, soft_wrap=True)
        models = {probe.role: probe.model for probe in view.items}
        if {"analyst_a", "analyst_b"} <= set(models) and models["analyst_a"] == models["analyst_b"]:
            console().print(
                "Both analysts are the same model: their readings differ only by the draw, so their agreement is an "
                "upper bound. Two vendors make it mean more."
            )
    bad = [probe.role for probe in view.items if probe.problem]
    if bad:
        raise ModelError(f"not usable: {', '.join(bad)}")


def _lines(write: Mapping[str, Any]) -> str:
    """What to write, as it stands in models.yaml."""
    return yaml.safe_dump(dict(write), default_flow_style=True, sort_keys=False, width=10_000).strip()[1:-1]


def cost(ctx: typer.Context, json: Json = False) -> None:
    """What model requests have taken so far: tokens, dollars, latency, by model and prompt."""
    view = costs(workspace(ctx))
    if json:
        print_json(view.data())
        return
    right = ["requests", "reused", "failed", "input", "cached", "output", "usd", "seconds"]
    rows = [
        [
            s.model,
            s.prompt.partition("#")[0],
            s.requests,
            s.reused,
            s.failed,
            f"{s.input_tokens:,}",
            f"{s.cached_tokens:,}",
            f"{s.output_tokens:,}",
            "unknown" if s.unpriced and not s.usd else f"{s.usd:.2f}",
            "–" if s.seconds is None else f"{s.seconds:.1f}",
        ]
        for s in view.items
    ]
    table("", ["model", "prompt", *right], rows, right=right)
    unpriced = sum(s.unpriced for s in view.items)
    total = sum(s.usd for s in view.items)
    console().print(
        f"${total:.2f} in all" + (f"; {unpriced} requests at an unknown price are not in it" if unpriced else "")
    )
    if any(s.estimated for s in view.items):
        console().print("Token counts marked by their endpoint as estimates are in these figures.")
