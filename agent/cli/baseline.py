"""`closeread baseline`: calls drawn without bias, and the profiles they give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.context import As, Json, console, print_json, say, table, workspace
from agent.errors import GateClosed, UsageError

if TYPE_CHECKING:
    from agent.cli.season import Loaded
    from agent.domain.coaching import Baseline
    from agent.domain.statistic import Statistic
    from agent.stats.profiles import ProfileTable
    from agent.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Baselines: where each rep stands before coaching.")

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
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
        str, typer.Option("--calls", help="Call ids that a person picked; needs --rep and --manual.")
    ] = "",
    manual: Annotated[bool, typer.Option("--manual", help="Accept a picked list; it is marked for good.")] = False,
    by: As = "",
    json: Json = False,
) -> None:
    """Draw each rep's baseline calls: at random within stages, from the 30 days before. The draw is recorded."""
    from agent.cli.season import draw, load, the_rep

    space = workspace(ctx)
    loaded = load(space, rubric, viewer=by)
    reps = [the_rep(loaded.frame.reps, rep)] if rep else list(loaded.frame.reps)
    made = (
        _picked(space, loaded, rep, calls, manual, until, by) if calls else draw(space, loaded, reps, seed, until, by)
    )
    space.store.baselines.add(made)
    if json:
        print_json([_draw_data(b) for b in made])
    else:
        _show_draws(made)


def _picked(
    space: Workspace, loaded: Loaded, rep: str, calls: str, manual: bool, until: str, by: str
) -> list[Baseline]:
    from datetime import UTC, datetime

    from agent.analysis.season import picked
    from agent.cli.score import split
    from agent.cli.season import draw, the_rep

    if not rep:
        raise UsageError("a picked list is one rep's: add --rep NAME")
    if not manual:
        raise GateClosed(
            "a list of calls that a person picked is not a baseline: what is picked may be the best or the worst. "
            "Leave --calls out to draw, or add --manual to have it marked as picked"
        )
    name = the_rep(loaded.frame.reps, rep)
    end = draw(space, loaded, [name], 0, until)[0].end
    rules = space.rules.profiles
    return [picked(loaded.calls, name, split(calls), end, rules, loaded.rubric.id, by, datetime.now(UTC))]


def _draw_data(baseline: Baseline) -> dict[str, Any]:
    return {**baseline.model_dump(mode="json"), "missing": baseline.missing, "provisional": baseline.provisional}


def _show_draws(made: list[Baseline]) -> None:
    rows = [[b.rep, len(b.calls), b.available, f"{b.start} to before {b.end}", _how(b), _worth(b)] for b in made]
    table("", ["rep", "calls", "of", "window", "drawn", "worth"], rows, right=["calls", "of"])


def _how(baseline: Baseline) -> str:
    return "picked by hand" if baseline.manual else f"seed {baseline.seed}"


def _worth(baseline: Baseline) -> str:
    return f"provisional: {baseline.missing} calls missing" if baseline.provisional else "full"


@app.command()
def show(
    ctx: typer.Context,
    rubric: RubricOption = "",
    rep: RepOption = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write the heat map as SVG to this file.")] = None,
    viewer: As = "",
    json: Json = False,
) -> None:
    """Profiles: each rep's rate or mean on each criterion, with its interval and state, and the weighted total."""
    from agent.cli.season import baselines, load, the_rep

    space = workspace(ctx)
    loaded = load(space, rubric, viewer=viewer)
    recorded = baselines(space, loaded)
    profiles = profiles_of(space, loaded, recorded)
    only = the_rep(loaded.frame.reps, rep) if rep else ""
    totals = totals_of(loaded, recorded)
    if out is not None:
        from agent.report.charts import heat_map, write_svg

        say(f"written: {write_svg(heat_map(profiles.rows(), loaded.rubric), out)}")
    if json:
        print_json(_data(profiles, recorded, totals, only))
        return
    for baseline in (b for b in recorded if only in ("", b.rep)):
        _show_profile(baseline, profiles, totals)
    console().print(f"Team: total {_text(totals['team'])}; weights: {totals['source']}", markup=False)


def profiles_of(space: Workspace, loaded: Loaded, recorded: list[Baseline]) -> ProfileTable:
    """Profiles over the baseline calls, corrected for a model's errors where a suite has measured them."""
    from agent.analysis.season import baseline_tally
    from agent.cli.error_rates import error_counts
    from agent.stats.profiles import profile

    return profile(baseline_tally(loaded.frame, recorded), space.rules.profiles, error_counts(space, loaded))


def totals_of(loaded: Loaded, recorded: list[Baseline]) -> dict[str, Any]:
    """Weighted totals by rep, the team's, and where the weights are from."""
    from agent.stats.totals import WeightSet, rep_totals, team_total

    weights = {c.id: c.weight for c in loaded.rubric.criteria}
    known = set(loaded.frame.calls)
    chosen = loaded.frame.chosen([c for b in recorded for c in b.calls if c in known])
    found = rep_totals(loaded.frame, chosen, WeightSet(weights=weights, source=f"rubric {loaded.rubric.label}"))
    return {
        "reps": {total.rep: total for total in found},
        "team": team_total(found).total,
        "source": f"rubric {loaded.rubric.label}",
    }


def _data(profiles: ProfileTable, recorded: list[Baseline], totals: dict[str, Any], only: str) -> dict[str, Any]:
    from agent.cli.views import statistic_data

    rows = [row for row in profiles.rows() if only in ("", row.rep)]
    return {
        "baselines": [_draw_data(b) for b in recorded if only in ("", b.rep)],
        "profiles": [
            {
                "rep": row.rep,
                "criterion": row.criterion,
                "score": statistic_data(row.score),
                "shown": statistic_data(row.shown),
                "corrected": statistic_data(row.corrected),
                "state": row.state,
                "not_applicable": row.not_applicable,
                "failed": row.failed,
            }
            for row in rows
        ],
        "totals": [
            {"rep": rep, "total": statistic_data(total.total), "left_out": list(total.left_out)}
            for rep, total in totals["reps"].items()
            if only in ("", rep)
        ],
        "team": statistic_data(totals["team"]),
        "weights": totals["source"],
    }


def _show_profile(baseline: Baseline, profiles: ProfileTable, totals: dict[str, Any]) -> None:
    rows = [
        [r.criterion, _text(r.score), _corrected(r.corrected), r.state, _left_out(r.not_applicable, r.failed)]
        for r in profiles.rows()
        if r.rep == baseline.rep
    ]
    title = f"{baseline.rep}: {len(baseline.calls)} calls ({_how(baseline)}), {_worth(baseline)}"
    columns = ["criterion", "score", "corrected", "state", "left out"]
    if not any(row[2] for row in rows):
        columns.pop(2)
        rows = [[*row[:2], *row[3:]] for row in rows]
    table(title, columns, rows)
    console().print(f"total {_text(totals['reps'][baseline.rep].total)}\n", markup=False)


def _corrected(found: Statistic) -> str:
    from agent.domain.statistic import Estimate

    return _text(found) if isinstance(found, Estimate) else ""


def _left_out(not_applicable: int, failed: int) -> str:
    parts = [f"{not_applicable} n/a"] * bool(not_applicable) + [f"{failed} failed"] * bool(failed)
    return ", ".join(parts)


def _text(found: Statistic) -> str:
    from agent.report.words import number

    return number(found)
