"""`closeread calibrate rate`, `submit`, `correct`: what a rater does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import console, say, workspace
from agent.calibration.cli_rounds import Rater, RoundArgument, named
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.model import CalibrationRound
    from agent.calls.model import Call
    from agent.rubrics.model import Criterion, Rubric
    from agent.workspace import Workspace

CallOption = Annotated[str, typer.Option("--call", help="Id of the call.")]
CriterionOption = Annotated[str, typer.Option("--criterion", help="Id of the criterion.")]
ValueOption = Annotated[str, typer.Option("--value", help="A level of the scale, or n/a.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
TurnOption = Annotated[str, typer.Option("--turn", help="Number of the turn that shows it.")]
QuoteOption = Annotated[str, typer.Option("--quote", help="Words of that turn; default: the whole turn.")]


def mount(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (rate, submit, correct):
        app.command()(command)


def rate(
    ctx: typer.Context,
    reference: RoundArgument = "",
    rater: Rater = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="CSV: call_id, criterion, value[, turn, quote, reason].")
    ] = None,
    call: Annotated[str, typer.Option("--call", help="Rate this call again, all criteria.")] = "",
) -> None:
    """Rate the calls of a round, alone: in the terminal, or from a file. Stop and go on as you like until you submit."""
    from agent.calibration.round_files import drafts_from_file
    from agent.calibration.round_rating import left_to_rate, without_words

    space, who = workspace(ctx), named(rater)
    found = space.store[Rounds].get(reference)
    rubric = space.store[Rubrics].get(found.rubric)
    space.store[Rounds].check_open(found, who)
    if file is not None:
        calls = {c.id: c for c in space.store[Calls].all(found.calls)}
        new = drafts_from_file(file, found, who, rubric, calls)
        space.store[Rounds].save(found, who, new)
        if bare := without_words(new, rubric):
            say(f"{bare} ratings above the lowest level name no turn: the report cannot show what they rest on")
    else:
        _rate_in_terminal(space, found, who, rubric, left_to_rate(space, found, who, call))
    _say_progress(space, found, who, rubric)


def _rate_in_terminal(
    space: Workspace, found: CalibrationRound, who: str, rubric: Rubric, left: list[tuple[Call, list[Criterion]]]
) -> None:
    from agent.calibration.cli_session import Session

    out = console()

    def ask(question: str) -> str:
        out.print(question, end="", markup=False)
        return input()

    Session(rubric, ask, out, lambda draft: space.store[Rounds].save(found, who, [draft])).rate(left)


def _say_progress(space: Workspace, found: CalibrationRound, who: str, rubric: Rubric) -> None:
    wanted, done = len(found.calls) * len(rubric.criteria), space.store[Rounds].drafted(found)[who]
    next_step = f"closeread calibrate {'submit' if done == wanted else 'rate'} {found.number} --as {who}"
    console().print(f"{done} of {wanted} ratings of round {found.number}; next: {next_step}", markup=False)


def submit(ctx: typer.Context, reference: RoundArgument = "", rater: Rater = "") -> None:
    """Make your ratings of a round final. From then on you may see those of others who have submitted."""
    from agent.calibration.round_rating import submit as submitted

    space, who = workspace(ctx), named(rater)
    count, fresh = submitted(space, space.store[Rounds].get(reference), who)
    wait = f"waiting for {', '.join(fresh.waiting)}" if fresh.waiting else "all have submitted"
    console().print(f"{count} ratings by {who} are final; {wait}.", markup=False)
    step = f"reveal {fresh.number} --as {who}" if fresh.waiting else f"report {fresh.number}"
    console().print(f"next: closeread calibrate {step}", markup=False)


def correct(
    ctx: typer.Context,
    call: CallOption,
    criterion: CriterionOption,
    value: ValueOption,
    reason: ReasonOption,
    reference: RoundArgument = "",
    rater: Rater = "",
    turn: TurnOption = "",
    quote: QuoteOption = "",
) -> None:
    """Correct a rating after submitting: a new rating with a reason. The round's verdict stays as it was, blind."""
    from agent.calibration.round_rating import correct as corrected

    space, who = workspace(ctx), named(rater)
    found = space.store[Rounds].get(reference)
    stored = corrected(space, found, who, call, criterion, value, turn, quote, reason)
    console().print(f"{stored.id} corrects {stored.supersedes}; round {found.number} keeps what was submitted blind.")
