"""`closeread disputes`."""

from typing import Annotated, Literal

import typer

from agent.app.cli.context import As, Json, console, me, print_json, say, table
from agent.calibration.cli import QuoteOption, ReasonOption, TurnOption, rater
from agent.core.figures import read
from agent.disputes import verbs
from agent.disputes.model import DisputeFilters, DisputeVerdict
from agent.disputes.store import Disputes
from agent.disputes.views import DisputePageView, DisputeView
from agent.ratings.overriding import Given

app = typer.Typer(no_args_is_help=True, help="Ratings that reps dispute, and the answers.")
_MOST = 500


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[Literal["open", "answered"] | None, typer.Option(help="Only these.")] = None,
    rep: Annotated[str, typer.Option(help="Of this rep.")] = "",
    criterion: Annotated[str, typer.Option(help="About this criterion.")] = "",
    assigned: Annotated[str, typer.Option(help="That this person is to answer.")] = "",
    name: As = "",
    json: Json = False,
) -> None:
    """Disputes, open ones first and in each part the newest first."""
    who = me(ctx, name)
    page = who.space.store[Disputes].page(
        DisputeFilters(state or "", rep, criterion, assigned=assigned), limit=_MOST, viewer=who.name
    )
    shown = [DisputeView.of(row) for row in page.rows]
    if json:
        print_json(DisputePageView(items=shown, withheld=page.withheld))
    else:
        columns = ["id", "state", "after", "for", "call", "criterion", "rep", "what is said to be wrong"]
        rows = [[d.id, d.state, d.how_long, d.assigned, d.call, d.criterion, d.rep, d.comment] for d in shown]
        table("", columns, rows)
    if page.withheld:
        say(f"{page.withheld} not shown: a blind round has the call")


@app.command()
def show(ctx: typer.Context, dispute: str, name: As = "", json: Json = False) -> None:
    """One dispute with its answer."""
    who = me(ctx, name)
    _print(DisputeView.of(who.space.store[Disputes].get(dispute, viewer=who.name)), json)


@app.command()
def answer(
    ctx: typer.Context,
    dispute: str,
    verdict: Annotated[
        DisputeVerdict,
        typer.Argument(
            help="upheld: the rating was wrong; partly: it was, but the rep asks for too much; declined: it stays."
        ),
    ],
    reason: ReasonOption,
    level: Annotated[str, typer.Option(help="Where upheld: the right level, or n/a.")] = "",
    turn: TurnOption = "",
    quote: QuoteOption = "",
    name: As = "",
    json: Json = False,
) -> None:
    """Decline a dispute with a reason, or uphold it, in part or whole, with the right
    level. The rep reads the reason."""
    _print(
        DisputeView.of(verbs.answer_dispute(rater(ctx, name), dispute, verdict, Given(level, reason, turn, quote))),
        json,
    )


@app.command()
def assign(
    ctx: typer.Context,
    dispute: str,
    person: Annotated[str, typer.Argument(help="Name of an account that may rate; left out: nobody any more.")] = "",
    name: As = "",
    json: Json = False,
) -> None:
    """Say who is to answer a dispute. It waits on their Start page, and they are reminded of it."""
    _print(DisputeView.of(verbs.assign_dispute(rater(ctx, name), dispute, person)), json)


@app.command()
def counts(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")] = "",
    json: Json = False,
) -> None:
    """Disputes by criterion of one rubric and by who answers, and which criteria should be calibrated again."""
    counted = verbs.counts_of(me(ctx), rubric)
    if json:
        return print_json(counted)
    found, reviewers = counted.items, counted.reviewers
    states = ["open", "upheld", "partly", "declined"]
    rows = [
        [
            c.criterion,
            c.open,
            c.upheld,
            c.partly,
            c.declined,
            str(read(c.share, "counted", "rating")) if c.share else "none answered",
        ]
        for c in found
    ]
    title = f"Disputes by criterion of {counted.rubric.label}" if counted.rubric else ""
    table(title, ["criterion", *states, "upheld of answered"], rows, right=states)
    if reviewers:
        by = [[r.name, r.open, r.upheld, r.partly, r.declined, r.how_long] for r in reviewers]
        table("", ["who answers", *states, "answered after (median)"], by, right=states)
    for count in found:
        if count.mark:
            say(count.mark)


def _print(shown: DisputeView, json: bool) -> None:
    if json:
        return print_json(shown)
    lines = [
        f"{shown.id}: {shown.state}",
        f"  rating {shown.rating} of {shown.call} on {shown.criterion}, rep {shown.rep}",
        f"  opened {shown.at:%Y-%m-%d}, {'waiting for' if shown.answer is None else 'answered after'} {shown.how_long}"
        + (f", {shown.assigned} is to answer" if shown.assigned and shown.answer is None else ""),
    ]
    lines.append(f"  {shown.by}: {shown.comment}" + (f" (would give {shown.own})" if shown.own else ""))
    if shown.answer is None:
        lines.append(
            f"  to answer: closeread disputes answer {shown.id} upheld|partly|declined --reason TEXT --as NAME"
        )
    else:
        lines.append(f"  {shown.answer.by}, {shown.answer.verdict}: {shown.answer.reason}")
        lines += [f"  the rating is now {shown.answer.rating}"] if shown.answer.rating else []
    console().print("\n".join(lines), markup=False)
