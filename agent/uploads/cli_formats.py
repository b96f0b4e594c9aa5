"""`closeread formats`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.app.cli.context import Json, print_json
from agent.core.errors import CloseReadError, InputError
from agent.interviews.cli_documents import Speakers, result_line, what_was_read

if TYPE_CHECKING:
    from agent.text.survey import Surveyed


def formats(
    directory: Annotated[Path, typer.Argument(help="Folder or zip with transcripts; no manifest is needed.")],
    speakers: Speakers = None,
    json: Json = False,
) -> None:
    """Read every file of a folder or zip and say its format, turns and speakers, or what is wrong. Stores nothing."""
    from agent.text.manifest import pairs
    from agent.text.survey import survey

    found = []
    for one in survey(directory, pairs("--speakers", speakers or [])):
        found.append(one)
        if not json:
            _show(one)
    if json:
        print_json([_data(one) for one in found])
    failed = sum(isinstance(one.found, CloseReadError) for one in found)
    if failed:
        raise InputError(f"{failed} of {len(found)} files could not be read as a transcript")


def _show(one: Surveyed) -> None:
    if isinstance(one.found, CloseReadError):
        result_line(one.file, one.format or "no format", f"problem: {one.found}")
    else:
        result_line(one.file, *what_was_read(one.format, one.found))
        for note in one.notes:
            result_line(one.file, "note", note)


def _data(one: Surveyed) -> dict[str, Any]:
    if isinstance(one.found, CloseReadError):
        return {
            "file": one.file,
            "format": one.format,
            "turns": None,
            "speakers": None,
            "problem": str(one.found),
            "notes": [],
        }
    speakers = list(one.found.speakers)
    return {
        "file": one.file,
        "format": one.format,
        "turns": len(one.found.turns),
        "speakers": speakers,
        "problem": None,
        "notes": list(one.notes),
    }
