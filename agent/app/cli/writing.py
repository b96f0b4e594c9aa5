"""Writing a document to the file and in the format that were asked for."""

from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from agent.app.cli.context import say
from agent.app.documents.blocks import Document
from agent.app.documents.formats import Format, write
from agent.core.errors import UsageError

LanguageOption = Annotated[Literal["en", "de", "es"], typer.Option("--language", help="Language of the document.")]


def format_of(form: str | None, out: Path) -> Format:
    """The format asked for, or the one that the file's name implies. UsageError if neither says."""
    wanted = form or out.suffix.lower().lstrip(".")
    for known in get_args(Format):
        if wanted == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"{out}: the name says no known format; add --format {'|'.join(get_args(Format))}")


def write_document(document: Document, form: str | None, out: Path) -> None:
    """Write it and say so."""
    say(f"{document.title}: {write(document, format_of(form, out), out)}")
