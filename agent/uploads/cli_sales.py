"""`ratings import`, `deals import` and `coaching import`: CSV in, one line for each thing that cannot be used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.app.cli.context import Json, console, print_json, say, workspace
from agent.coaching.store import Coaching
from agent.core.errors import InputError
from agent.outcomes.store import Deals
from agent.rubrics.store import Rubrics
from agent.scoring.cli import ratings_app

if TYPE_CHECKING:
    from agent.uploads.sales_import import Imported

File = Annotated[Path, typer.Argument(help="CSV file.", show_default=False)]
Map = Annotated[list[str] | None, typer.Option("--map", help='Their column = our field: --map "Opportunity Owner=rep"')]
Dates = Annotated[
    Literal["month_first", "day_first"] | None, typer.Option("--dates", help="How to read dates like 3/4/2026.")
]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]

deals_app = typer.Typer(no_args_is_help=True, help="Deals out of a CRM.")
coaching_app = typer.Typer(no_args_is_help=True, help="Coaching cycles: who, when, on what.")


@ratings_app.command("import")
def import_ratings(
    ctx: typer.Context,
    file: File,
    rubric: RubricOption = "",
    map: Map = None,
    dates: Dates = None,
    json: Json = False,
) -> None:
    """Import ratings made elsewhere. Columns: call_id, date, rep, criterion, value, status; also stage, deal, period."""
    from agent.text.manifest import pairs
    from agent.uploads import sales_import

    space = workspace(ctx)
    found = space.store[Rubrics].get(rubric)
    made, calls = sales_import.import_ratings(space, file, found, pairs("--map", map or []), dates or "")
    if json:
        print_json({"rubric": found.label, **made.data()})
    else:
        console().print(f"{found.label}: {sum(made.done.values())} ratings on {calls} calls: {_counts(made.done)}")
    _end(made, "ratings")


@deals_app.command("import")
def import_deals(
    ctx: typer.Context,
    file: File,
    preset: Annotated[str, typer.Option("--preset", help="Column map of a CRM: salesforce or hubspot.")] = "",
    map: Map = None,
    dates: Dates = None,
    json: Json = False,
) -> None:
    """Import deals. Columns: deal_id, rep, opened, closed, furthest_stage, outcome, amount_usd."""
    from agent.text.manifest import pairs
    from agent.uploads import sales_import

    made, unknown = sales_import.import_deals(workspace(ctx), file, pairs("--map", map or []), dates or "", preset)
    if json:
        print_json({**made.data(), "without_stage": unknown})
    else:
        console().print(f"{sum(made.done.values())} deals: {_counts(made.done)}")
        if unknown:
            say(f"{unknown} lost deals do not say how far they came; they count for win rates and not in the funnel")
    _end(made, "deals")


@deals_app.command("list")
def list_deals(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All deals, or those of one rep."""
    from agent.app.cli.context import table

    found = [deal for deal in workspace(ctx).store[Deals].all() if rep in ("", deal.rep)]
    if json:
        print_json([deal.model_dump(mode="json") for deal in found])
        return
    rows = [[d.id, d.rep, d.opened, d.closed or "", d.stage or "?", d.outcome, d.amount_usd or ""] for d in found]
    table("", ["deal", "rep", "opened", "closed", "furthest stage", "outcome", "US dollars"], rows, ["US dollars"])


@coaching_app.command("import")
def import_coaching(ctx: typer.Context, file: File, map: Map = None, dates: Dates = None, json: Json = False) -> None:
    """Import coaching cycles. Columns: rep, cycle, start, end, criteria (separated by semicolons)."""
    from agent.text.manifest import pairs
    from agent.uploads import sales_import

    made, reps = sales_import.import_coaching(workspace(ctx), file, pairs("--map", map or []), dates or "")
    if json:
        print_json(made.data())
    else:
        console().print(f"{sum(made.done.values())} cycles of {reps} reps: {_counts(made.done)}")
    _end(made, "cycles")


@coaching_app.command("list")
def list_coaching(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All coaching cycles, or those of one rep."""
    from agent.app.cli.context import table

    found = [period for period in workspace(ctx).store[Coaching].periods() if rep in ("", period.rep)]
    if json:
        print_json([period.model_dump(mode="json") for period in found])
        return
    rows = [[p.rep, p.cycle, p.start, p.end, ", ".join(p.criteria)] for p in found]
    table("", ["rep", "cycle", "start", "end", "criteria"], rows)


def _counts(done: Counter[str]) -> str:
    return ", ".join(f"{count} {how}" for how, count in sorted(done.items())) or "nothing imported"


def _end(made: Imported, what: str) -> None:
    """One line a note and a problem, and exit code 3 if there was a problem."""
    for note in made.notes:
        say(f"note: {note}")
    for problem in made.problems:
        say(f"problem: {problem}")
    if made.problems:
        raise InputError(f"{len(made.problems)} problems in the file; all other {what} were imported")
