"""`closeread coach`: plans, sessions, and what moved. Cycles are under `closeread coaching`."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.app.cli.context import As, Budget, Fresh, Json, console, me, print_json, run, say
from agent.app.cli.writing import ChartOption, LanguageOption, write_chart, write_document
from agent.app.documents.charts import cycle_lines
from agent.app.view import Page
from agent.coaching import verbs
from agent.coaching.cli_plan import show_plan
from agent.coaching.cli_tracking import show_tracking
from agent.coaching.cycles import baseline_calls_in, shared_note
from agent.coaching.plan_building import avoided, changed_since, lacks_suggestions
from agent.coaching.proposals import TEAM
from agent.coaching.store import Coaching
from agent.coaching.tracking import figure_of, tracking_of
from agent.coaching.views import CycleView, MovementOut, PlanView, SessionView
from agent.core.direction import Direction
from agent.core.errors import NotFound, UsageError
from agent.core.language import speaking
from agent.profiles.season import rated_season, the_rep
from agent.profiles.verbs import with_baselines
from agent.scoring.cli import split
from agent.text.dates import read_day

app = typer.Typer(no_args_is_help=True, help="Coaching: plans, sessions, and whether it moved anything.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
Form = Literal["md", "html", "pdf", "docx"]


@app.command()
def plan(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(help="The rep.")] = "",
    team: Annotated[bool, typer.Option("--team", help="The team's plan, from its shared gaps.")] = False,
    criteria: Annotated[
        str, typer.Option("--criteria", help="One or two, separated by a comma; default: those proposed.")
    ] = "",
    rubric: RubricOption = "",
    format: Annotated[Form | None, typer.Option("--format", help="Of the brief; default: by the file's name.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File for the one-page brief.")] = None,
    language: LanguageOption = "en",
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the suggestions out; ask nothing.")] = False,
    budget: Budget = None,
    _fresh: Fresh = False,
    viewer: As = "",
    json: Json = False,
) -> None:
    """What to coach next: one or two criteria, real moments, what could have been said there, and a task."""
    if bool(rep) == team:
        raise UsageError("name a rep, or say --team")
    who = me(ctx, viewer)
    name = TEAM if team else the_rep(list(rated_season(who.space, say, rubric).reps), rep)
    # What has changed since the plan that there is, before another is made.
    with suppress(NotFound):
        before = verbs.plan_of(who, name)
        if since := changed_since(who.space, before):
            say(f"the plan of {before.at:%Y-%m-%d}: {since[0].lower()}{since[1:]}")
    made = verbs.make_plan(who, name, split(criteria), rubric)
    bound = who.space.settings.binding("drafter") is not None
    if bound and not no_model and lacks_suggestions(made):
        made = run(lambda: verbs.draft_suggestions(who, made, budget))
    shown = PlanView.of(who.space, made, avoided(who.space, made))
    if out is not None:
        with speaking(language):
            write_document(verbs.export_brief(who, name, viewer), format, out)
    if json:
        print_json(shown)
    elif out is None:
        show_plan(shown)
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
    who = me(ctx, coach)
    if note:
        try:
            day = read_day(date) if date else None
        except ValueError as error:
            raise UsageError(f"--date: {error}") from error
        verbs.log_session(who, rep, note, split(criteria), day)
    sessions = who.space.store[Coaching].sessions(rep)
    if json:
        return print_json(Page(items=list(map(SessionView.of, sessions))))
    for session in sessions:
        on = f" on {', '.join(session.criteria)}" if session.criteria else ""
        by = f" by {session.coach}" if session.coach else ""
        console().print(f"{session.date} {session.rep}{by}{on}: {session.note}", markup=False)
    if not sessions:
        say(f'no session of {rep} is recorded; record one: closeread coach log "{rep}" --note "…"')


@app.command()
def track(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    rubric: RubricOption = "",
    every: Annotated[bool, typer.Option("--all", help="Also criteria the rep was not coached on.")] = False,
    out: ChartOption = None,
    language: LanguageOption = "en",
    json: Json = False,
) -> None:
    """Whether coaching on each criterion works, then each rep's cycles against the baseline:
    moved, not moved, or cannot tell."""
    who = me(ctx)
    tracked = tracking_of(with_baselines(who, rated_season(who.space, say, rubric), say))
    figure = figure_of(tracked, only_coached=not every)
    movement = MovementOut.now(
        tracked.season.rubric, figure, tracked.notes, the_rep(list(tracked.table.reps), rep) if rep else ""
    )
    shown = {one.rep for one in movement.items}
    rows = [row.movement for row in figure.rows if row.movement.rep in shown]
    write_chart(lambda: cycle_lines(rows, Direction.by_id(tracked.season.rubric.criteria)), out, language)
    if json:
        return print_json(movement)
    show_tracking(movement, tracked.season.rubric)


@app.command("cycle")
def cycle(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(help="The rep.")],
    name: Annotated[str, typer.Argument(help="The cycle, for example cycle_1; the same name changes it.")],
    start: Annotated[str, typer.Option("--start", help="First day.")] = "",
    end: Annotated[str, typer.Option("--end", help="Last day.")] = "",
    criteria: Annotated[str, typer.Option("--criteria", help="What is coached, separated by commas.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the cycle out.")] = False,
    coach: As = "",
    json: Json = False,
) -> None:
    """Enter a coaching cycle, change it, or take it out."""
    who = me(ctx, coach)
    if remove:
        made = verbs.remove_cycle(who, rep, name)
    else:
        try:
            days = read_day(start), read_day(end)
        except ValueError as error:
            raise UsageError(f"--start, --end: {error}") from error
        made = verbs.set_cycle(who, rep, name, *days, split(criteria))
        if note := shared_note(baseline_calls_in(who.space, [made])):
            say(note)
    if json:
        return print_json(CycleView.of(made))
    done = "removed" if remove else "entered"
    say(f"{done}: {made.cycle} of {made.rep}, {made.start} to {made.end}, on {', '.join(made.criteria)}")
