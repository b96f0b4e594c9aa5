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
    people = {name for name in store.overview.raters() if not is_model(name) and not name.startswith("import:")}
    people |= {name for found in store.rounds.all() for name in found.people}
    interviews = store.overview.interviews()
    return findings(
        Facts(
            outcomes=[outcome for outcome, _ in interviews],
            interview_days=[day for _, day in interviews],
            call_days=[day for day, count in store.overview.call_days().items() for _ in range(count)],
            stages=[(stage.id, stage.won) for stage in space.stages.stages],
            managers=sorted(people),
            deals=store.overview.deals(),
        )
    )
