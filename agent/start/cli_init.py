"""`closeread init`: a workspace to begin with: which model reads it, and what it starts from."""

import json as jsons
import os
import sys
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Literal, get_args

import typer

from agent.app.cli.context import Json, console, me, print_json, say, workspace
from agent.app.verb import Who
from agent.core.errors import Advice, UsageError
from agent.models.offers import OFFERS
from agent.settings import Settings
from agent.start.verbs import use_sample

Provider = Literal["openai", "anthropic", "google", "server", "none"]
Start = Literal["own", "sample"]

ROLES = {
    "analyst_a": "reads interviews",
    "analyst_b": "reads them again, independently: best a model of another vendor",
    "drafter": "merges what was noted, drafts criteria",
    "rater": "scores calls",
}
MANIFESTS = {"interviews": "file,date,outcome,buyer,rep", "calls": "file,date,rep"}
EXAMPLES = """\b
Examples:
  closeread init                                                    asks
  closeread init --provider none --start sample                     no model, the sample's files
  closeread init --provider openai --start own                      the key is in OPENAI_API_KEY
  closeread init --provider anthropic --key-env TEAM_KEY --start own
  closeread init --provider server --api-base http://127.0.0.1:8000/v1 --model qwen3-32b --start own
"""


def init(
    ctx: typer.Context,
    provider: Annotated[
        Provider | None, typer.Option("--provider", help="Who offers the model; none: no model.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="The model for every role; default: the provider's usual.")
    ] = "",
    key_env: Annotated[
        str,
        typer.Option("--key-env", help="Environment variable that holds the key; the key itself is never asked for."),
    ] = "",
    api_base: Annotated[str, typer.Option("--api-base", help="Base URL of an OpenAI-compatible server.")] = "",
    start: Annotated[
        Start | None, typer.Option("--start", help="own: folders and manifests for your files; sample: the sample's.")
    ] = None,
    json: Json = False,
) -> None:
    """Begin a workspace: write models.yaml, and manifests to fill in or the sample's files. Asks at a terminal."""
    settings = workspace(ctx).settings
    provider = provider or _ask("Who offers the model that reads?", "--provider", get_args(Provider), "none")
    if provider != "none":
        model, key_env, api_base = _model(provider, model, key_env, api_base)
    start = start or _ask("Begin with files of your own, or with the sample?", "--start", get_args(Start), "own")
    settings.make_folder()
    written = [*_models(settings, provider, model, key_env, api_base), *_begin(me(ctx), start)]
    then = _next(settings, key_env, start)
    if json:
        return print_json(
            {"workspace": str(settings.workspace), "written": [str(path) for path in written], "next": then}
        )
    for path in written:
        console().print(f"written: {path}", markup=False, soft_wrap=True)
    for line in then:
        console().print(f"next: {line}", markup=False, soft_wrap=True)


init.__doc__ = f"{init.__doc__}\n\n{EXAMPLES}"


def _ask(question: str, option: str, choices: tuple[str, ...], usual: str) -> Any:
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is at a terminal to say so", advice=_say_it(option, choices))
    while (
        said := typer.prompt(f"{question} {', '.join(choices)}", default=usual, err=True).strip().lower()
    ) not in choices:
        say(f"{said!r} is none of them")
    return said


def _say_it(option: str, choices: tuple[str, ...]) -> Advice:
    return Advice(option=f"{option} {'|'.join(choices)}")


def _model(provider: str, model: str, key_env: str, api_base: str) -> tuple[str, str, str]:
    """Its name, the variable of its key, its address: as the options say, else asked for or usual."""
    asking = sys.stdin.isatty()
    if provider == "server":
        if not api_base and asking:
            api_base = typer.prompt("Base URL of the server", default="http://127.0.0.1:8000/v1", err=True)
        if not model and asking:
            model = typer.prompt("Name of its model", err=True)
        if not api_base or not model:
            raise UsageError(
                "a server of one's own needs its address and its model",
                advice=Advice(option="--api-base URL --model NAME"),
            )
        return (model if "/" in model else f"openai/{model}"), key_env, api_base
    usual = OFFERS[provider].key_env
    if not key_env:
        key_env = typer.prompt("Environment variable with the key", default=usual, err=True) if asking else usual
    return model, key_env, api_base


def _models(settings: Settings, provider: str, model: str, key_env: str, api_base: str) -> list[Path]:
    """`models.yaml`, if a model is to be bound. What is there already stays."""
    path = settings.workspace / "config" / "models.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if provider == "none":
        return []
    if path.exists():
        say(f"{path} is there already and stays as it is")
        return []
    lines = ["# Which model plays which role. All keys: docs/operations/settings.md, models.yaml", "roles:"]
    reads, scores = (model, model) if model else (OFFERS[provider].reads, OFFERS[provider].scores)
    for role, does in ROLES.items():
        binding: dict[str, str | int] = {
            "model": scores if role == "rater" else reads,
            "api_base": api_base,
            "api_key_env": key_env,
        }
        if provider == "server":
            binding |= {"input_usd_per_million": 0, "output_usd_per_million": 0}
        given = ", ".join(f"{key}: {jsons.dumps(value)}" for key, value in binding.items() if value != "")
        lines.append(f"  {role}: {{{given}}}  # {does}")
    hears = OFFERS[provider].hears
    lines.append(
        f"  # transcriber: {{model: {hears or 'openai/whisper-1'}}}  # hears recordings; "
        "take the # away to have them heard"
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings.models()
    return [path]


def _begin(who: Who, start: str) -> list[Path]:
    """The sample's files in the workspace, or a folder with a manifest for each kind of one's own."""
    if start == "sample":
        use_sample(who, say)
        return []
    written = []
    for kind, columns in MANIFESTS.items():
        path = who.space.settings.workspace / kind / f"{kind}.csv"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(columns + "\n", encoding="utf-8")
            written.append(path)
    return written


def _next(settings: Settings, key_env: str, start: str) -> list[str]:
    """What to do now, the commands ready to be typed."""
    folder = quote(str(settings.workspace))
    closeread = "closeread" if str(settings.workspace) == "closeread-workspace" else f"closeread --workspace {folder}"
    key = [f"export {key_env}=…"] if key_env and key_env not in os.environ else []
    check = [f"{closeread} model check"] if (settings.workspace / "config" / "models.yaml").exists() else []
    if start == "sample":
        return [*key, *check, f"{closeread} next", f"{closeread} serve"]
    return [
        *key,
        *check,
        f"put transcripts into {folder}/interviews and fill in its manifest (one line a file), then type: "
        f"{closeread} interviews import {folder}/interviews --manifest {folder}/interviews/interviews.csv",
        f"the same with {folder}/calls: {closeread} calls import {folder}/calls --manifest {folder}/calls/calls.csv",
    ]
