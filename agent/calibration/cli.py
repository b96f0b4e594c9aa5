"""`closeread calibrate`: rounds in which managers (and the model) rate the same calls, each alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.app.cli.context import Json, console, print_json, run, say, table, workspace
from agent.calibration import cli_rating as calibrate_rating
from agent.calibration import cli_result as calibrate_result
from agent.calibration.cli_rounds import Rater, RoundArgument
from agent.calibration.store import Rounds
from agent.rubrics.store import Rubrics

app = typer.Typer(no_args_is_help=True, help="Calibration rounds: blind ratings, agreement, verdicts, sharper wording.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]


@app.command("open")
def open_(
    ctx: typer.Context,
    raters: Annotated[str, typer.Option("--raters", help="Two or more names, and `model`: ana,ben,model")],
    rubric: RubricOption = "",
    calls: Annotated[str, typer.Option("--calls", help="Call ids, separated by commas, instead of --pick.")] = "",
    pick: Annotated[int, typer.Option("--pick", min=1, help="How many calls to pick.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice among equal calls.")] = 0,
    json: Json = False,
) -> None:
    """Open a round: which calls, rated by whom, against which rubric. Calls of earlier rounds are not used again."""
    from agent.calibration.round_opening import checked_raters, chosen_calls, open_round
    from agent.calibration.round_shapes import round_data
    from agent.scoring.cli import split
    from agent.scoring.cli_run import scored

    names = checked_raters(split(raters))
    space = workspace(ctx)
    found = space.store[Rubrics].get(rubric)
    chosen = chosen_calls(space, split(calls), pick, seed)
    new = run(lambda: open_round(space, say, found, names, chosen, scored))
    if json:
        print_json(round_data(new))
        return
    console().print(f"Round {new.number}: {found.label}, {len(new.calls)} calls: {', '.join(new.calls)}", markup=False)
    for rater in new.people:
        console().print(f"  {rater}: closeread calibrate rate {new.number} --as {rater}", markup=False)
    _say_too_few(len(new.calls), space.thresholds, new.number)


def _say_too_few(calls: int, thresholds: Any, number: int) -> None:
    from agent.stats.reliability import least_calls_to_pass

    least = least_calls_to_pass(thresholds, number)
    if calls < least:
        say(
            f"{calls} calls show where raters differ; no criterion can pass on them: that takes {least} or more, "
            "with full agreement (docs/method/reliability.md)"
        )


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with round, call_id, rater, criterion, value.", show_default=False)],
    rubric: RubricOption = "",
    map: Annotated[
        list[str] | None, typer.Option("--map", help='Their column = our field: --map "Call=call_id"')
    ] = None,
    json: Json = False,
) -> None:
    """Take over finished rounds of another tool. Empty value: not rated; n/a: does not apply."""
    from agent.calibration.round_files import import_rounds
    from agent.calibration.round_shapes import round_data
    from agent.text.manifest import pairs

    space = workspace(ctx)
    found = space.store[Rubrics].get(rubric)
    new = import_rounds(space, file, found, pairs("--map", map or []))
    if json:
        print_json([round_data(r) for r in new])
        return
    for r in new:
        console().print(
            f"Round {r.number}: {len(r.calls)} calls, {', '.join(r.raters)} ({r.source}); "
            f"see: closeread calibrate report {r.number}",
            markup=False,
        )


@app.command()
def status(ctx: typer.Context, reference: RoundArgument = "", json: Json = False) -> None:
    """Who has rated how much and who has submitted. Numbers only."""
    from agent.calibration.round_rating import progress
    from agent.calibration.round_shapes import round_data

    space = workspace(ctx)
    found = space.store[Rounds].get(reference)
    rubric = space.store[Rubrics].get(found.rubric)
    made = progress(space, found)
    if json:
        print_json(round_data(found) | made)
        return
    console().print(
        f"Round {found.number}: {rubric.label}, {len(found.calls)} calls, state: {found.state}", markup=False
    )
    shown = [
        [r["rater"], "submitted" if r["submitted"] else f"{r['rated']} of {made['ratings_wanted']} rated"]
        for r in made["progress"]
    ]
    table("", ["rater", "progress"], shown)


@app.command()
def close(
    ctx: typer.Context,
    reference: RoundArgument = "",
    rater: Rater = "",
    give_up: Annotated[bool, typer.Option("--give-up", help="End it for good although a rater is missing.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")] = "",
) -> None:
    """End a round: nothing is adjudicated after this. A rubric whose criteria have all passed becomes calibrated."""
    from agent.calibration.cli_standing import say_standing
    from agent.calibration.round_rating import close_round

    space = workspace(ctx)
    closed = close_round(space, space.store[Rounds].get(reference), rater, reason, give_up=give_up)
    console().print(f"Round {closed.number} is closed.")
    say_standing(space.store, [space.store[Rubrics].get(closed.rubric)])


@app.command()
def audit(ctx: typer.Context, reference: RoundArgument = "", json: Json = False) -> None:
    """The log of a round (default: of all rounds): who looked, who submitted, what was corrected. Append-only."""
    from agent.calibration.cli_views import show_log

    space = workspace(ctx)
    known = space.store[Rounds].all()
    entries = space.store[Rounds].log([space.store[Rounds].get(reference)] if reference else [])
    numbers = {r.id: r.number for r in known}
    if json:
        print_json([e.model_dump(mode="json") | {"round": numbers[e.round]} for e in entries])
    else:
        show_log(entries, numbers)


calibrate_rating.mount(app)
calibrate_result.mount(app)
