"""`closeread gaps`: what the team shares first, then each rep's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.context import As, Json, console, print_json, table, workspace

if TYPE_CHECKING:
    from agent.cli.season import Loaded
    from agent.domain.coaching import Baseline
    from agent.stats.gaps import GapReport
    from agent.wiring import Workspace


def gaps(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Option("--rubric", help="Id or label; default: the one in use.")] = "",
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    calls: Annotated[bool, typer.Option("--calls", help="Show two typical calls with the nearest miss.")] = False,
    viewer: As = "",
    json: Json = False,
) -> None:
    """Criteria clearly below target: shared by several reps (team gaps) first, then each rep's own."""
    from agent.cli.season import baselines, load, the_rep

    space = workspace(ctx)
    loaded = load(space, rubric, viewer=viewer)
    recorded = baselines(space, loaded)
    report = gap_report(space, loaded, recorded)
    only = the_rep(loaded.frame.reps, rep) if rep else ""
    typical = _typical(space, loaded, report, only, viewer) if calls or json else {}
    if json:
        print_json(_data(report, only, typical))
    else:
        show_gaps(report, only)
        _show_typical(typical)


def gap_report(space: Workspace, loaded: Loaded, recorded: list[Baseline]) -> GapReport:
    """Gaps over the baselines, ranked with the link of their patterns to losses where that is known."""
    from agent.cli.baseline import profiles_of
    from agent.stats.gaps import find_gaps

    links = loss_links(space, loaded)
    return find_gaps(profiles_of(space, loaded, recorded), space.rules.gaps, links)


def loss_links(space: Workspace, loaded: Loaded) -> dict[str, float]:
    """By criterion: how much more prevalent its pattern is in the interviews of one outcome than the other."""
    from agent.domain.statistic import Estimate
    from agent.errors import NotFound

    try:
        patterns = {p.id: p for p in space.store.extractions.newest().patterns.patterns}
    except NotFound:
        return {}
    found = {}
    for criterion in loaded.rubric.criteria:
        pattern = patterns.get(criterion.pattern)
        if pattern is not None and isinstance(pattern.contrast.difference, Estimate):
            found[criterion.id] = abs(pattern.contrast.difference.value)
    return found


Typical = dict[tuple[str, str], list[dict[str, Any]]]


def _typical(space: Workspace, loaded: Loaded, report: GapReport, only: str, viewer: str) -> Typical:
    from agent.analysis.moments import MomentFinder

    finder = MomentFinder(space.store, loaded.rubric, loaded.frame, loaded.columns.with_transcript, viewer)
    found: Typical = {}
    for gap in report.own:
        if only in ("", gap.rep):
            moments = finder.missed(gap.rep, gap.criterion, 2)
            found[gap.rep, gap.criterion] = [_moment(m) for m in moments]
    return found


def _moment(moment: Any) -> dict[str, Any]:
    passage = moment.passage
    near = None if passage is None else next(t for t in passage.turns if t.index == passage.turn)
    return {
        "call": moment.call,
        "date": moment.date.isoformat(),
        "turn": None if near is None else near.index,
        "speaker": None if near is None else near.speaker,
        "text": None if near is None else near.text,
        "why": moment.why,
    }


def _data(report: GapReport, only: str, typical: Typical) -> dict[str, Any]:
    own = [gap for gap in report.own if only in ("", gap.rep)]
    return {
        "team": [gap.model_dump(mode="json") for gap in report.team],
        "own": [{**gap.model_dump(mode="json"), "typical": typical.get((gap.rep, gap.criterion), [])} for gap in own],
        "any_by_luck": report.any_by_luck,
        "note": report.note,
    }


def show_gaps(report: GapReport, only: str = "") -> None:
    """Both lists on the terminal."""
    rows = [
        [g.criterion, f"{len(g.reps)} of {g.of}", f"{g.size:.2f}", f"{g.by_luck:.1e}", _luck(g.beyond_luck)]
        for g in report.team
    ]
    columns = ["criterion", "reps below target", "size", "by luck", "more than luck"]
    table("Team gaps", columns, rows, right=columns[1:4]) if rows else console().print("No gap is shared by the team.")
    own = [g for g in report.own if only in ("", g.rep) and (only or not g.shared)]
    if own:
        columns = ["rep", "criterion", "severity", "size", "calls"]
        marked = [
            [g.rep, g.criterion + (" (team)" if g.shared else ""), g.severity, f"{g.size:.2f}", g.calls] for g in own
        ]
        table("\nOwn gaps", columns, marked, right=columns[3:])
    console().print(
        f"{report.note}. Size is the distance to the target as a part of the scale. A team without any gap would show "
        f"one with probability {report.any_by_luck:.3f}.",
        markup=False,
    )


def _luck(beyond: bool) -> str:
    return "yes" if beyond else "no: luck may have made it"


def _show_typical(typical: Typical) -> None:
    for (rep, criterion), moments in typical.items():
        for m in moments:
            where = f"turn {m['turn']}, {m['speaker']}: “{m['text']}” " if m["turn"] is not None else ""
            console().print(f"{rep}, {criterion}, {m['call']} ({m['date']}): {where}{m['why']}", markup=False)
