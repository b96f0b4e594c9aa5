"""`closeread export`: documents for people who do not use the program; and `closeread guide export`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.app.cli.context import As, Json, me, print_json, say
from agent.app.cli.writing import LanguageOption, write_document
from agent.app.documents.as_markdown import markdown
from agent.app.view import Page
from agent.calls.cli import calls_named
from agent.coaching.verbs import export_brief
from agent.core.figures import plural
from agent.core.language import speaking
from agent.documents.scores import as_csv
from agent.documents.verbs import (
    export_calibration,
    export_guide,
    export_scorecard,
    export_scores,
    export_scoring_guide,
    export_summary,
    export_team_report,
)
from agent.guides.cli import GuideFile
from agent.guides.cli import app as guides_app
from agent.guides.file import read_guides
from agent.text.manifest import pairs

app = typer.Typer(no_args_is_help=True, help="Documents to hand on: DOCX, PDF, Markdown, XLSX and CSV.")

FormatOption = Annotated[
    Literal["docx", "pdf", "md", "html", "xlsx", "csv"] | None,
    typer.Option("--format", help="Default: by the file's name."),
]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]

PeriodOption = Annotated[
    str, typer.Option("--period", help="baseline, all, a number of days (30d), or a cycle; default: how reps do now.")
]


@app.command("guide")
@guides_app.command("export")
def guide(
    ctx: typer.Context, file: GuideFile, out: Out, format: FormatOption = None, language: LanguageOption = "en"
) -> None:
    """The interview guide on paper: questions with probes, and room for notes."""
    with speaking(language):
        write_document(export_guide(me(ctx), read_guides(file)), format, out)


@app.command("scoring-guide")
def scoring_guide(
    ctx: typer.Context,
    rubric: RubricOption = "",
    format: FormatOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: print as Markdown.")] = None,
    viewer: As = "",
    language: LanguageOption = "en",
) -> None:
    """The scoring guide: each criterion with levels, present and absent examples, and when it does not apply."""
    with speaking(language):
        document = export_scoring_guide(me(ctx, viewer), rubric, say)
        if out is None:
            typer.echo(markdown(document), nl=False)
        else:
            write_document(document, format, out)


@app.command()
def calibration(
    ctx: typer.Context,
    out: Out,
    reference: Annotated[
        str, typer.Argument(metavar="[ROUND]", help="Number or id of the round; default: the newest.")
    ] = "",
    format: FormatOption = None,
    language: LanguageOption = "en",
) -> None:
    """The record of a calibration round: verdicts, differences, decisions, what was reworded since."""
    with speaking(language):
        write_document(export_calibration(me(ctx), reference), format, out)


@app.command()
def scorecard(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Whose scorecard.")],
    out: Out,
    rubric: RubricOption = "",
    format: FormatOption = None,
    period: PeriodOption = "",
    language: LanguageOption = "en",
) -> None:
    """One rep on every criterion, with quotes, call by call."""
    with speaking(language):
        write_document(export_scorecard(me(ctx), rep, rubric, period, say), format, out)


@app.command("scores")
def scores_(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")] = "",
    since: Annotated[str, typer.Option(help="Only calls rated since: a day or a time (2026-11-24T06:00+00:00).")] = "",
    call: Annotated[str, typer.Option(help="Only this call.", callback=calls_named)] = "",
    map: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="Write only these columns, under the CRM's names."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file to write; default: print it.")] = None,
    json: Json = False,
) -> None:
    """What counts on each call, a row a criterion, with ids that stay: for a CRM or a warehouse."""
    made = export_scores(me(ctx), rubric, since, call)
    if json:
        return print_json(Page(items=made.rows))
    text = as_csv(made.rows, pairs("--map", map or []))
    if out is None:
        typer.echo(text.replace("\r\n", "\n"), nl=False)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(text.encode())
        say(f"{out}: {plural(len(made.rows), 'score')}")
    say(f"what is rated from now on: --since {made.read_at.isoformat(timespec='seconds')}")


@app.command()
def brief(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help='The rep, or "team".')],
    out: Out,
    coach: Annotated[str, typer.Option("--coach", help="Who coaches; default: who made the plan.")] = "",
    format: FormatOption = None,
    language: LanguageOption = "en",
) -> None:
    """The coaching brief: the newest plan of a rep, on paper."""
    with speaking(language):
        write_document(export_brief(me(ctx), rep, coach), format, out)


@app.command()
def report(
    ctx: typer.Context,
    out: Out,
    rubric: RubricOption = "",
    format: FormatOption = None,
    period: PeriodOption = "",
    language: LanguageOption = "en",
) -> None:
    """The team report: every rep on every criterion, gaps that several share, gaps of one."""
    with speaking(language):
        write_document(export_team_report(me(ctx), rubric, period, say), format, out)


@app.command()
def summary(
    ctx: typer.Context,
    out: Out,
    rubric: RubricOption = "",
    format: FormatOption = None,
    period: PeriodOption = "",
    language: LanguageOption = "en",
) -> None:
    """The executive summary: what separates won deals from lost ones, and where the team stands on it."""
    with speaking(language):
        write_document(export_summary(me(ctx), rubric, period, say), format, out)
