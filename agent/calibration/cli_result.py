"""`closeread calibrate reveal`, `report`, `adjudicate`, `sharpen`: what comes out of a round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import As, Budget, Json, console, print_json, run, say, say_withheld, workspace
from agent.calibration.cli_rating import QuoteOption, ReasonOption, TurnOption
from agent.calibration.cli_rounds import Rater, RoundArgument, named
from agent.calibration.rounds import rated_round, report_of
from agent.calibration.store import Rounds
from agent.core.errors import UsageError
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.report import RatedRound


def mount(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (reveal, report, adjudicate, sharpen):
        app.command()(command)


def reveal(ctx: typer.Context, reference: RoundArgument = "", viewer: As = "", json: Json = False) -> None:
    """The ratings of a round side by side, as far as you may see them: submitted ones, once you have submitted."""
    from agent.app.shapes import rating_data
    from agent.calibration.cli_views import show_ratings

    store = workspace(ctx).store
    found = store[Rounds].get(reference)
    look = store[Ratings].of_round(found.id, viewer=viewer)
    say_withheld(look)
    if json:
        print_json([rating_data(r) for r in look.ratings])
    elif look.ratings:
        rubric = store[Rubrics].get(found.rubric)
        show_ratings(look.ratings, [c.id for c in rubric.criteria], {})
    elif not look.withheld:
        say(f"nobody has submitted round {found.number} yet")


def report(
    ctx: typer.Context,
    reference: RoundArgument = "",
    viewer: As = "",
    brief: Annotated[bool, typer.Option("--brief", help="Leave out the calls that split the raters.")] = False,
    json: Json = False,
) -> None:
    """Verdicts, the calls that split the raters side by side, leniency and drift. Only once all have submitted."""
    from agent.calibration.cli_views import show_report
    from agent.calibration.round_shapes import report_data

    found = report_of(workspace(ctx), reference, viewer)
    if json:
        print_json(report_data(found))
    else:
        show_report(found, not brief)


def adjudicate(
    ctx: typer.Context,
    reference: RoundArgument = "",
    rater: Rater = "",
    call: Annotated[str, typer.Option("--call", help="Id of the call.")] = "",
    criterion: Annotated[str, typer.Option("--criterion", help="Id of the criterion.")] = "",
    value: Annotated[str, typer.Option("--value", help="What it should have been: a level, or n/a.")] = "",
    reason: ReasonOption = "",
    turn: TurnOption = "",
    quote: QuoteOption = "",
) -> None:
    """Settle a difference: what the rating should have been, and why. Without --call: list what is open."""
    from agent.calibration.round_rating import adjudicate as adjudicated

    space = workspace(ctx)
    found = space.store[Rounds].get(reference)
    rated = rated_round(space, found, rater)
    if not call:
        _list_open(rated)
        return
    if not (criterion and value and reason.strip()):
        raise UsageError("adjudicating takes --call, --criterion, --value and --reason")
    settled = adjudicated(space, rated, named(rater), call, criterion, value, turn, quote, reason)
    console().print(f"kept: {settled.criterion} of {call} is {value}; the raters' own ratings stay as they were")


def _list_open(rated: RatedRound) -> None:
    from agent.calibration.cli_views import show_splits
    from agent.calibration.round_rating import open_splits

    found = open_splits(rated)
    for criterion, left in found.items():
        console().print(f"\n{criterion}", style="bold")
        show_splits(left)
    count = sum(map(len, found.values()))
    number = rated.round.number
    say(
        f"{count} open; settle one with: closeread calibrate adjudicate {number} --as NAME --call CALL "
        '--criterion CRITERION --value VALUE --reason "…"'
        if count
        else "nothing is open: raters agree, or all differences are settled"
    )


def sharpen(
    ctx: typer.Context,
    reference: RoundArgument = "",
    criterion: Annotated[
        list[str] | None, typer.Option("--criterion", help="Only this one; default: all failed.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Store the drafts as a new version of the rubric.")] = False,
    file: Annotated[Path | None, typer.Option("--file", help="Your own edited rubric instead of drafts.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the drafted rubric there, for editing.")] = None,
    label: Annotated[str, typer.Option(help="Label of the new version; default: the old one and a number.")] = "",
    budget: Budget = None,
    json: Json = False,
) -> None:
    """Draft a sharper wording from the calls that split the raters; accept it, or edit it and hand it in."""
    from agent.calibration import cli_sharpening as sharpening
    from agent.calibration.sharpening_verbs import drafted

    space = workspace(ctx)
    found = report_of(space, reference)
    if file is not None:
        if accept or criterion or out:
            raise UsageError("--file hands in your own wording; it does not go with --accept, --criterion or --out")
        sharpening.show_taken_over(space, found, file, label, json)
        return
    drafts = run(lambda: drafted(space, found, criterion or [], budget))
    sharpening.finish(space, found, drafts, label, accept, out, json)
