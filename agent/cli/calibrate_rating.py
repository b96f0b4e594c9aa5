"""`closeread calibrate rate`, `submit`, `correct`: what a rater does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import console, say, workspace
from agent.cli.rounds import Rater, RoundArgument, criterion_of, named

if TYPE_CHECKING:
    from agent.domain.calibration import CalibrationRound, Draft
    from agent.domain.rubric import Criterion, Rubric
    from agent.domain.sales import Call
    from agent.wiring import Workspace

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
    from agent.cli.round_files import drafts_from_file

    space, who = workspace(ctx), named(rater)
    found = space.store.rounds.get(reference)
    rubric = space.store.rubrics.get(found.rubric)
    space.store.rounds.check_open(found, who)
    before = space.store.rounds.drafts(found, who)
    calls = {c.id: c for c in space.store.calls.all(found.calls)}
    if file is not None:
        new = drafts_from_file(file, found, who, rubric, calls)
        space.store.rounds.save(found, who, new)
        _say_without_words(new, rubric)
    else:
        _rate_in_terminal(space, found, who, rubric, _missing(found, rubric, calls, before, call))
    _say_progress(space, found, who, rubric)


def _missing(
    found: CalibrationRound, rubric: Rubric, calls: dict[str, Call], before: list[Draft], again: str
) -> list[tuple[Call, list[Criterion]]]:
    """Calls with the criteria that are not rated yet; all of one call, if it is to be rated again."""
    from agent.errors import UsageError

    if again:
        if again not in calls:
            raise UsageError(f"{again!r} is no call of round {found.number}; its calls are {', '.join(found.calls)}")
        return [(calls[again], list(rubric.criteria))]
    done = {(draft.call, draft.criterion) for draft in before}
    left = [(calls[c], [k for k in rubric.criteria if (c, k.id) not in done]) for c in found.calls]
    return [(call, criteria) for call, criteria in left if criteria]


def _rate_in_terminal(
    space: Workspace, found: CalibrationRound, who: str, rubric: Rubric, left: list[tuple[Call, list[Criterion]]]
) -> None:
    from agent.cli.rating_session import Session

    out = console()

    def ask(question: str) -> str:
        out.print(question, end="", markup=False)
        return input()

    Session(rubric, ask, out, lambda draft: space.store.rounds.save(found, who, [draft])).rate(left)


def _say_without_words(drafts: list[Draft], rubric: Rubric) -> None:
    from agent.domain.rating import Rated

    bare = sum(
        isinstance(d.judgement, Rated)
        and not d.judgement.quotes
        and criterion_of(rubric, d.criterion).shown(d.judgement.value)
        for d in drafts
    )
    if bare:
        say(f"{bare} ratings above the lowest level name no turn: the report cannot show what they rest on")


def _say_progress(space: Workspace, found: CalibrationRound, who: str, rubric: Rubric) -> None:
    wanted, done = len(found.calls) * len(rubric.criteria), space.store.rounds.drafted(found)[who]
    next_step = f"closeread calibrate {'submit' if done == wanted else 'rate'} {found.number} --as {who}"
    console().print(f"{done} of {wanted} ratings of round {found.number}; next: {next_step}", markup=False)


def submit(ctx: typer.Context, reference: RoundArgument = "", rater: Rater = "") -> None:
    """Make your ratings of a round final. From then on you may see those of others who have submitted."""
    from datetime import UTC, datetime

    space, who = workspace(ctx), named(rater)
    found = space.store.rounds.get(reference)
    rubric = space.store.rubrics.get(found.rubric)
    count = space.store.rounds.submit(found, who, [c.id for c in rubric.criteria], datetime.now(UTC))
    fresh = space.store.rounds.get(found.id)
    wait = f"waiting for {', '.join(fresh.waiting)}" if fresh.waiting else "all have submitted"
    console().print(f"{count} ratings by {who} are final; {wait}.", markup=False)
    step = f"reveal {found.number} --as {who}" if fresh.waiting else f"report {found.number}"
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
    from datetime import UTC, datetime

    from agent.analysis.human_ratings import human_judgement
    from agent.domain.rating import Provenance, Rating

    space, who = workspace(ctx), named(rater)
    found = space.store.rounds.get(reference)
    rubric = space.store.rubrics.get(found.rubric)
    wanted = criterion_of(rubric, criterion)
    judgement = human_judgement(wanted, space.store.calls.get(call), value, turn, quote)
    rating = Rating(
        call=call,
        criterion=wanted.id,
        rater=who,
        judgement=judgement,
        reason=reason,
        provenance=Provenance(rubric=rubric.id),
        at=datetime.now(UTC),
    )
    stored = space.store.rounds.correct(found, rating)
    console().print(f"{stored.id} corrects {stored.supersedes}; round {found.number} keeps what was submitted blind.")
