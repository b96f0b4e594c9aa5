"""Importing, listing and showing: the same for interviews and calls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agent.app.cli.context import console, say
from agent.core.errors import InputError
from agent.interviews.views import TurnView

if TYPE_CHECKING:
    from agent.core.transcript import Transcript
    from agent.text.dates import DateOrder
    from agent.uploads.importing import Kind, Stored
    from agent.workspace import Workspace

Directory = Annotated[Path, typer.Argument(help="Folder with the transcripts.")]
Manifest = Annotated[Path, typer.Option("--manifest", help="CSV that says what each file is.")]
Map = Annotated[list[str] | None, typer.Option("--map", help='Their column = our field: --map "Opportunity Owner=rep"')]
Speakers = Annotated[
    list[str] | None,
    typer.Option(
        "--speakers", help='Who a label is: --speakers "Speaker 1=rep" (or a name); "FILE:Speaker 1=rep" for one file'
    ),
]
Roster = Annotated[Path | None, typer.Option("--reps", help="Text file with the known reps, one a line.")]
Dates = Annotated[
    Literal["month_first", "day_first"] | None, typer.Option("--dates", help="How to read dates like 3/4/2026.")
]
Format = Annotated[str | None, typer.Option("--format", help="Force the transcript format instead of detecting it.")]


def import_documents(
    space: Workspace,
    kind: Kind,
    directory: Path,
    manifest: Path,
    renames: list[str] | None,
    speakers: list[str] | None,
    reps: Path | None,
    form: str | None,
    dates: DateOrder | None,
) -> None:
    """Import what is right, print one line for each thing that is not, and end with exit code 3 if there was any."""
    from agent.text.manifest import pairs
    from agent.uploads import importing

    columns, labels = pairs("--map", renames or []), pairs("--speakers", speakers or [])
    known = None if reps is None else importing.roster(reps)
    made = importing.import_documents(
        space, kind, directory, manifest, columns, labels, known, form, _stored_line, dates or ""
    )
    said = ", ".join(f"{count} {how}" for how, count in sorted(made.done.items())) or "nothing imported"
    console().print(f"{len(made.stored)} imported: {said}" if made.stored else said)
    for note in made.notes:
        say(f"note: {note}")
    for problem in made.problems:
        say(f"problem: {problem}")
    if made.problems:
        files = "file" if len(made.problems) == 1 else "files or rows"
        raise InputError(f"{len(made.problems)} {files} could not be imported; everything else was")


def _stored_line(stored: Stored) -> None:
    result_line(stored.id, stored.how, *what_was_read(stored.form, stored.transcript))
    for note in stored.notes:
        result_line(stored.id, "note", note)


def what_was_read(form: str, transcript: Transcript) -> tuple[str, str, str]:
    """Format, turns and speakers, with the part that each plays where that is known."""
    turns = len(transcript.turns)
    people = ", ".join(
        f"{name} ({transcript.roles[name]})" if name in transcript.roles else name for name in transcript.speakers
    )
    return form, f"{turns} turn" if turns == 1 else f"{turns} turns", people


def result_line(*facts: str) -> None:
    """One line on standard output, however long it is: a line a file, for `grep` and `cut`."""
    from rich.text import Text

    console().print(Text("  ".join(facts)), soft_wrap=True)


def show_document(facts: dict[str, Any], turns: Sequence[TurnView]) -> None:
    """Facts and transcript of one document."""
    from rich.markup import escape

    out = console()
    out.print("  ".join(f"[bold]{key}[/bold] {escape(str(value))}" for key, value in facts.items() if value))
    for turn in turns:
        out.print(f"[dim]{turn.index:>3}[/dim] [bold]{escape(turn.speaker)}[/bold]: {escape(turn.text)}")
