"""`ratings import`, `deals import` and `coaching import`: CSV in, one line for each thing that cannot be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agent.cli.context import Json, console, print_json, say, workspace
from agent.errors import CloseReadError, InputError

if TYPE_CHECKING:
    from agent.text.rating_import import RatingIntake
    from agent.wiring import Workspace

File = Annotated[Path, typer.Argument(help="CSV file.", show_default=False)]
Map = Annotated[list[str] | None, typer.Option("--map", help='Their column = our field: --map "Opportunity Owner=rep"')]
Dates = Annotated[
    Literal["month_first", "day_first"] | None, typer.Option("--dates", help="How to read dates like 3/4/2026.")
]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest.")]

deals_app = typer.Typer(no_args_is_help=True, help="Deals out of a CRM.")
coaching_app = typer.Typer(no_args_is_help=True, help="Coaching cycles: who, when, on what.")


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
    from agent.text.rating_import import read_ratings

    space = workspace(ctx)
    found = space.store.rubrics.get(rubric)
    intake = read_ratings(file, found, pairs("--map", map or []), dates or "")
    done = store_ratings(space, intake, file, found.id)
    if json:
        print_json({"rubric": found.label, **_said(done, intake.problems)})
    else:
        console().print(f"{found.label}: {sum(done.values())} ratings on {len(intake.calls)} calls: {_counts(done)}")
    _end(intake.problems, "ratings")


def store_ratings(space: Workspace, intake: RatingIntake, file: Path, rubric: str) -> Counter[str]:
    """Store what was read; rows that contradict a call already stored become problems."""
    from agent.errors import ImportProblem
    from agent.store.rating_import import ImportedCall, ImportedRating

    store = space.store.imported_ratings
    known = store.known_calls()
    wrong = {
        call
        for call, facts in intake.calls.items()
        if call in known and (known[call].rep, known[call].date) != (facts.rep, facts.date)
    }
    for call in sorted(wrong):
        stored = known[call]
        what = f"{call} is stored as a call of {stored.rep} on {stored.date}; its ratings are left out"
        intake.problems.append(ImportProblem(str(file), None, what, "put rep and date right, or give it another id"))
    new = [ImportedCall(call, *facts) for call, facts in intake.calls.items() if call not in known]
    given = [ImportedRating(*rating) for rating in intake.ratings if rating.call not in wrong]
    return store.add(new, given, f"import:{file.stem}", rubric)


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
    from agent.text.deal_rows import DealMap, read_deals
    from agent.text.manifest import pairs
    from agent.text.tables import over

    space = workspace(ctx)
    own = pairs("--map", map or [])
    mapping = DealMap(columns=own, dates=dates or "")
    if preset:
        there = space.settings.export_map(preset)
        columns = over(there.columns, own)
        mapping = DealMap(columns, there.stages, there.outcomes, dates or there.dates)
    funnel, covered = funnel_stages(space)
    intake = read_deals(file, funnel, mapping, covered)
    done = space.store.deals.add(intake.rows)
    unknown = sum(not deal.stage for deal in intake.rows)
    if json:
        print_json({**_said(done, intake.problems), "without_stage": unknown})
    else:
        console().print(f"{sum(done.values())} deals: {_counts(done)}")
        if unknown:
            say(f"{unknown} lost deals do not say how far they came; they count for win rates and not in the funnel")
    _end(intake.problems, "deals")


def funnel_stages(space: Workspace) -> tuple[tuple[str, ...], dict[str, str]]:
    """The funnel's stages in order, and the funnel's stage of each of the workspace's other stages."""
    funnel = space.stages.funnel
    return tuple(s.id for s in funnel), {covered: s.id for s in funnel for covered in s.covers if covered != s.id}


@deals_app.command("list")
def list_deals(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All deals, or those of one rep."""
    from agent.cli.context import table

    found = [deal for deal in workspace(ctx).store.deals.all() if rep in ("", deal.rep)]
    if json:
        print_json([deal.model_dump(mode="json") for deal in found])
        return
    rows = [[d.id, d.rep, d.opened, d.closed or "", d.stage or "?", d.outcome, d.amount_usd or ""] for d in found]
    table("", ["deal", "rep", "opened", "closed", "furthest stage", "outcome", "US dollars"], rows, ["US dollars"])


@coaching_app.command("import")
def import_coaching(ctx: typer.Context, file: File, map: Map = None, dates: Dates = None, json: Json = False) -> None:
    """Import coaching cycles. Columns: rep, cycle, start, end, criteria (separated by semicolons)."""
    from agent.text.deal_rows import read_coaching
    from agent.text.manifest import pairs

    space = workspace(ctx)
    known = sorted({c.id for stored in space.store.rubrics.all() for c in stored.rubric.criteria})
    intake = read_coaching(file, known, pairs("--map", map or []), dates or "")
    done = space.store.coaching.add_periods(intake.rows)
    if json:
        print_json(_said(done, intake.problems))
    else:
        reps = len({period.rep for period in intake.rows})
        console().print(f"{sum(done.values())} cycles of {reps} reps: {_counts(done)}")
    _end(intake.problems, "cycles")


@coaching_app.command("list")
def list_coaching(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All coaching cycles, or those of one rep."""
    from agent.cli.context import table

    found = [period for period in workspace(ctx).store.coaching.periods() if rep in ("", period.rep)]
    if json:
        print_json([period.model_dump(mode="json") for period in found])
        return
    rows = [[p.rep, p.cycle, p.start, p.end, ", ".join(p.criteria)] for p in found]
    table("", ["rep", "cycle", "start", "end", "criteria"], rows)


def _counts(done: Counter[str]) -> str:
    return ", ".join(f"{count} {how}" for how, count in sorted(done.items())) or "nothing imported"


def _said(done: Counter[str], problems: Sequence[CloseReadError]) -> dict[str, Any]:
    counted = {how: done.get(how, 0) for how in ("new", "changed", "unchanged")}
    return {**counted, "problems": [str(problem) for problem in problems]}


def _end(problems: Sequence[CloseReadError], what: str) -> None:
    """One line a problem, and exit code 3 if there was any."""
    for problem in problems:
        say(f"problem: {problem}")
    if problems:
        raise InputError(f"{len(problems)} problems in the file; all other {what} were imported")
