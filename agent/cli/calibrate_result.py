"""`closeread calibrate reveal`, `report`, `adjudicate`, `sharpen`: what comes out of a round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.calibrate_rating import QuoteOption, ReasonOption, TurnOption
from agent.cli.context import As, Budget, Json, console, print_json, say, say_withheld, workspace
from agent.cli.rounds import Rater, RoundArgument, criterion_of, named, rated_round, report_of
from agent.errors import UsageError

if TYPE_CHECKING:
    from agent.analysis.calibrating import RatedRound
    from agent.domain.rubric import Criterion
    from agent.wiring import Workspace


def mount(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (reveal, report, adjudicate, sharpen):
        app.command()(command)


def reveal(ctx: typer.Context, reference: RoundArgument = "", viewer: As = "", json: Json = False) -> None:
    """The ratings of a round side by side, as far as you may see them: submitted ones, once you have submitted."""
    from agent.cli.round_views import show_ratings
    from agent.cli.views import rating_data

    store = workspace(ctx).store
    found = store.rounds.get(reference)
    look = store.ratings.of_round(found.id, viewer=viewer)
    say_withheld(look)
    if json:
        print_json([rating_data(r) for r in look.ratings])
    elif look.ratings:
        rubric = store.rubrics.get(found.rubric)
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
    from agent.cli.round_views import report_data, show_report

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
    space = workspace(ctx)
    found = space.store.rounds.get(reference)
    rated = rated_round(space, found, rater)
    if not call:
        _list_open(rated)
        return
    if not (criterion and value and reason.strip()):
        raise UsageError("adjudicating takes --call, --criterion, --value and --reason")
    wanted = criterion_of(rated.rubric, criterion)
    _adjudicate(space, rated, named(rater), call, wanted, (value, turn, quote), reason)


def _adjudicate(
    space: Workspace,
    rated: RatedRound,
    who: str,
    call: str,
    criterion: Criterion,
    given: tuple[str, str, str],
    reason: str,
) -> None:
    from datetime import UTC, datetime

    from agent.analysis.calibrating import splits
    from agent.analysis.human_ratings import human_judgement
    from agent.domain.calibration import Adjudication

    if call not in {split.call for split in splits(rated, criterion)}:
        raise UsageError(f"round {rated.round.number}: raters did not differ on {criterion.id} of {call!r}")
    judgement = human_judgement(criterion, space.store.calls.get(call), *given)
    decision = Adjudication(
        round=rated.round.id,
        call=call,
        criterion=criterion.id,
        judgement=judgement,
        reason=reason,
        by=who,
        at=datetime.now(UTC),
    )
    space.store.rounds.adjudicate(rated.round, decision)
    console().print(f"kept: {criterion.id} of {call} is {given[0]}; the raters' own ratings stay as they were")


def _list_open(rated: RatedRound) -> None:
    from agent.analysis.calibrating import splits
    from agent.cli.round_views import show_splits

    count = 0
    for criterion in rated.rubric.criteria:
        left = [split for split in splits(rated, criterion) if split.adjudication is None]
        if left:
            count += len(left)
            console().print(f"\n{criterion.id}", style="bold")
            show_splits(left)
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
    from agent.cli import sharpening

    space = workspace(ctx)
    found = report_of(space, reference)
    if file is not None:
        if accept or criterion or out:
            raise UsageError("--file hands in your own wording; it does not go with --accept, --criterion or --out")
        sharpening.take_over(space, found, file, label, json)
        return
    drafts = sharpening.drafted(space, found, criterion or [], budget)
    sharpening.finish(space, found, drafts, label, accept, out, json)
