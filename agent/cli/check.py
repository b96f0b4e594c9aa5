"""`closeread check`: what is there before you start, what is missing, and what that costs in trust."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from agent.cli.context import Json, console, print_json, table, workspace

if TYPE_CHECKING:
    from agent.analysis.readiness import Finding
    from agent.wiring import Workspace


def check(ctx: typer.Context, json: Json = False) -> None:
    """Before you start: interviews, calls of the same period, stages with a written meaning of won, two managers."""
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


def readiness_of(space: Workspace) -> list[Finding]:
    """All findings of a workspace."""
    from agent.analysis.readiness import Facts, findings
    from agent.domain.calibration import is_model

    store = space.store
    raters = store.rating_columns.raters()
    people = {name for name in raters if not is_model(name) and not name.startswith("import:")}
    people |= {name for found in store.rounds.all() for name in found.people}
    interviews = store.interviews.all()
    known = store.imported_ratings.known_calls()
    return findings(
        Facts(
            outcomes=[interview.outcome for interview in interviews],
            interview_days=[interview.date for interview in interviews],
            call_days=[call.date for call in known.values()],
            stages=[(stage.id, stage.won) for stage in space.stages.stages],
            managers=sorted(people),
            deals=len(store.deals.all()),
        )
    )
