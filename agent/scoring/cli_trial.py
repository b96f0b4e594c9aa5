"""`closeread rubric trial`, beside the commands about rubrics."""

from itertools import chain
from typing import Annotated

import typer

from agent.app.cli.context import Budget, Concurrency, DryRun, Json, console, me, print_json, run, say, table
from agent.app.cli.plan import show_plan
from agent.rubrics.cli import app as app  # calibration adds to it
from agent.rubrics.cli import asked_for
from agent.scoring.cli import scored_now
from agent.scoring.fitting import fit_requests
from agent.scoring.job import apart_from_jobs
from agent.scoring.running import Scoring
from agent.scoring.trial import CALLS, choose_calls
from agent.scoring.verbs import fit_rubric
from agent.scoring.views import FitView, TrialView


@app.command()
def trial(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Argument(help="Id or label; default: the one in use.")] = "",
    calls: Annotated[int, typer.Option(min=4, max=100, help="How many calls; each is read twice.")] = CALLS,
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Try each criterion on a few calls, before people calibrate: does it apply, does it
    vary, do two readings agree?"""
    who = me(ctx)
    space = who.space
    version = asked_for(space.store, rubric)
    chosen, prompt = choose_calls(space, version, calls), space.prompt("rate_call")
    readings = [Scoring(space, version, prompt, draw) for draw in (0, 1)]
    missing = [(reading, apart_from_jobs(reading, reading.missing(chosen, False))) for reading in readings]
    if dry_run:
        role = space.planned_role("rater")
        asked = (reading.reading(call).requests(role) for reading, left in missing for call in left)
        show_plan(space, chain.from_iterable(asked), json)
        return
    say(f"{version.label} is tried on {len(chosen)} calls, each read twice")

    async def read() -> None:
        for reading, left in missing:
            if left:
                await scored_now(who, reading, left, concurrency or space.concurrency, budget)

    run(read)
    view = TrialView.of(space, version)
    if json:
        return print_json(view)
    show(view)


def show(view: TrialView) -> None:
    """Print what came of a trial."""
    rows = [
        (c.criterion, f"{c.applies} of {c.calls}", f"{c.shown} of {c.applies}", f"{c.differ} of {c.twice}", c.failed)
        for c in view.criteria
    ]
    table("", ("criterion", "applies to", "shown on", "readings differ", "failed"), rows, ("failed",))
    named = [c for c in view.criteria if c.problem]
    console().print(f"{view.fit} of {len(view.criteria)} criteria are fit to be calibrated.")
    for c in named:
        console().print(f"{c.criterion}: {c.problem}", markup=False)
    if named:
        say(f"make them fit calls: closeread rubric fit {view.rubric}")
        say(f"or mend them in the file: closeread rubric export {view.rubric} --out {view.rubric}.yaml")


@app.command()
def fit(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Argument(help="Id or label; default: the one in use.")] = "",
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Make criteria fit the calls they were tried on: asked in the stages where they apply, reworded, or left out.

    Nothing is published: what changes becomes the working copy, for you to read on the rubric's page.
    """
    who = me(ctx)
    space = who.space
    version = asked_for(space.store, rubric)
    if dry_run:
        show_plan(space, fit_requests(space, version), json)
        return
    view = FitView.of(run(lambda: fit_rubric(who, version, concurrency or space.concurrency, budget)))
    if json:
        return print_json(view)
    rows = [
        (c.criterion, ", ".join(f"{o.stage or 'no stage'} {o.applies} of {o.calls}" for o in c.occasions), c.change)
        for c in view.criteria
    ]
    table("", ("criterion", "applied to", "what became of it"), rows)
    for c in view.criteria:
        if c.change != "kept" and c.why:
            console().print(f"{c.criterion}: {c.why}", markup=False)
    console().print(f"{view.sentence}.")
    if any(c.change != "kept" for c in view.criteria):
        say(f"read and publish it: /rubric/{version.id}/edit (closeread serve)")
