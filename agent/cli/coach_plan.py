"""Making, showing and writing coaching plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.context import console

if TYPE_CHECKING:
    from agent.domain.coaching import CoachingPeriod, CoachingPlan, CoachMoment
    from agent.domain.rubric import Rubric
    from agent.wiring import Workspace


def plan_for(space: Workspace, rep: str, rubric: str, viewer: str) -> tuple[CoachingPlan, Rubric]:
    """The plan of a rep, or of the team where `rep` is empty, from stored ratings alone."""
    from datetime import UTC, datetime

    from agent.analysis.coaching import rep_plan, team_plan
    from agent.analysis.moments import MomentFinder
    from agent.cli.gaps import gap_report
    from agent.cli.season import baselines, load, the_rep

    loaded = load(space, rubric, viewer=viewer)
    report = gap_report(space, loaded, baselines(space, loaded))
    finder = MomentFinder(space.store, loaded.rubric, loaded.frame, loaded.columns.with_transcript, viewer)
    at = datetime.now(UTC)
    if not rep:
        return team_plan(report, loaded.rubric, finder, at), loaded.rubric
    return rep_plan(the_rep(loaded.frame.reps, rep), report, loaded.rubric, finder, at), loaded.rubric


def write_brief(plan: CoachingPlan, path: Path, form: str | None, period: CoachingPeriod | None, coach: str) -> None:
    """Write the one-page brief in the format asked for, or the one of the file's name."""
    from agent.cli.writing import write_document
    from agent.report.coaching_brief import brief_of, coaching_brief

    made_from = f"Plan {plan.id} of {plan.at:%Y-%m-%d} · Rubric {plan.rubric}"
    write_document(coaching_brief(brief_of(plan, period, coach), made_from, made_on=plan.at.date()), form, path)


def show_plan(plan: CoachingPlan) -> None:
    """The plan on the terminal."""
    out = console()
    out.print(f"Coaching plan: {plan.who}", markup=False, style="bold")
    for note in plan.notes:
        out.print(note, markup=False)
    for planned in plan.criteria:
        out.print(f"\n{planned.name} ({planned.criterion})", markup=False, style="bold")
        out.print(planned.description, markup=False)
        out.print(planned.reason, markup=False)
        for note in planned.notes:
            out.print(note, markup=False)
        for moment in planned.moments:
            _show_moment(moment)


def _show_moment(moment: CoachMoment) -> None:
    out = console()
    out.print(f"\n{moment.kind.capitalize()}: {moment.rep}, {moment.call}, {moment.date}", markup=False)
    if moment.passage is not None:
        for turn in moment.passage.turns:
            mark = ">" if turn.index == moment.passage.turn else " "
            out.print(f"{mark}{turn.index:>3} {turn.speaker}: {turn.text}", markup=False)
    for label, text in (("", moment.why), ("Could have said: ", moment.said), ("Practice: ", moment.practice)):
        if text:
            out.print(f"  {label}{text}", markup=False)
    if moment.missing:
        out.print(f"  {moment.missing}", markup=False)
