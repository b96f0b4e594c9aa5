"""`closeread source`: folders and buckets from which new transcripts are taken by the clock."""

from typing import Annotated

import typer

from agent.app.cli.context import Json, me, print_json, say, table
from agent.app.cli.jobs import say_no_worker
from agent.app.view import Page
from agent.core.errors import InputError
from agent.interviews.cli import Dates, Map, Speakers
from agent.sources import verbs
from agent.sources.model import SourceKind
from agent.sources.store import Sources
from agent.sources.views import SourceView, TakenView
from agent.text.manifest import pairs

app = typer.Typer(no_args_is_help=True, help="Folders and buckets from which new transcripts are taken.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All sources, by name."""
    found = [SourceView.of(source) for source in me(ctx).space.store[Sources].all()]
    if json:
        return print_json(Page(items=found))
    rows = [[v.name, v.kind, v.address, v.minutes, v.looked[:16].replace("T", " ") or "not yet", v.said] for v in found]
    table("", ["name", "kind", "address", "minutes", "last looked at (UTC)", "what came of it"], rows, ["minutes"])


@app.command("add")
def add(
    ctx: typer.Context,
    name: Name,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A folder, or what fsspec reads: s3://bucket/x.")],
    kind: Annotated[SourceKind, typer.Option(help="What its files are: call or interview.")] = "call",
    manifest: Annotated[
        str, typer.Option(help="The table in it that describes its files; default: manifest.csv or .xlsx, if there.")
    ] = "",
    map: Map = None,
    speakers: Speakers = None,
    dates: Dates = None,
    minutes: Annotated[int, typer.Option("--every", min=1, max=44_640, help="How often a worker looks, minutes.")] = 15,
    json: Json = False,
) -> None:
    """Take new transcripts from a folder or bucket every so often, each file once. Keys for a bucket come from the
    environment, as its driver reads them."""
    who = me(ctx)
    made = verbs.add_source(
        who,
        name,
        kind,
        address,
        manifest=manifest,
        columns=pairs("--map", map or []),
        speakers=pairs("--speakers", speakers or []),
        dates=dates or "",
        minutes=minutes,
    )
    if json:
        return print_json(SourceView.of(made))
    say(f"{name} is added; to look at it now: closeread source take {name}")
    say_no_worker(who.space.store)


@app.command("take")
def take(ctx: typer.Context, name: Name, json: Json = False) -> None:
    """Import what is new in a source now."""
    taken = verbs.take_source(me(ctx), name)
    if json:
        print_json(TakenView.of(taken))
    else:
        typer.echo(f"{name}: {taken.sentence}")
        for one in taken.left:
            typer.echo(f"left  {one.file}: {one.why}")
        for note in taken.notes:
            say(note)
        if taken.upload:
            say(f"to take this back: closeread uploads undo {taken.upload}")
    for problem in taken.problems:
        say(f"problem: {problem}")
    if taken.problems:
        raise InputError(f"{len(taken.problems)} could not be imported; they come up again when the file changes")


@app.command("remove")
def remove(ctx: typer.Context, name: Name) -> None:
    """Take nothing more from a source. What came in stays."""
    verbs.remove_source(me(ctx), name)
    say(f"nothing more is taken from {name}")
