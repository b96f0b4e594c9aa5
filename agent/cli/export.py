"""`closeread export`: documents for people who do not use the program."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.context import As, say_withheld, workspace

if TYPE_CHECKING:
    from agent.domain.rating import NearestMiss
    from agent.domain.rubric import Rubric
    from agent.report.standing import Standing
    from agent.stats.rules import GapRules, ProfileRules
    from agent.store.workspace import Store
    from agent.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Documents to hand on: DOCX, PDF, Markdown, XLSX and CSV.")

FormatOption = Annotated[
    Literal["docx", "pdf", "md", "html", "xlsx", "csv"] | None,
    typer.Option("--format", help="Default: by the file's name."),
]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]

# Near misses of a criterion that the scoring guide shows beside its examples.
_NEAR_MISSES = 2


def _today() -> date:
    return datetime.now(UTC).date()


@app.command("guide")
def guide(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The guide, as `guide draft` writes it (YAML).")],
    out: Out,
    format: FormatOption = None,
) -> None:
    """The interview guide: questions with probes, and room for notes."""
    from agent.cli.guide import export_guide

    export_guide(workspace(ctx), file, format, out)


@app.command("scoring-guide")
def scoring_guide(
    ctx: typer.Context,
    rubric: RubricOption = "",
    format: FormatOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; default: print as Markdown.")] = None,
    viewer: As = "",
) -> None:
    """The scoring guide: each criterion with levels, present and absent examples, and when it does not apply."""
    from agent.cli.standing import standing_line
    from agent.cli.writing import write_document
    from agent.report import scoring_guide as made
    from agent.report.as_markdown import markdown

    store = workspace(ctx).store
    found = store.rubrics.get(rubric)
    notes = (standing_line(store.rubric_states.of(found.id)),)
    near = _near_misses(_standing(store, found, viewer))
    document = made.scoring_guide(found, notes, made_on=_today(), near_misses=near)
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
) -> None:
    """The record of a calibration round: verdicts, differences, decisions, what was reworded since."""
    from agent import __version__
    from agent.cli.rounds import report_of
    from agent.cli.writing import write_document
    from agent.report.calibration_record import calibration_record, record_of, reworded

    space = workspace(ctx)
    report = report_of(space, reference)
    later = [s.rubric for s in space.store.rubrics.all()]
    changes = reworded(report.rubric, later[-1]) if later else []
    made_from = f"Round {report.round.id} · Rubric {report.rubric.id} · Closeread {__version__}"
    write_document(calibration_record(record_of(report, changes), made_from, made_on=_today()), format, out)


@app.command()
def scorecard(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Whose scorecard.")],
    out: Out,
    rubric: RubricOption = "",
    format: FormatOption = None,
    viewer: As = "",
) -> None:
    """One rep on every criterion, with quotes, call by call."""
    from agent.cli.standing import standing_line
    from agent.cli.writing import write_document
    from agent.report import scorecard as made

    space = workspace(ctx)
    found = space.store.rubrics.get(rubric)
    notes = (standing_line(space.store.rubric_states.of(found.id)),)
    standing = _standing(space.store, found, viewer)
    write_document(made.scorecard(rep, standing, _rules(space)[0], notes=notes, made_on=_today()), format, out)


@app.command()
def brief(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help='The rep, or "team".')],
    out: Out,
    coach: Annotated[str, typer.Option("--coach", help="Who coaches.")] = "",
    format: FormatOption = None,
) -> None:
    """The coaching brief: the newest plan of a rep, on paper."""
    from agent import __version__
    from agent.cli.writing import write_document
    from agent.errors import NotFound
    from agent.report.coaching_brief import brief_of, coaching_brief

    store = workspace(ctx).store
    plan = store.coaching.plan_of(rep)
    if plan is None:
        raise NotFound(f"there is no coaching plan for {rep!r}; make one first: closeread coach plan")
    periods = [p for p in store.coaching.periods() if p.rep == rep]
    made_from = f"Plan {plan.id} of {plan.at:%Y-%m-%d} · Rubric {plan.rubric} · Closeread {__version__}"
    found = brief_of(plan, periods[-1] if periods else None, coach)
    write_document(coaching_brief(found, made_from, made_on=_today()), format, out)


@app.command()
def report(
    ctx: typer.Context, out: Out, rubric: RubricOption = "", format: FormatOption = None, viewer: As = ""
) -> None:
    """The team report: every rep on every criterion, gaps that several share, gaps of one."""
    from agent.cli.standing import standing_line
    from agent.cli.writing import write_document
    from agent.report.team_report import team_report

    space = workspace(ctx)
    found = space.store.rubrics.get(rubric)
    notes = (standing_line(space.store.rubric_states.of(found.id)),)
    document = team_report(_standing(space.store, found, viewer), *_rules(space), notes=notes, made_on=_today())
    write_document(document, format, out)


@app.command()
def summary(
    ctx: typer.Context, out: Out, rubric: RubricOption = "", format: FormatOption = None, viewer: As = ""
) -> None:
    """The executive summary: what separates won deals from lost ones, and where the team stands on it."""
    from agent.cli.views import moments_line, patterns_worth
    from agent.cli.writing import write_document
    from agent.report.executive_summary import executive_summary

    space = workspace(ctx)
    store = space.store
    extraction = store.extractions.newest()
    interviews = store.interviews.all(extraction.patterns.interviews)
    said = (patterns_worth(extraction.patterns), moments_line(extraction.patterns))
    standing = _standing(store, store.rubrics.get(rubric), viewer) if rubric or store.rubrics.all() else None
    document = executive_summary(extraction, interviews, standing, _rules(space), said, made_on=_today())
    write_document(document, format, out)


def _standing(store: Store, rubric: Rubric, viewer: str) -> Standing:
    """The ratings that count, as far as `viewer` may see them, also those of calls that came without a transcript."""
    from agent.report.standing import BareCall, counting

    columns = store.rating_columns.read(rubric.id, [c.id for c in rubric.criteria], viewer=viewer)
    places = zip(columns.call.tolist(), columns.rep.tolist(), columns.day.tolist(), strict=True)
    calls = {call: BareCall(columns.calls[call], columns.reps[rep], date.fromordinal(at)) for call, rep, at in places}
    look = store.ratings.look(rubric=rubric.id, viewer=viewer)
    say_withheld(look)
    return counting(rubric, calls.values(), look.ratings)


def _near_misses(standing: Standing) -> dict[str, list[tuple[str, NearestMiss]]]:
    """A few turns for each criterion that came close and did not count, of different reps where there are."""
    from agent.domain.rating import Rated

    found: dict[str, dict[str, tuple[str, NearestMiss]]] = {}
    for rating in standing.ratings:
        near = rating.judgement.nearest if isinstance(rating.judgement, Rated) else None
        if near is not None:
            found.setdefault(rating.criterion, {}).setdefault(standing.calls[rating.call].rep, (rating.call, near))
    return {criterion: list(of.values())[:_NEAR_MISSES] for criterion, of in found.items()}


def _rules(space: Workspace) -> tuple[ProfileRules, GapRules]:
    """Thresholds of states and gaps. ConfigError where the file does not fit."""
    import yaml
    from pydantic import ValidationError

    from agent.errors import ConfigError
    from agent.stats.rules import GapRules, ProfileRules

    path = space.settings.config_path("profiles.yaml")
    try:
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ProfileRules.model_validate(sections["profiles"]), GapRules.model_validate(sections["gaps"])
    except (OSError, yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: cannot be used: {error}") from error
