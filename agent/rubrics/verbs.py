"""Rubrics with where they stand, as JSON data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.rubrics.file import parse_rubric
from agent.rubrics.store import Rubrics
from agent.rubrics.store_states import RubricStates

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric, RubricState
    from agent.workspace import Workspace


def state_data(state: RubricState) -> dict[str, Any]:
    """Where a rubric stands, as JSON data."""
    return state.model_dump(mode="json", exclude={"rubric"})


def rubrics_data(space: Workspace) -> list[dict[str, Any]]:
    """All rubrics, oldest first, without their criteria."""
    states = space.store[RubricStates]
    return [
        {
            "id": s.rubric.id,
            "label": s.rubric.label,
            "at": s.at.isoformat(),
            "criteria": len(s.rubric.criteria),
            "standing": state_data(states.of(s.rubric.id)),
        }
        for s in space.store[Rubrics].all()
    ]


def rubric_data(space: Workspace, reference: str = "") -> dict[str, Any]:
    """One rubric (id or label; default: the newest) with its criteria. NotFound where there is none."""
    found = space.store[Rubrics].get(reference)
    state = space.store[RubricStates].of(found.id)
    return {"id": found.id, **found.model_dump(mode="json"), "standing": state_data(state)}


def gate_data(space: Workspace, rubric: Rubric) -> list[dict[str, Any]]:
    """Where each criterion stands after all rounds, with what is missing to the gate."""
    from agent.calibration.rounds import current_standings
    from agent.calibration.views import standing_data

    return [
        {"name": s.criterion.name, "passed": s.passed, **standing_data(s)} for s in current_standings(space, rubric)
    ]


def import_rubric(space: Workspace, name: str, content: bytes, label: str = "") -> Rubric:
    """Store the rubric in an uploaded YAML or JSON file called `name`. ImportProblem says what is wrong with it."""
    shown = Path(name).name or "the file"
    return space.store[Rubrics].add(parse_rubric(shown, content, label or Path(shown).stem))
