"""`closeread model` and `closeread cost`."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any, cast, get_args

import typer
import yaml

from agent.app.cli.checked import checked
from agent.app.cli.context import Json, console, me, print_json, run, say, table, workspace
from agent.core.errors import InputError, ModelError
from agent.core.tongues import TONGUES
from agent.models.binding import ModelsIn, RoleName, bind_models, forget_model_key
from agent.models.spending import costs
from agent.models.verbs import bindings, probes

app = typer.Typer(no_args_is_help=True, help="The models bound to roles.")


_PRICES = ["$/M input", "$/M output", "$/minute"]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """Which model plays which role, and what it costs."""
    view = bindings(workspace(ctx))
    if json:
        return print_json(view)
    shown = [
        [
            bound.role,
            bound.model or "not bound",
            bound.api_base,
            *(
                "unknown" if usd is None else f"{usd:.2f}"
                for usd in (bound.usd_per_million_input, bound.usd_per_million_output)
            ),
            "" if bound.usd_per_minute is None else f"{bound.usd_per_minute:.4f}",
        ]
        for bound in view.items
    ]
    table("", ["role", "model", "endpoint", *_PRICES], shown, right=_PRICES)
    if not any(bound.model for bound in view.items):
        console().print(f"bind models in {view.file}, or with: closeread model bind")
    say_language(view.language)
    for kept in view.keys:
        console().print(f"a key is kept for {kept.endpoint}{f', it ends with {kept.ends}' if kept.ends else ''}")


@app.command()
def bind(
    ctx: typer.Context,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE=MODEL", help="As rater=openai/gpt-4.1-mini; may be given again."),
    ] = None,
    api_base: Annotated[str, typer.Option("--api-base", help="Base URL of an OpenAI-compatible server.")] = "",
    key_env: Annotated[str, typer.Option("--key-env", help="Environment variable that holds the key.")] = "",
    key: Annotated[
        bool, typer.Option("--key", help="Ask for the key (or read it from the input), and keep it sealed.")
    ] = False,
    price: Annotated[
        tuple[float, float] | None, typer.Option(help="US dollars for a million input and output tokens.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="US dollars a month.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help="In which models write reasons, notes and drafts: de, fr, ja …; '' for the workspace's."),
    ] = None,
    json: Json = False,
) -> None:
    """Bind models to roles in models.yaml, all at one endpoint; what is not named stays.
    Quotes stay as they were spoken."""
    who = me(ctx)
    given: dict[str, Any] = {"models": dict(one.partition("=")[::2] for one in role or ()), "api_base": api_base}
    given |= {"key_env": key_env, "monthly_budget_usd": budget, "language": language}
    given |= dict(zip(("usd_per_million_input", "usd_per_million_output"), price or (None, None), strict=True))
    if key:
        asking = sys.stdin.isatty()
        given["key"] = typer.prompt("Key", hide_input=True, err=True) if asking else sys.stdin.readline().strip()
    bind_models(who, checked(ModelsIn, given))
    view = bindings(who.space)
    if json:
        return print_json(view)
    for one in view.items:
        console().print(f"{one.role}: {one.model or 'not bound'}", markup=False)
    say_language(view.language)
    say("to see whether they answer: closeread model check")


def say_language(code: str) -> None:
    """In which language models write, where they are told."""
    if code:
        console().print(f"models write in {TONGUES[code]}; quotes stay as they were spoken")


@app.command("forget-key")
def forget_key(ctx: typer.Context, endpoint: Annotated[str, typer.Argument(help="As model list shows it.")]) -> None:
    """Forget the key that is kept for an endpoint."""
    forget_model_key(me(ctx), endpoint)
    say(f"the key for {endpoint} is forgotten")


@app.command()
def check(
    ctx: typer.Context,
    role: Annotated[
        str, typer.Argument(help="analyst_a, analyst_b, drafter, rater or transcriber; default: all.")
    ] = "",
    json: Json = False,
) -> None:
    """Ask a role's model one small question, as the work asks: reachable, structured reply and how, price known."""
    space = workspace(ctx)
    if role and role not in (every := get_args(RoleName)):
        raise InputError(f"there is no role {role!r}; there are {', '.join(every)}")
    view = run(lambda: probes(space, [cast(RoleName, role)] if role else []))
    if json:
        print_json(view)
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


def _usd(amount: float) -> str:
    return "<0.01" if 0 < amount < 0.01 else f"{amount:.2f}"


def cost(ctx: typer.Context, json: Json = False) -> None:
    """What model requests have taken so far: tokens, dollars, latency, by model and prompt."""
    view = costs(workspace(ctx))
    if json:
        return print_json(view)
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
            "unknown" if s.unpriced and not s.usd else _usd(s.usd),
            "–" if s.seconds is None else f"{s.seconds:.1f}",
        ]
        for s in view.items
    ]
    table("", ["model", "prompt", *right], rows, right=right)
    unpriced = sum(s.unpriced for s in view.items)
    total = sum(s.usd for s in view.items)
    console().print(
        ("less than $0.01 in all" if 0 < total < 0.01 else f"${total:.2f} in all")
        + (f"; {unpriced} requests at an unknown price are not in it" if unpriced else "")
    )
    if any(s.estimated for s in view.items):
        console().print("Token counts marked by their endpoint as estimates are in these figures.")
