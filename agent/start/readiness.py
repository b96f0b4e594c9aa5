"""What is there before a team starts, and what is missing."""

from agent.calibration.store import Rounds
from agent.core.people import is_model
from agent.db.overview import Overview
from agent.interviews.sides import on_neither_side, sided
from agent.start.readiness_rules import Facts, Finding, findings
from agent.workspace import Workspace


def readiness_of(space: Workspace) -> list[Finding]:
    """All findings of a workspace."""
    store = space.store
    people = {
        name for name in store[Overview].raters() if not is_model(name) and not name.startswith(("import:", "settled:"))
    }
    people |= {name for round_ in store[Rounds].all() for name in round_.people}
    interviews = sided(space)
    return findings(
        Facts(
            outcomes=[side for side, _ in interviews],
            neither=len(on_neither_side(space)),
            interview_days=[day for _, day in interviews],
            call_days=[day for day, count in store[Overview].call_days().items() for _ in range(count)],
            stages=[(stage.id, stage.won) for stage in space.stages.stages],
            managers=sorted(people),
            deals=store[Overview].deals(),
        )
    )
