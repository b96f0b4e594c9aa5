"""`closeread score` and `closeread ratings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import Budget, Concurrency, DryRun, Json, console, print_json, run, say, table, workspace

if TYPE_CHECKING:
    from agent.domain.rubric import Rubric
    from agent.domain.sales import Call
    from agent.llm.prompts import Prompt
    from agent.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Score calls against a rubric.")
ratings_app = typer.Typer(no_args_is_help=True, help="Ratings with their evidence.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]
CallsOption = Annotated[str, typer.Option("--calls", help="Call ids, separated by commas; default: all.")]


@app.command("run")
def run_(
    ctx: typer.Context,
    rubric: RubricOption = "",
    calls: CallsOption = "",
    draw: Annotated[int, typer.Option(min=0, help="Number of the independent reading.")] = 0,
    prompt: Annotated[str, typer.Option(help="Prompt, as name or name@version.")] = "rate_call",
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again where a rating failed.")] = False,
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Rate calls on all criteria, one request a call. What is rated already is not asked again."""
    from agent.cli.scoring import Scoring

    space = workspace(ctx)
    scoring = Scoring(space, space.store.rubrics.get(rubric), space.prompt(prompt), draw)
    missing = scoring.missing(split(calls), retry_failed)
    if dry_run:
        _plan(space, scoring.rubric, scoring.prompt, missing, draw, json)
        return
    say(f"{len(missing)} calls to score against {scoring.rubric.label}; the others are done")
    try:
        outcome = run(lambda: scoring.run(missing, concurrency or space.concurrency, budget))
    except KeyboardInterrupt:
        say("stopped; what was scored is kept, and running again asks only what is missing")
        raise typer.Exit(130) from None
    if json:
        print_json(outcome.data())
    else:
        console().print(outcome.summary())


def _plan(space: Workspace, rubric: Rubric, prompt: Prompt, missing: list[Call], draw: int, json: bool) -> None:
    from agent.analysis.rating import rating_request
    from agent.cli.plan import show_plan

    role = space.planned_role("rater")
    show_plan(space, (rating_request(call, rubric, role, prompt, draw) for call in missing), json)


def split(text: str) -> list[str]:
    """Comma-separated ids."""
    return [part.strip() for part in text.split(",") if part.strip()]


@app.command("show")
def show(ctx: typer.Context, call: str, rubric: RubricOption = "", json: Json = False) -> None:
    """The ratings of one call with their evidence."""
    from agent.cli.views import rating_data, rating_lines

    store = workspace(ctx).store
    found = store.rubrics.get(rubric)
    store.calls.get(call)
    ratings = store.ratings.current([call], rubric=found.id)
    if json:
        print_json([rating_data(r) for r in ratings])
    elif not ratings:
        say(f"{call} has no ratings against {found.label}; run: closeread score run --calls {call}")
    else:
        for line in rating_lines(ratings, found):
            console().print(line)


@ratings_app.command("list")
def list_(
    ctx: typer.Context,
    call: Annotated[str, typer.Option(help="Only this call.")] = "",
    rubric: Annotated[str, typer.Option(help="Only this rubric (id or label).")] = "",
    criterion: Annotated[str, typer.Option(help="Only this criterion.")] = "",
    json: Json = False,
) -> None:
    """Ratings that no later one supersedes."""
    from agent.cli.views import rating_data, rating_rows

    store = workspace(ctx).store
    rubric_id = store.rubrics.get(rubric).id if rubric else ""
    if call:
        store.calls.get(call)
    found = store.ratings.current([call] if call else [], rubric=rubric_id, criterion=criterion)
    if json:
        print_json([rating_data(r) for r in found])
    else:
        table("", ["call", "criterion", "rating", "rater", "turns", "reason"], rating_rows(found))
