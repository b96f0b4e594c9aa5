"""What is there before a team starts, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.analysis.readiness import Finding
    from agent.wiring import Workspace


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
