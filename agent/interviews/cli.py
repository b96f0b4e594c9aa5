"""`closeread interviews` (all but `import`, see agent/uploads/cli.py), and what `closeread calls` shares with it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from agent.app.cli.context import Budget, DryRun, Fresh, Json, console, me, print_json, run, say, table, workspace
from agent.app.cli.plan import show_plan
from agent.app.view import Page
from agent.core.errors import Advice, ModelError
from agent.db.transcripts import Documents
from agent.interviews.store import Interviews
from agent.interviews.verbs import Proposal, Proposed, propose_for_files, speakers_requests
from agent.interviews.views import FileProposals, InterviewView, InterviewWords, TurnView
from agent.text.manifest import pairs
from agent.text.suspicion import HINT
from agent.text.unmatched import Unmatched, unmatched

app = typer.Typer(no_args_is_help=True, help="Win-loss interviews with buyers.")

Directory = Annotated[Path, typer.Argument(help="Folder with the transcripts.")]
Manifest = Annotated[Path, typer.Option("--manifest", help="Table (CSV or Excel) that says what each file is.")]
Map = Annotated[list[str] | None, typer.Option("--map", help='Their column = our field: --map "Opportunity Owner=rep"')]
Speakers = Annotated[
    list[str] | None,
    typer.Option(
        "--speakers", help='Who a label is: --speakers "Speaker 1=rep" (or a name); "FILE:Speaker 1=rep" for one file'
    ),
]
Dates = Annotated[
    Literal["month_first", "day_first"] | None, typer.Option("--dates", help="How to read dates like 3/4/2026.")
]
Format = Annotated[str | None, typer.Option("--format", help="Force the transcript format instead of detecting it.")]


def ids_of(ctx: typer.Context, kind: type[Documents[Any]], given: str) -> str:
    """Ids in the place of what a person wrote: ids or names of files, separated by commas."""
    names = [name for part in given.split(",") if (name := part.strip())]
    if ctx.resilient_parsing or not names:
        return given
    known = workspace(ctx).store[kind].known_as(names)
    return ",".join(known[name] for name in names)


def _interview(ctx: typer.Context, given: str) -> str:
    return ids_of(ctx, Interviews, given)


InterviewArgument = Annotated[
    str, typer.Argument(callback=_interview, help="Its id, or the name of its file.", show_default=False)
]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All interviews."""
    interviews = [InterviewView.of(interview) for interview in workspace(ctx).store[Interviews].all()]
    if json:
        return print_json(Page(items=interviews))
    rows = [
        [v.alias or v.id, v.ending or v.outcome, v.date, v.buyer, v.account, v.rep, v.stage, v.turn_count]
        for v in interviews
    ]
    table("", ["id", "outcome", "date", "buyer", "account", "rep", "stage", "turns"], rows, right=["turns"])


@app.command()
def show(ctx: typer.Context, interview: InterviewArgument, json: Json = False) -> None:
    """One interview with its transcript."""
    who = me(ctx)
    shown = InterviewWords.of(who.space.store[Interviews].get(interview))
    who.read(interview)
    if json:
        return print_json(shown)
    facts = shown.model_dump(include=set(InterviewView.model_fields), exclude={"turn_count"})
    show_document(facts | shown.details, shown.turns)


def show_document(facts: Mapping[str, Any], turns: Sequence[TurnView]) -> None:
    """Facts and transcript of an interview or a call."""
    out = console()
    out.print("  ".join(f"[bold]{key}[/bold] {escape(str(value))}" for key, value in facts.items() if value))
    for turn in turns:
        out.print(f"[dim]{turn.index:>3}[/dim] [bold]{escape(turn.speaker)}[/bold]: {escape(turn.text)}")
        if turn.suspicious:
            out.print(f"[yellow]    looks like words to a model: {turn.suspicious} ({HINT}); read it yourself[/yellow]")


Kind = Literal["call", "interview"]


def kind_of(ctx: typer.Context) -> Kind:
    """Whether a command is one of `closeread calls` or of `closeread interviews`: both have the same."""
    return "call" if ctx.parent is not None and ctx.parent.info_name == "calls" else "interview"


@app.command()
def speakers(
    ctx: typer.Context,
    directory: Directory,
    manifest: Manifest,
    map: Map = None,
    speakers: Speakers = None,
    format: Format = None,
    dates: Dates = None,
    budget: Budget = None,
    _fresh: Fresh = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the drafter's model propose who is behind labels such as "Speaker 1". You confirm; nothing is stored."""
    space, kind, said = workspace(ctx), kind_of(ctx), pairs("--speakers", speakers or [])
    files, problems = unmatched(
        kind, directory, manifest, pairs("--map", map or []), said, format=format, dates=dates or ""
    )
    for problem in problems:
        say(f"problem: {problem}")
    if dry_run:
        show_plan(space, speakers_requests(space, files), json)
        return
    made = run(lambda: propose_for_files(space, files, say, budget))
    views = [
        FileProposals.of(file, proposals, lambda p, file=file: _option(file, p, made))  # type: ignore[misc]
        for file, proposals in made.files
    ]
    if json:
        print_json(Page(items=views))
    elif not files:
        typer.echo("Every file names its people: nothing to propose.")
    else:
        _show_proposals(kind, made, views)
    if made.failed:
        raise made.failed[0]
    if unusable := [p.label for _, proposals in made.files for p in proposals if p.unusable]:
        options: dict[str, Sequence[str | None]] = {"--map": map or [], "--speakers": speakers or []}
        options |= {"--format": [format], "--dates": [dates]}
        given = [part for name, values in options.items() for value in values if value for part in (name, value)]
        again = shlex.join([f"{kind}s", "speakers", str(directory), "--manifest", str(manifest), *given])
        raise ModelError(
            f"no proposal for {', '.join(unusable)}: what the model said rests on words that are not there",
            advice=Advice(command=again, text="say yourself who they are (--speakers), or ask anew"),
        )


# What a shell reads as it stands between double quotation marks. Labels come out of other people's files.
_HARMLESS = re.compile(r"[\w .,:/()#@&+=-]+")


def _option(file: Unmatched, proposal: Proposal, made: Proposed) -> str:
    """The option that confirms `proposal`: for this file alone where another file's same label is not the same part."""
    parts = {
        next((p.part for p in proposals if p.label == proposal.label), None)
        for other, proposals in made.files
        if proposal.label in other.transcript.speakers
    }
    label = proposal.label if parts == {proposal.part} else f"{file.file}:{proposal.label}"
    value = f"{label}={proposal.part}"
    return f'--speakers "{value}"' if _HARMLESS.fullmatch(value) else f"--speakers {shlex.quote(value)}"


def _show_proposals(kind: str, made: Proposed, views: Sequence[FileProposals]) -> None:
    for (file, _), view in zip(made.files, views, strict=True):
        typer.echo(f"{file.id} ({file.file}), with {', '.join(f'{name} ({part})' for part, name in file.people)}")
        for p in view.speakers:
            if p.part is None:
                typer.echo(f"  {p.label}: no proposal: {p.reason}")
                continue
            typer.echo(f"  {p.label}: {p.part}? {p.reason}")
            for line in p.lines:
                typer.echo(f"    turn {line.turn}, {line.speaker}: “{line.text}”")
            typer.echo(f"    to confirm: {p.option}")
    options = dict.fromkeys(p.option for view in views for p in view.speakers if p.option)
    if options:
        typer.echo("Nothing is stored. What you find right, add to the import:")
        typer.echo(f"  closeread {kind}s import … {' '.join(options)}")
