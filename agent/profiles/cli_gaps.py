"""`closeread gaps`: what the team shares first, then each rep's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import As, Json, console, print_json, say, table, workspace

if TYPE_CHECKING:
    from agent.profiles.gaps import Typical
    from agent.stats.gaps import GapReport

PeriodOption = Annotated[
    str, typer.Option("--period", help="baseline, all, a number of days (30d), or a cycle; default: the baseline.")
]


def gaps(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Option("--rubric", help="Id or label; default: the one in use.")] = "",
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    period: PeriodOption = "",
    calls: Annotated[bool, typer.Option("--calls", help="Show two typical calls with the nearest miss.")] = False,
    viewer: As = "",
    json: Json = False,
) -> None:
    """Criteria clearly below target: shared by several reps (team gaps) first, then each rep's own."""
    from agent.profiles.baselines import draw_missing
    from agent.profiles.gaps import gaps_data, typical_calls
    from agent.profiles.heat_map import all_gaps
    from agent.profiles.population import Population
    from agent.profiles.season import rated_season, the_rep

    space = workspace(ctx)
    found, population = draw_missing(rated_season(space, say, rubric), say), Population.named(period)
    report = all_gaps(found, population)
    only = the_rep(found.reps, rep) if rep else ""
    typical = typical_calls(found, report, only, viewer) if calls or json else {}
    title = found.title(population)
    if json:
        print_json({"population": title, **gaps_data(report, only, typical)})
    else:
        console().print(f"Over: {title}", markup=False)
        show_gaps(report, only)
        _show_typical(typical)


def show_gaps(report: GapReport, only: str = "") -> None:
    """Both lists on the terminal."""
    from agent.core.statistic import chance

    _show_team(report)
    _show_own(report, only)
    console().print(
        f"{report.note}. Size is the distance to the target as a part of the scale. A team without any gap would show "
        f"one with probability {chance(report.any_by_luck)}.",
        markup=False,
    )


def _show_team(report: GapReport) -> None:
    from agent.core.statistic import chance
    from agent.profiles.gaps import coach_first

    first = coach_first(report)
    rows = [
        [
            g.criterion,
            f"{len(g.reps)} of {g.of}",
            f"{g.size:.2f}",
            chance(g.by_luck),
            "yes, coach first" if g.criterion in first else _luck(g.beyond_luck),
        ]
        for g in report.team
    ]
    columns = ["criterion", "below target", "size", "by luck", "more than luck"]
    table("Team gaps", columns, rows, right=columns[1:4]) if rows else console().print("No gap is shared by the team.")


def _show_own(report: GapReport, only: str) -> None:
    from agent.profiles.gaps import coach_first

    own = [g for g in report.own if only in ("", g.rep) and (only or not g.shared)]
    first = {rep: coach_first(report, rep) for rep in {g.rep for g in own}}
    rows = [
        [
            g.rep,
            g.criterion + (" (team)" if g.shared else ""),
            g.severity,
            f"{g.size:.2f}",
            g.calls,
            "first" if g.criterion in first[g.rep] else "",
        ]
        for g in own
    ]
    columns = ["rep", "criterion", "severity", "size", "calls", "coach"]
    if rows:
        table("\nOwn gaps", columns, rows, right=columns[3:5])


def _luck(beyond: bool) -> str:
    return "yes" if beyond else "no: luck may have made it"


def _show_typical(typical: Typical) -> None:
    for (rep, criterion), moments in typical.items():
        for m in moments:
            where = f"turn {m['turn']}, {m['speaker']}: “{m['text']}” " if m["turn"] is not None else ""
            console().print(f"{rep}, {criterion}, {m['call']} ({m['date']}): {where}{m['why']}", markup=False)
