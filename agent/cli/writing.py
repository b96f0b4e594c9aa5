"""Writing a document to the file and in the format that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from agent.cli.context import say
from agent.errors import UsageError

if TYPE_CHECKING:
    from agent.report.blocks import Document
    from agent.report.formats import Format


def format_of(form: str | None, out: Path) -> Format:
    """The format asked for, else the one that the file's name says. UsageError where it says none."""
    from agent.report.formats import Format

    wanted = form or out.suffix.lower().lstrip(".")
    for known in get_args(Format):
        if wanted == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"{out}: the name says no known format; add --format {'|'.join(get_args(Format))}")


def write_document(document: Document, form: str | None, out: Path) -> None:
    """Write it and say so."""
    from agent.report.formats import write

    say(f"{document.title}: {write(document, format_of(form, out), out)}")
