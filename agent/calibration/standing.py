"""Where a rubric stands, and the gate in front of deploying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.core.errors import GateClosed, UsageError
from agent.rubrics.store_states import RubricStates

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.calibration.gate import Standing
    from agent.calibration.model import RubricState
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


def standing_line(state: RubricState) -> str:
    """Where a rubric stands, in one sentence without its full stop."""
    since = f"{state.at:%Y-%m-%d}"
    if state.short:
        by = f" by {state.by}" if state.by else ""
        named = ", ".join(line.partition(":")[0] for line in state.short)
        return f"Deployed below the gate by override{by} since {since} (“{state.reason}”); short: {named}"
    match state.state:
        case "draft":
            return "Draft: not calibrated yet, so its scores are a first impression"
        case "calibrated":
            return f"Calibrated since {since}"
        case "deployed":
            return f"Calibrated and deployed since {since}"


def state_data(state: RubricState) -> dict[str, Any]:
    """A rubric's state as JSON data."""
    return state.model_dump(mode="json", exclude={"rubric"})


def current_standings(space: Workspace, rubric: Rubric) -> list[Standing]:
    """Where each criterion of `rubric` stands after all rounds."""
    from agent.calibration.gate import standings
    from agent.calibration.rounds import counting_rounds

    return standings(rubric, counting_rounds(space), space.thresholds)


def standing_data(standing: Standing) -> dict[str, Any]:
    """One criterion's standing as JSON data."""
    from agent.calibration.round_shapes import reliability_data

    found = standing.reliability
    return {
        "criterion": standing.criterion.id,
        "verdict": "no information" if found is None else found.verdict,
        "round": standing.round,
        "rounds_tried": standing.rounds,
        "short": standing.short,
        "reliability": None if found is None else reliability_data(found),
    }


def deploy_rubric(
    space: Workspace, note: Note, rubric: Rubric, *, override: bool = False, reason: str = "", by: str = ""
) -> RubricState:
    """Deploy `rubric` if all its criteria passed, or by override with a reason that is kept.

    Raises GateClosed below the gate, after `note` was told a line for each criterion that is short.
    """
    from datetime import UTC, datetime

    from agent.calibration.model import RubricState

    if override and not reason.strip():
        raise UsageError('--override wants a reason, which is shown with the scores: --override --reason "…"')
    short = tuple(standing.short for standing in current_standings(space, rubric) if not standing.passed)
    if short and not override:
        for line in short:
            note(line)
        named = ", ".join(line.partition(":")[0] for line in short)
        raise GateClosed(
            f"{rubric.label} is not deployed: {len(short)} of {len(rubric.criteria)} criteria have not passed ({named})"
        )
    state = RubricState(
        rubric=rubric.id, state="deployed", at=datetime.now(UTC), by=by, reason=reason if short else "", short=short
    )
    space.store[RubricStates].set(state)
    return state


def note_calibrated(space: Workspace, rubric: Rubric) -> bool:
    """Mark a draft whose criteria have all passed as calibrated; whether they have."""
    from datetime import UTC, datetime

    from agent.calibration.model import RubricState

    passed = all(standing.passed for standing in current_standings(space, rubric))
    if passed and space.store[RubricStates].of(rubric.id).state == "draft":
        space.store[RubricStates].set(RubricState(rubric=rubric.id, state="calibrated", at=datetime.now(UTC)))
    return passed
