"""`closeread gaps`: what the team shares first, then each rep's own."""

from typing import Annotated

import typer

from agent.app.cli.context import As, Json, console, me, print_json, say
from agent.app.cli.parts import print_parts
from agent.profiles.parts import gaps_part
from agent.profiles.population import Population
from agent.profiles.season import rated_season, the_rep
from agent.profiles.verbs import gaps_of, with_baselines

PeriodOption = Annotated[
    str, typer.Option("--period", help="baseline, all, a number of days (30d), or a cycle; default: how reps do now.")
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
    who = me(ctx, viewer)
    season = with_baselines(who, rated_season(who.space, say, rubric), say)
    only = the_rep(season.reps, rep) if rep else ""
    found = gaps_of(season, Population.named(period), only, calls=calls or json, viewer=viewer)
    if json:
        return print_json(found)
    print_parts(gaps_part(found, season.rubric))
    for gap in found.own if calls else []:
        for one in gap.typical:
            where = f"turn {one.turn}, {one.speaker}: “{one.text}” " if one.turn is not None else ""
            console().print(f"{gap.rep}, {gap.criterion}, {one.call} ({one.date}): {where}{one.why}", markup=False)
