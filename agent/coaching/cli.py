"""`closeread coach`: plans, sessions, and what moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.app.cli.context import As, Budget, Json, console, print_json, run, say, workspace
from agent.coaching.store import Coaching
from agent.core.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Coaching: plans, sessions, and whether it moved anything.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
Form = Literal["md", "html", "pdf", "docx"]


@app.command()
def plan(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(help="The rep.")] = "",
    team: Annotated[bool, typer.Option("--team", help="The team's plan, from its shared gaps.")] = False,
    rubric: RubricOption = "",
    format: Annotated[Form | None, typer.Option("--format", help="Of the brief; default: by the file's name.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File for the one-page brief.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the suggestions out; ask nothing.")] = False,
    budget: Budget = None,
    viewer: As = "",
    json: Json = False,
) -> None:
    """What to coach next: one or two criteria, real moments, what could have been said there, and a task."""
    from agent.coaching.cli_plan import show_plan, write_brief
    from agent.coaching.verbs import make_plan

    if bool(rep) == team:
        raise UsageError("name a rep, or say --team")
    space = workspace(ctx)
    made = run(lambda: make_plan(space, say, rep, rubric, viewer, budget, ask=not no_model))
    bound = space.settings.binding("drafter") is not None
    if out is not None:
        write_brief(made, out, format, space.store[Coaching].periods(), viewer)
    if json:
        print_json({"id": made.id, **made.model_dump(mode="json")})
    elif out is None:
        show_plan(made)
    if not bound and not no_model:
        say("suggestions and tasks are missing: no model is bound to the role 'drafter' (see: closeread model)")


@app.command()
def log(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(help="The rep.")],
    note: Annotated[str, typer.Option("--note", help="What was agreed.")] = "",
    criteria: Annotated[
        str, typer.Option("--criteria", help="Criteria, separated by commas; default: the plan's.")
    ] = "",
    date: Annotated[str, typer.Option("--date", help="Day of the session; default: today.")] = "",
    coach: As = "",
    json: Json = False,
) -> None:
    """Record a coaching session; without --note, list the rep's sessions."""
    from agent.coaching.verbs import log_session
    from agent.scoring.cli import split

    space = workspace(ctx)
    if note:
        log_session(space, rep, note, split(criteria), date, coach)
    found = space.store[Coaching].sessions(rep)
    if json:
        print_json([session.model_dump(mode="json") for session in found])
        return
    for session in found:
        on = f" on {', '.join(session.criteria)}" if session.criteria else ""
        by = f" by {session.coach}" if session.coach else ""
        console().print(f"{session.date} {session.rep}{by}{on}: {session.note}", markup=False)
    if not found:
        say(f'no session of {rep} is recorded; record one: closeread coach log "{rep}" --note "…"')


@app.command()
def track(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    rubric: RubricOption = "",
    every: Annotated[bool, typer.Option("--all", help="Also criteria the rep was not coached on.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the chart as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """Each cycle against the baseline: moved, not moved, or cannot tell."""
    from agent.coaching.cli_tracking import show_tracking
    from agent.coaching.tracking import track_data, tracking_of
    from agent.profiles.baselines import draw_missing
    from agent.profiles.season import rated_season, the_rep

    space = workspace(ctx)
    found = tracking_of(draw_missing(rated_season(space, say, rubric), say))
    only = the_rep(list(found.table.reps), rep) if rep else ""
    rows = [row for row in found.table.rows(only_coached=not every) if only in ("", row.rep)]
    if out is not None:
        from agent.app.documents.charts import cycle_lines, write_svg

        say(f"written: {write_svg(cycle_lines(rows, found.season.rubric.scales), out)}")
    if json:
        print_json([track_data(row, found.diagnoses.get((row.rep, row.criterion))) for row in rows])
    else:
        show_tracking(found, rows)
