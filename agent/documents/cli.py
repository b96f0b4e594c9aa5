"""`closeread export`: documents for people who do not use the program; and `closeread guide export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.app.cli.context import As, me, say, workspace
from agent.guides.cli import GuideFile
from agent.guides.cli import app as guides_app
from agent.guides.file import read_guides

if TYPE_CHECKING:
    from agent.app.documents.blocks import Document

app = typer.Typer(no_args_is_help=True, help="Documents to hand on: DOCX, PDF, Markdown, XLSX and CSV.")

FormatOption = Annotated[
    Literal["docx", "pdf", "md", "html", "xlsx", "csv"] | None,
    typer.Option("--format", help="Default: by the file's name."),
]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]

PeriodOption = Annotated[
    str, typer.Option("--period", help="baseline, all, a number of days (30d), or a cycle; default: the baseline.")
]


def _hand_out(ctx: typer.Context, document: Document, form: str | None, out: Path) -> None:
    """Write it, and note in the audit log that it was handed out."""
    from agent.app.cli.writing import write_document

    write_document(document, form, out)
    me(ctx).read(document.title, "document_exported")


@app.command("guide")
@guides_app.command("export")
def guide(ctx: typer.Context, file: GuideFile, out: Out, format: FormatOption = None) -> None:
    """The interview guide on paper: questions with probes, and room for notes."""
    from agent.documents.verbs import guide_document

    _hand_out(ctx, guide_document(workspace(ctx), read_guides(file)), format, out)


@app.command("scoring-guide")
def scoring_guide(
    ctx: typer.Context,
    rubric: RubricOption = "",
    format: FormatOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: print as Markdown.")] = None,
    viewer: As = "",
) -> None:
    """The scoring guide: each criterion with levels, present and absent examples, and when it does not apply."""
    from agent.app.documents.as_markdown import markdown
    from agent.documents.verbs import scoring_guide_document

    document = scoring_guide_document(workspace(ctx), say, rubric, viewer)
    if out is None:
        typer.echo(markdown(document), nl=False)
    else:
        _hand_out(ctx, document, format, out)


@app.command()
def calibration(
    ctx: typer.Context,
    out: Out,
    reference: Annotated[
        str, typer.Argument(metavar="[ROUND]", help="Number or id of the round; default: the newest.")
    ] = "",
    format: FormatOption = None,
) -> None:
    """The record of a calibration round: verdicts, differences, decisions, what was reworded since."""
    from agent.documents.verbs import calibration_document

    _hand_out(ctx, calibration_document(workspace(ctx), reference), format, out)


@app.command()
def scorecard(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Whose scorecard.")],
    out: Out,
    rubric: RubricOption = "",
    format: FormatOption = None,
    period: PeriodOption = "",
) -> None:
    """One rep on every criterion, with quotes, call by call."""
    from agent.documents.verbs import scorecard_document

    _hand_out(ctx, scorecard_document(workspace(ctx), say, rep, rubric, period), format, out)


@app.command()
def brief(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help='The rep, or "team".')],
    out: Out,
    coach: Annotated[str, typer.Option("--coach", help="Who coaches; default: who made the plan.")] = "",
    format: FormatOption = None,
) -> None:
    """The coaching brief: the newest plan of a rep, on paper."""
    from agent.app.cli.writing import write_document
    from agent.coaching.verbs import export_brief

    write_document(export_brief(me(ctx), rep, coach), format, out)


@app.command()
def report(
    ctx: typer.Context, out: Out, rubric: RubricOption = "", format: FormatOption = None, period: PeriodOption = ""
) -> None:
    """The team report: every rep on every criterion, gaps that several share, gaps of one."""
    from agent.documents.verbs import team_document

    _hand_out(ctx, team_document(workspace(ctx), say, rubric, period), format, out)


@app.command()
def summary(
    ctx: typer.Context, out: Out, rubric: RubricOption = "", format: FormatOption = None, period: PeriodOption = ""
) -> None:
    """The executive summary: what separates won deals from lost ones, and where the team stands on it."""
    from agent.documents.verbs import summary_document

    _hand_out(ctx, summary_document(workspace(ctx), say, rubric, period), format, out)
