"""Coaching plans on the terminal."""

from agent.app.cli.context import console
from agent.coaching.views import PlanView
from agent.core.direction import moment_words
from agent.profiles.model import CoachMoment


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
    for label, text in (
        ("", moment.why),
        ("", moment.unquoted),
        ("Could have said: ", moment.said),
        ("Practice: ", moment.practice),
    ):
        if text:
            out.print(f"  {label}{text}", markup=False)
    if moment.missing:
        out.print(f"  {moment.missing}", markup=False)
