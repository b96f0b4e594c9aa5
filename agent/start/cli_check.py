"""`closeread check`: what is there before you start, what is missing, and what that costs in trust."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from agent.app.cli.context import Json, console, print_json, table, workspace

if TYPE_CHECKING:
    from agent.start.readiness_rules import Finding


def check(ctx: typer.Context, json: Json = False) -> None:
    """Before you start: interviews, calls of the same period, stages with a written meaning of won, two managers."""
    from agent.start.readiness import readiness_of

    found = readiness_of(workspace(ctx))
    if json:
        print_json({"ready": all(f.ready for f in found), "checks": [asdict(f) for f in found]})
        return
    table("", ["what", "ready", "there is", "what is missing costs"], [_row(f) for f in found])
    short = sum(not f.ready for f in found)
    console().print(
        "Ready to start." if not short else f"{short} of {len(found)} are short; you can start, knowing that."
    )


def _row(finding: Finding) -> list[object]:
    return [finding.what, "yes" if finding.ready else "no", finding.there, "" if finding.ready else finding.cost]
