"""Coaching plans on the terminal and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.app.cli.context import console
from agent.coaching.plan_building import avoided
from agent.coaching.store import Coaching
from agent.core.direction import moment_words

if TYPE_CHECKING:
    from agent.app.verb import Who
    from agent.coaching.model import CoachingPlan, CoachMoment
    from agent.coaching.views import PlanView


def write_brief(plan: CoachingPlan, path: Path, form: str | None, who: Who, coach: str) -> None:
    """Write the one-page brief in the format asked for, or the one of the file's name."""
    from agent.documents.cli_writing import write_document
    from agent.documents.coaching_brief import brief_of, coaching_brief, cycle_of

    made_from = f"Plan {plan.id} of {plan.at:%Y-%m-%d} · Rubric {plan.rubric}"
    brief = brief_of(plan, cycle_of(plan, who.space.store[Coaching].periods()), coach, avoided(who.space, plan))
    write_document(who, coaching_brief(brief, made_from, made_on=plan.at.date()), form, path)


def show_plan(plan: PlanView) -> None:
    """The plan on the terminal."""
    out = console()
    out.print(f"Coaching plan: {plan.who}", markup=False, style="bold")
    for note in plan.notes:
        out.print(note, markup=False)
    for planned in plan.criteria:
        tag = ", to avoid" if planned.avoid else ""
        out.print(f"\n{planned.name} ({planned.criterion}{tag})", markup=False, style="bold")
        out.print(planned.description, markup=False)
        out.print(planned.reason, markup=False)
        for note in planned.notes:
            out.print(note, markup=False)
        for moment in planned.moments:
            _show_moment(moment, moment_words(moment.kind, avoid=planned.avoid))


def _show_moment(moment: CoachMoment, kind: str) -> None:
    out = console()
    out.print(f"\n{kind}: {moment.rep}, {moment.call}, {moment.date}", markup=False)
    if moment.passage is not None:
        for turn in moment.passage.turns:
            mark = ">" if turn.index == moment.passage.turn else " "
            out.print(f"{mark}{turn.index:>3} {turn.speaker}: {turn.text}", markup=False)
    for label, text in (("", moment.why), ("Could have said: ", moment.said), ("Practice: ", moment.practice)):
        if text:
            out.print(f"  {label}{text}", markup=False)
    if moment.missing:
        out.print(f"  {moment.missing}", markup=False)
