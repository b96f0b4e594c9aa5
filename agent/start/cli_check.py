"""`closeread check`: what is there before you start, what is missing, and what that costs in trust."""

import typer

from agent.app.cli.context import Json, console, me, print_json, say_next, table
from agent.start.readiness import readiness_of
from agent.start.readiness_rules import Finding
from agent.start.views import ReadinessView


def check(ctx: typer.Context, json: Json = False) -> None:
    """Before you start: interviews, calls of the same period, stages with a written meaning of won, two managers."""
    who = me(ctx)
    findings = readiness_of(who.space)
    if json:
        return print_json(ReadinessView.of(findings))
    table("", ["what", "ready", "there is", "what is missing costs"], [_row(f) for f in findings])
    short = sum(not f.ready for f in findings)
    console().print(
        "Ready to start." if not short else f"{short} of {len(findings)} are short; you can start, knowing that."
    )
    say_next(who)


def _row(finding: Finding) -> list[object]:
    return [finding.what, "yes" if finding.ready else "no", finding.there, "" if finding.ready else finding.cost]
