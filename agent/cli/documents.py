"""Importing, listing and showing: the same for interviews and calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.context import console, print_json, say
from agent.errors import CloseReadError, Conflict, InputError

if TYPE_CHECKING:
    from agent.domain.transcript import Transcript
    from agent.store.transcripts import Documents
    from agent.text.intake import Intake

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
Format = Annotated[str | None, typer.Option("--format", help="Force the transcript format instead of detecting it.")]


def import_documents(
    load: Callable[..., Intake[Any]],
    documents: Documents[Any],
    directory: Path,
    manifest: Path,
    renames: list[str] | None,
    speakers: list[str] | None,
    roster: Path | None,
    form: str | None,
) -> None:
    """Import what is right, print one line for each thing that is not, and end with exit code 3 if there was any."""
    from agent.text.manifest import pairs

    intake = load(
        directory,
        manifest,
        pairs("--map", renames or []),
        pairs("--speakers", speakers or []),
        _names(roster),
        format=form,
    )
    problems: list[CloseReadError] = list(intake.problems)
    done: Counter[str] = Counter()
    for form, document in zip(intake.formats, intake.loaded, strict=True):
        try:
            how = documents.add(document)
        except Conflict as conflict:
            problems.append(conflict)
            continue
        done[how] += 1
        result_line(document.id, how, *what_was_read(form, document.transcript))
    said = ", ".join(f"{count} {how}" for how, count in sorted(done.items())) or "nothing imported"
    console().print(f"{sum(done.values())} imported: {said}" if done else said)
    for problem in problems:
        say(f"problem: {problem}")
    if problems:
        files = "file" if len(problems) == 1 else "files or rows"
        raise InputError(f"{len(problems)} {files} could not be imported; everything else was")


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


def _names(roster: Path | None) -> list[str] | None:
    if roster is None:
        return None
    try:
        return [line.strip() for line in roster.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{roster}: cannot be read: {error}; give a UTF-8 text file with one rep a line") from error


def transcript_data(transcript: Transcript) -> dict[str, Any]:
    """A transcript as JSON data."""
    return {
        "id": transcript.id,
        "roles": transcript.roles,
        "turns": [{"turn": t.index, "speaker": t.speaker, "start": t.start, "text": t.text} for t in transcript.turns],
    }


def show_document(facts: dict[str, Any], transcript: Transcript, json: bool) -> None:
    """Facts and transcript of one document."""
    if json:
        print_json({**facts, "transcript": transcript_data(transcript)})
        return
    from rich.markup import escape

    out = console()
    out.print("  ".join(f"[bold]{key}[/bold] {escape(str(value))}" for key, value in facts.items() if value))
    for turn in transcript.turns:
        out.print(f"[dim]{turn.index:>3}[/dim] [bold]{escape(turn.speaker)}[/bold]: {escape(turn.text)}")
