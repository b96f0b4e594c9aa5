"""What every command shares: the workspace it works on, and how it prints."""

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.app.cli.showing import ShowingConsole
from agent.app.config_files import check_files
from agent.app.steps import Step, next_step
from agent.app.verb import Who
from agent.core.errors import NoWorkspace
from agent.core.people import Scope
from agent.db.blindness import Look
from agent.settings import Environment, Settings
from agent.workspace import Workspace

R = TypeVar("R")

_PIPED = 4_000  # columns, where there is no terminal

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many requests, tokens and dollars; ask nothing.")]
Concurrency = Annotated[int | None, typer.Option("--concurrency", min=1, help="Requests in flight.")]
Budget = Annotated[float | None, typer.Option("--budget", min=0.0, help="Stop before passing this many US dollars.")]

As = Annotated[
    str, typer.Option("--as", envvar="CLOSEREAD_RATER", help="Your name as a rater; while a round is blind it matters.")
]


def _asks_anew(ctx: typer.Context, fresh: bool) -> bool:
    if fresh and not ctx.resilient_parsing:
        workspace(ctx).fresh = True
    return fresh


# Of commands that do not look at it themselves: the workspace then asks anew whatever the command asks.
Fresh = Annotated[bool, typer.Option("--fresh", callback=_asks_anew, help="Ask the model also where a reply is kept.")]


def workspace(ctx: typer.Context) -> Workspace:
    """The workspace that the global options name; the same object all through a command."""
    root = ctx.find_root()
    if root.obj is None:
        folder: Path | None = root.params.get("workspace")
        settings = Settings.read(folder)
        for name, meant in Environment.misspelt(settings.environment).items():
            say(f"the environment variable {name} is not read; did you mean {meant}?")
        check_files(settings)
        root.obj = Workspace(settings, start=_starting(ctx.command_path.removeprefix(f"{root.info_name} ")))
        root.call_on_close(root.obj.close)
    made: Workspace = root.obj
    return made


STARTING = frozenset(
    {
        *("init", "interviews import", "calls import", "rubric import", "deals import", "ratings import"),
        *("coaching import", "restore"),
    }
)
"""Commands that begin a workspace where there is none: what they bring goes into it. Others would show, or give access
to, an empty one to whoever mistyped its name. `serve` begins one in an empty folder, such as a container's volume."""


def _starting(command: str) -> Callable[[Settings], None]:
    """What `command` does if there is no workspace: make one, ask the person at the terminal, or refuse."""

    begun = False  # it is asked again until its database is there

    def start(settings: Settings) -> None:
        nonlocal begun
        asked = f"There is no workspace at {settings.workspace}. Make an empty one?"
        if begun:
            pass
        elif command in STARTING or (command == "serve" and settings.is_unused_folder):
            say(f"a new workspace: {settings.workspace}")
        elif not (sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(asked, err=True)):
            raise NoWorkspace(str(settings.workspace))
        begun = True
        settings.make_folder()

    return start


def me(ctx: typer.Context, name: str = "") -> Who:
    """The person at this terminal, as verbs need it: the owner of the database, who may do everything.

    `name` is a rater's name (`--as`); without one the audit log has the name of the account at this machine.
    """
    try:
        account = getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        account = "somebody"
    return Who(workspace(ctx), Scope(name=name, local=True), as_name=f"{account} at the command line")


def console(stderr: bool = False) -> Console:
    """A console; on stderr for everything but the command's result. Piped output is not wrapped at 80 columns, so that
    other programs can search it."""
    piped = not stderr and not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return ShowingConsole(stderr=stderr, highlight=False, soft_wrap=stderr, width=_PIPED if piped else None)


def print_json(data: Any) -> None:
    """`data`, views and lists of them included, as JSON on standard output."""
    sys.stdout.write(json.dumps(to_jsonable_python(data), ensure_ascii=False, indent=1) + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> None:
    """A table on standard output; columns named in `right` are aligned right."""
    built = Table(title=title or None, title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        # The first column holds ids: they are copied into the next command, so they are never broken.
        built.add_column(column, justify="right" if column in right else "left", overflow="fold", no_wrap=number == 0)
    for row in rows:
        built.add_row(*(Text(str(cell)) for cell in row))
    console().print(built)


def say(text: str) -> None:
    """One line for the person at the terminal, on standard error, so that output can be piped."""
    console(stderr=True).print(Text(text))


def say_next(who: Who, step: Step | None = None) -> None:
    """What to do next, on standard error: `step`, or what comes first for `who`. What holds for the thing shown alone
    is not called the next step."""
    step = step or next_step(who)
    say(f"{'here' if step.on_page else 'next'}: {step.text}" + (f" closeread {step.command}" if step.command else ""))


def say_withheld(look: Look[Any]) -> None:
    """Tell how many ratings were hidden because a calibration round is blind, one line for each round."""
    for withheld in look.withheld:
        say(str(withheld))


def run(work: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Run an async function to its end."""
    # Modules loaded so far stay loaded, and replies make many objects but few cycles: full garbage collections
    # took a tenth of the processor time of a scored call.
    gc.freeze()
    gc.set_threshold(20_000, 5, 50)
    return asyncio.run(work())
