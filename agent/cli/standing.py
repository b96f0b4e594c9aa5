"""Where a rubric stands, said wherever its scores are shown; and the gate in front of deploying it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agent.cli.context import say
from agent.errors import GateClosed, UsageError

if TYPE_CHECKING:
    from agent.analysis.gate import Standing
    from agent.domain.calibration import RubricState
    from agent.domain.rubric import Rubric
    from agent.store.workspace import Store
    from agent.wiring import Workspace


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


def say_standing(store: Store, rubrics: Iterable[Rubric]) -> None:
    """A line for each rubric."""
    for rubric in rubrics:
        say(f"{rubric.label}: {standing_line(store.rubric_states.of(rubric.id))}")


def say_overrides(store: Store, rubric_ids: Iterable[str]) -> None:
    """A line for each of the rubrics that was deployed by override."""
    for ident in sorted(rubric_ids):
        state = store.rubric_states.of(ident)
        if state.short:
            say(f"{ident}: {standing_line(state)}")


def state_data(state: RubricState) -> dict[str, Any]:
    """A rubric's state for --json."""
    return state.model_dump(mode="json", exclude={"rubric"})


def current_standings(space: Workspace, rubric: Rubric) -> list[Standing]:
    """Where each criterion of `rubric` stands after all rounds."""
    from agent.analysis.gate import standings
    from agent.cli.rounds import counting_rounds

    return standings(rubric, counting_rounds(space), space.thresholds)


def standing_data(standing: Standing) -> dict[str, Any]:
    """One criterion's standing for --json."""
    from agent.cli.round_views import reliability_data

    found = standing.reliability
    return {
        "criterion": standing.criterion.id,
        "verdict": "no information" if found is None else found.verdict,
        "round": standing.round,
        "rounds_tried": standing.rounds,
        "short": standing.short,
        "reliability": None if found is None else reliability_data(found),
    }


def deploy_rubric(space: Workspace, rubric: Rubric, override: bool, reason: str, by: str) -> RubricState:
    """Deploy `rubric` if all its criteria passed, or by override with a reason that is kept.

    Raises GateClosed below the gate, after a line for each criterion that is short.
    """
    from datetime import UTC, datetime

    from agent.domain.calibration import RubricState

    if override and not reason.strip():
        raise UsageError('--override wants a reason, which is shown with the scores: --override --reason "…"')
    short = tuple(standing.short for standing in current_standings(space, rubric) if not standing.passed)
    if short and not override:
        for line in short:
            say(line)
        named = ", ".join(line.partition(":")[0] for line in short)
        raise GateClosed(
            f"{rubric.label} is not deployed: {len(short)} of {len(rubric.criteria)} criteria have not passed ({named})"
        )
    state = RubricState(
        rubric=rubric.id, state="deployed", at=datetime.now(UTC), by=by, reason=reason if short else "", short=short
    )
    space.store.rubric_states.set(state)
    return state


def note_calibrated(space: Workspace, rubric: Rubric) -> bool:
    """Mark a draft whose criteria have all passed as calibrated; whether they have."""
    from datetime import UTC, datetime

    from agent.domain.calibration import RubricState

    passed = all(standing.passed for standing in current_standings(space, rubric))
    if passed and space.store.rubric_states.of(rubric.id).state == "draft":
        space.store.rubric_states.set(RubricState(rubric=rubric.id, state="calibrated", at=datetime.now(UTC)))
    return passed
