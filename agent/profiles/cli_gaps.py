"""`closeread gaps`: what the team shares first, then each rep's own."""

from collections.abc import Iterator
from typing import Annotated

import typer

from agent.app.cli.context import As, Json, console, me, print_json, say, table
from agent.core.direction import Direction
from agent.core.statistic import chance
from agent.profiles.population import Population
from agent.profiles.season import rated_season, the_rep
from agent.profiles.verbs import gaps_of, with_baselines
from agent.profiles.views import GapsView
from agent.rubrics.model import Rubric

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
        print_json(found)
        return
    console().print(f"Over: {found.population}", markup=False)
    if not only:
        _show_team(found, season.rubric)
    _show_own(found, season.rubric, bool(only))
    for line in _luck_words(found):
        console().print(line, markup=False)
    for gap in found.own if calls else []:
        for one in gap.typical:
            where = f"turn {one.turn}, {one.speaker}: “{one.text}” " if one.turn is not None else ""
            console().print(f"{gap.rep}, {gap.criterion}, {one.call} ({one.date}): {where}{one.why}", markup=False)


def _show_team(found: GapsView, rubric: Rubric) -> None:
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    rows = [
        [
            words[gap.criterion].named(gap.criterion),
            f"{len(gap.reps)} of {gap.of}",
            gap.calls,
            f"{words[gap.criterion].far(gap.size)} {'over' if words[gap.criterion].avoid else 'short'}",
            f"{gap.coached_since or ''}{f', {gap.reps_moved} of {gap.reps_coached} moved' if gap.reps_coached else ''}",
            chance(gap.by_luck),
            "coach first" if gap.criterion in found.focus else "" if gap.beyond_luck else "may be luck",
        ]
        for gap in found.team
    ]
    columns = ["criterion", "off target", "calls", "of target", "coached since", "by luck", ""]
    if rows:
        table("Team gaps", columns, rows, right=["off target", "calls", "of target", "by luck"])
    else:
        console().print("No gap is shared by the team.")


def _show_own(found: GapsView, rubric: Rubric, of_one: bool) -> None:
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    rows = [
        [
            gap.rep,
            words[gap.criterion].named(gap.criterion) + (" (team)" if gap.shared else ""),
            gap.in_words,
            f"{words[gap.criterion].far(gap.size)} {'over' if words[gap.criterion].avoid else 'short'}",
            gap.calls,
            chance(gap.by_luck),
            "first" if gap.first else "",
        ]
        for gap in found.own
        if of_one or not gap.shared
    ]
    columns = ["rep", "criterion", "severity", "of target", "calls", "by luck", "coach"]
    if rows:
        table("\nOwn gaps", columns, rows, right=["of target", "calls", "by luck"])
    elif of_one:
        console().print("No criterion is clearly off target.")


def _luck_words(found: GapsView) -> Iterator[str]:
    yield f"{found.note[:1].upper()}{found.note[1:]}."
    if found.any_by_luck is not None:
        yield f"Luck alone would show one in {chance(found.any_by_luck)} of teams without any."
    yield (
        f"Of {found.own_tests} own profiles luck alone would show {found.own_by_luck:.1f} as gaps, were everybody exactly "
        "at target."
    )
