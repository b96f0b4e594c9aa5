"""The funnel on the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.cli.context import console, table

if TYPE_CHECKING:
    from agent.outcomes.funnels import Funnels

    pass

CHANCE_A_STEP = 0.025  # of a 95 % interval lying wholly below the truth


def show_funnels(found: Funnels) -> None:
    """The team's (or one rep's) funnel, then who is clearly behind it."""
    from agent.app.documents.words import share
    from agent.core.statistic import p_value

    shown = found.shown
    rows = [
        [f"{s.start} to {s.end}", share(s.conversion), "" if s.yardstick is None else f"{s.yardstick:.0%}", s.against]
        for s in (*shown.steps, *shown.rule_steps)
    ]
    reached = ", ".join(f"{stage} {count}" for stage, count in shown.reached)
    table(f"{shown.who or 'Team'}: {reached}; {shown.open} open", ["step", "went on", "10-3-1", "against it"], rows)
    first = found.first_of[shown.who] if shown.who else found.first
    console().print(f"Coach first: {first.reason}", markup=False)
    behind = [(who, own) for who, own in found.first_of.items() if own.step is not None and not shown.who]
    if behind:
        looks = sum(len(own.steps) for own in found.reps)
        console().print(
            f"Reps clearly below the team at a step ({looks} steps looked at; were all reps alike, up to "
            f"{looks * CHANCE_A_STEP:.1f} would look so by chance):"
        )
    for who, own in behind:
        console().print(f"  {who}, against the team: {own.reason}", markup=False)
    if found.links:
        rows = [[k.stage, k.criterion, k.verdict.replace("_", " "), p_value(k.p_holm)] for k in found.links]
        table("\nCriteria against conversion at their own stage", ["stage", "criterion", "verdict", "p, Holm"], rows)
    elif not shown.who:
        console().print("No criterion names a stage that deals go on from, so none is set against a conversion.")
    if found.unstaged:
        console().print(f"{found.unstaged} deals do not say how far they came and are left out.")
