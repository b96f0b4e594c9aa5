"""`closeread score`."""

from collections.abc import Sequence
from dataclasses import replace
from shlex import quote
from typing import Annotated

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
    say_next,
    say_withheld,
    workspace,
)
from agent.app.cli.jobs import say_started
from agent.app.cli.plan import show_plan
from agent.app.verb import Who
from agent.app.view import Page
from agent.calls.cli import CallArgument, calls_named
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.ratings.call_page import what_counts
from agent.ratings.cli_lines import rating_lines
from agent.ratings.store import Ratings
from agent.ratings.views import RatingView
from agent.rubrics.cli import asked_for, say_rubric_states
from agent.rubrics.in_use import in_use
from agent.scoring.cli_run import calls_progress, check_outcome, summary
from agent.scoring.job import apart_from_jobs
from agent.scoring.running import Outcome, Scoring
from agent.scoring.verbs import score_now, start_scoring

app = typer.Typer(no_args_is_help=True, help="Score calls against a rubric.")
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
CallsOption = Annotated[
    str, typer.Option("--calls", help="Call ids, separated by commas; default: all.", callback=calls_named)
]


@app.command("run")
def run_(
    ctx: typer.Context,
    rubric: RubricOption = "",
    calls: CallsOption = "",
    draw: Annotated[int, typer.Option(min=0, help="Number of the independent reading.")] = 0,
    prompt: Annotated[str, typer.Option(help="Prompt, as name or name@version.")] = "rate_call",
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again where a rating failed.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask the model also where a reply is kept.")] = False,
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
    who = me(ctx)
    space = who.space
    if (background or batch) and not dry_run:
        given = {
            "retry_failed": retry_failed,
            "fresh": fresh,
            "budget_usd": budget,
            "priority": priority,
            "batch": batch,
        }
        job = start_scoring(who, rubric=rubric, prompt=prompt, draw=draw, calls=split(calls), **given)
        say_started(space.store, job, json)
        return
    using = in_use(space.store, rubric)
    if using.others or using.newer:
        say(f"{using}{using.newer_words} (choose another with --rubric)")
    if left_out := space.store[Calls].with_open_sides():
        say(f"{len(left_out)} calls are left out: it is open who is on whose side; see: closeread calls sides")
    scoring = Scoring(space, using.rubric, space.prompt(prompt), draw, fresh)
    unrated = scoring.missing(split(calls), retry_failed)
    missing = apart_from_jobs(scoring, unrated)
    if len(missing) < len(unrated):
        say(f"{len(unrated) - len(missing)} calls wait in a background job and are left to it; see: closeread job list")
    if missing and (other := scoring.elsewhere()):
        say(other)
    if dry_run:
        _plan(scoring, missing, json)
        return
    say(f"{len(missing)} calls to score against {scoring.rubric.label}; the others are done")
    try:
        outcome = run(lambda: scored_now(who, scoring, missing, concurrency or space.concurrency, budget))
    except KeyboardInterrupt:
        say("stopped; what was scored is kept, and running again asks only what is missing")
        raise typer.Exit(130) from None
    if json:
        print_json(outcome.data())
    else:
        console().print(summary(outcome))
    other = prompt if prompt != "rate_call" else ""
    run_with = {"--rubric": rubric, "--calls": calls, "--draw": str(draw or ""), "--prompt": other}
    check_outcome(outcome, "".join(f" {option} {quote(value)}" for option, value in run_with.items() if value))
    if not json:
        say_next(who)


async def scored_now(
    who: Who, scoring: Scoring, calls: Sequence[Call], concurrency: int, budget: float | None
) -> Outcome:
    """Score under a progress bar, in the name of whoever asks."""
    with calls_progress(scoring, len(calls)) as step:
        return await score_now(who, scoring, calls, concurrency, budget, step)


def _plan(scoring: Scoring, missing: Sequence[Call], json: bool) -> None:
    role = replace(scoring.space.planned_role("rater"), fresh=scoring.fresh)
    requests = (request for call in missing for request in scoring.reading(call).requests(role))
    show_plan(scoring.space, requests, json)


def split(text: str) -> list[str]:
    """Comma-separated ids."""
    return [part.strip() for part in text.split(",") if part.strip()]


@app.command("show")
def show(
    ctx: typer.Context, call: CallArgument, rubric: RubricOption = "", viewer: As = "", json: Json = False
) -> None:
    """The ratings of one call with their evidence."""
    store = workspace(ctx).store
    version = asked_for(store, rubric)
    store[Calls].get(call)
    look = store[Ratings].look([call], rubric=version.id, viewer=viewer)
    ratings = look.ratings
    say_withheld(look)
    say_rubric_states(store, [version])
    if json:
        print_json(Page(items=list(map(RatingView.of, ratings))))
    elif not ratings and not look.withheld:
        say(
            f"{call} has no ratings against {version.label}; run: closeread score run --rubric "
            f"{quote(version.label)} --calls {call}"
        )
    else:
        console().print(f"What counts: {what_counts(workspace(ctx), call, version)}.")
        for line in rating_lines(ratings, version):
            console().print(line)
