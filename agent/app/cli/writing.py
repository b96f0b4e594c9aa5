"""Writing a document to the file and in the format that were asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from agent.app.cli.context import say
from agent.app.documents.blocks import Document
from agent.app.documents.charts import Chart
from agent.app.documents.formats import Format, write
from agent.core.errors import UsageError
from agent.core.language import speaking

ChartOption = Annotated[Path | None, typer.Option("--out", help="Write the chart as SVG to this file.")]
LanguageOption = Annotated[Literal["en", "de", "es"], typer.Option("--language", help="Language of the document.")]


def format_of(form: str | None, out: Path) -> Format:
    """The format asked for, or the one that the file's name implies. UsageError if neither says."""
    wanted = form or out.suffix.lower().lstrip(".")
    for known in get_args(Format):
        if wanted == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"{out}: the name says no known format; add --format {'|'.join(get_args(Format))}")


def write_document(document: Document, form: str | None, out: Path) -> None:
    """Write the document to `out` and say so on standard error."""
    say(f"{document.title}: {write(document, format_of(form, out), out)}")


def write_chart(drawn: Callable[[], Chart], out: Path | None, language: str) -> None:
    """Write what is drawn in `language`, where a file was asked for, and say so."""
    if out is not None:
        with speaking(language):
            svg = drawn().svg
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(svg, encoding="utf-8")
        say(f"written: {out}")
