"""`closeread score` and `closeread ratings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import (
    As,
    Budget,
    Concurrency,
    DryRun,
    Json,
    console,
    me,
    print_json,
    run,
    say,
    say_withheld,
    table,
    workspace,
)
from agent.app.cli.jobs import say_started
from agent.calls.store import Calls
from agent.core.errors import ModelError, ModelUnreachable
from agent.ratings.store import Ratings
from agent.rubrics.in_use import in_use, rubric_in_use
from agent.rubrics.store import Rubrics
from agent.scoring.verbs import start_scoring

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.llm.prompts import Prompt
    from agent.ratings.model import Rating
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Score calls against a rubric.")
ratings_app = typer.Typer(no_args_is_help=True, help="Ratings with their evidence.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
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
    background: Annotated[bool, typer.Option("--background", help="Leave it to workers and return at once.")] = False,
    priority: Annotated[int, typer.Option(min=1, max=1000, help="Of a background job; smaller goes first.")] = 100,
    batch: Annotated[
        bool, typer.Option("--batch", help="In the background, by the provider's batches: within a day, half price.")
    ] = False,
    json: Json = False,
) -> None:
    """Rate calls on all criteria, one request a call. What is rated already is not asked again."""
    from agent.scoring.cli_run import scored, summary
    from agent.scoring.job import apart_from_jobs
    from agent.scoring.running import Scoring

    space = workspace(ctx)
    if (background or batch) and not dry_run:
        given = {"retry_failed": retry_failed, "budget_usd": budget, "priority": priority, "batch": batch}
        job = start_scoring(me(ctx), rubric=rubric, prompt=prompt, draw=draw, calls=split(calls), **given)
        say_started(space.store, job, json)
        return
    using = in_use(space.store, rubric)
    if using.others or using.newer:
        say(f"{using}{using.newer_words} (choose another with --rubric)")
    scoring = Scoring(space, using.rubric, space.prompt(prompt), draw)
    unrated = scoring.missing(split(calls), retry_failed)
    missing = apart_from_jobs(scoring, unrated)
    if len(missing) < len(unrated):
        say(f"{len(unrated) - len(missing)} calls wait in a background job and are left to it; see: closeread job list")
    if dry_run:
        _plan(space, scoring.rubric, scoring.prompt, missing, draw, json)
        return
    say(f"{len(missing)} calls to score against {scoring.rubric.label}; the others are done")
    try:
        outcome = run(lambda: scored(scoring, missing, concurrency or space.concurrency, budget))
    except KeyboardInterrupt:
        say("stopped; what was scored is kept, and running again asks only what is missing")
        raise typer.Exit(130) from None
    if json:
        print_json(outcome.data())
    else:
        console().print(summary(outcome))
    if outcome.unanswered:
        raise ModelUnreachable(
            f"{len(outcome.unanswered)} calls got no answer, for the reasons above; once those are gone, the same command "
            "asks for them alone"
        )
    if set(outcome.statuses) == {"failed"}:
        raise ModelError(
            "no rating came of it: see `closeread ratings list`, and check the model with `closeread model check`"
        )


def _plan(space: Workspace, rubric: Rubric, prompt: Prompt, missing: Sequence[Call], draw: int, json: bool) -> None:
    from agent.app.cli.plan import show_plan
    from agent.scoring.rating import rating_request

    role = space.planned_role("rater")
    show_plan(space, (rating_request(call, rubric, role, prompt, draw) for call in missing), json)


def split(text: str) -> list[str]:
    """Comma-separated ids."""
    return [part.strip() for part in text.split(",") if part.strip()]


@app.command("show")
def show(ctx: typer.Context, call: str, rubric: RubricOption = "", viewer: As = "", json: Json = False) -> None:
    """The ratings of one call with their evidence."""
    from agent.app.cli.views import rating_lines
    from agent.app.shapes import rating_data
    from agent.rubrics.cli import say_standing

    store = workspace(ctx).store
    found = rubric_in_use(store, rubric)
    store[Calls].get(call)
    look = store[Ratings].look([call], rubric=found.id, viewer=viewer)
    ratings = look.ratings
    say_withheld(look)
    say_standing(store, [found])
    if json:
        print_json([rating_data(r) for r in ratings])
    elif not ratings and not look.withheld:
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
    review: Annotated[
        bool, typer.Option("--review", help="In the order to look at: first where two readings of the model differ.")
    ] = False,
    viewer: As = "",
    json: Json = False,
) -> None:
    """Ratings that no later one supersedes. A second reading is: closeread score run --draw 1 (or another model)."""
    from agent.app.cli.views import rating_rows
    from agent.app.shapes import rating_data
    from agent.rubrics.cli import say_overrides

    store = workspace(ctx).store
    rubric_id = store[Rubrics].get(rubric).id if rubric else ""
    if call:
        store[Calls].get(call)
    look = store[Ratings].look([call] if call else [], rubric=rubric_id, criterion=criterion, viewer=viewer)
    found = look.ratings
    say_withheld(look)
    say_overrides(store, {r.provenance.rubric for r in found})
    if review:
        _review(found, json)
    elif json:
        print_json([rating_data(r) for r in found])
    else:
        table("", ["call", "criterion", "rating", "rater", "turns", "reason"], rating_rows(found))


def _review(found: list[Rating], json: bool) -> None:
    from agent.app.cli.views import rating_rows
    from agent.app.shapes import rating_data
    from agent.scoring.second_opinion import confidences, review_order

    ordered, sure = review_order(found), confidences(found)
    if json:
        print_json([{**rating_data(r), "confidence": sure[r.id]} for r in ordered])
        return
    rows = [[*row[:3], sure[r.id], *row[3:]] for r, row in zip(ordered, rating_rows(ordered), strict=True)]
    table("", ["call", "criterion", "rating", "confidence", "rater", "turns", "reason"], rows)
    if all(sure[r.id] != "low" for r in found) and all(sure[r.id] != "agreed" for r in found):
        say("nothing has two readings yet; for a second one: closeread score run --draw 1")
