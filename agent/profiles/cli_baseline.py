"""`closeread baseline`: calls drawn without bias, and the profiles they give."""

from datetime import date
from typing import Annotated

import typer

from agent.app.cli.context import As, Json, console, me, print_json, say, say_next, table
from agent.app.cli.writing import ChartOption, LanguageOption, write_chart
from agent.app.documents.charts import heat_map
from agent.app.documents.words import profile_words
from agent.calls.cli import calls_named
from agent.core.direction import Direction
from agent.core.errors import InputError
from agent.core.figures import read
from agent.core.statistic import Estimate, Statistic
from agent.profiles.baselines import changed_since
from agent.profiles.heat_map import HeatMap, team_heat_map
from agent.profiles.model import Baseline
from agent.profiles.population import Population
from agent.profiles.season import rated_season, season, the_rep
from agent.profiles.verbs import draw_baselines, with_baselines
from agent.profiles.views import BaselineView, ProfilesView
from agent.scoring.cli import split
from agent.text.dates import read_day

app = typer.Typer(no_args_is_help=True, help="Baselines: where each rep stands before coaching.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
PeriodOption = Annotated[str, typer.Option("--period", help="baseline, all, a number of days (30d), or a cycle.")]
RepOption = Annotated[str, typer.Option("--rep", help="Only this rep.")]


@app.command()
def make(
    ctx: typer.Context,
    rubric: RubricOption = "",
    rep: RepOption = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draw; it is recorded.")] = 0,
    until: Annotated[
        str, typer.Option("--until", help="First day after the window; default: when coaching began.")
    ] = "",
    calls: Annotated[
        str,
        typer.Option("--calls", help="Call ids that a person picked; needs --rep and --manual.", callback=calls_named),
    ] = "",
    manual: Annotated[bool, typer.Option("--manual", help="Accept a picked list; it is marked for good.")] = False,
    by: As = "",
    json: Json = False,
) -> None:
    """Draw each rep's baseline calls: at random within stages, from the 30 days before. The draw is recorded."""
    who = me(ctx, by)
    using = season(who.space, say, rubric).rubric.id  # says which rubric was taken
    made = draw_baselines(who, using, rep=rep, seed=seed, until=_day(until), calls=split(calls), manual=manual)
    if json:
        return print_json([BaselineView.of(who.space, b) for b in made])
    rows = [[b.rep, len(b.calls), b.available, f"{b.start} to before {b.end}", _how(b), _worth(b)] for b in made]
    table("", ["rep", "calls", "of", "window", "drawn", "worth"], rows, right=["calls", "of"])
    say_next(who)


def _day(until: str) -> date | None:
    try:
        return read_day(until) if until else None
    except ValueError as error:
        raise InputError(f"--until: {error}") from error


def _how(baseline: Baseline) -> str:
    return "picked by hand" if baseline.manual else "drawn at random"


def _worth(baseline: Baseline) -> str:
    return f"provisional: {baseline.missing} calls missing" if baseline.provisional else "full"


@app.command()
def show(
    ctx: typer.Context,
    rubric: RubricOption = "",
    rep: RepOption = "",
    period: PeriodOption = "baseline",
    out: ChartOption = None,
    language: LanguageOption = "en",
    json: Json = False,
) -> None:
    """Profiles: each rep's rate or mean on each criterion, with its range and state, and the weighted total."""
    who = me(ctx)
    team = team_heat_map(with_baselines(who, rated_season(who.space, say, rubric), say), Population.named(period))
    only = the_rep(team.reps, rep) if rep else ""
    write_chart(lambda: heat_map(team.rows(), Direction.by_id(team.criteria)), out, language)
    if json:
        return print_json(ProfilesView.of(team, only))
    console().print(f"Over: {team.title}", markup=False)
    for baseline in (b for b in team.baselines if only in ("", b.rep)):
        _show_profile(baseline, team)
        if since := changed_since(who.space, baseline):
            console().print(f"{since}\n", markup=False)
    console().print(f"Team: total {_text(team.totals.team, 'rep')}; weights: {team.totals.source}", markup=False)


def _show_profile(baseline: Baseline, heat_map: HeatMap) -> None:
    words = Direction.by_id(heat_map.criteria)
    rows = [
        [
            words[r.criterion].named(r.criterion),
            *profile_words(r, words[r.criterion]),
            _corrected(r.corrected, words[r.criterion]),
        ]
        for r in heat_map.rows()
        if r.rep == baseline.rep
    ]
    title = f"{baseline.rep}: {len(baseline.calls)} calls ({_how(baseline)}), {_worth(baseline)}"
    columns = ["criterion", "score", "state", "left out", "corrected"]
    shown = 5 if any(row[4] for row in rows) else 4
    table(title, columns[:shown], [row[:shown] for row in rows])
    console().print(f"total {_text(heat_map.totals.of(baseline.rep))}\n", markup=False)


def _corrected(statistic: Statistic, say: Direction) -> str:
    if not isinstance(statistic, Estimate):
        return ""
    return str(read(statistic, "rate" if say.scale.binary else "level", "call", say.scale))


def _text(statistic: Statistic, unit: str = "call") -> str:
    return str(read(statistic, "rate", unit))
