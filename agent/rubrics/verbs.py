"""Rubrics with where they stand, as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.calibration.standing import state_data
from agent.rubrics.store import Rubrics
from agent.rubrics.store_states import RubricStates

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


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
    from agent.calibration.standing import current_standings, standing_data

    return [
        {"name": s.criterion.name, "passed": s.passed, **standing_data(s)} for s in current_standings(space, rubric)
    ]


def import_rubric(space: Workspace, name: str, content: bytes, label: str = "") -> Rubric:
    """Store the rubric in an uploaded YAML or JSON file called `name`. ImportProblem says what is wrong with it."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from agent.core.errors import ImportProblem
    from agent.rubrics.file import read_rubric

    shown, suffix = Path(name).name or "the file", ".json" if name.lower().endswith(".json") else ".yaml"
    _refuse_aliases(shown, content)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"rubric{suffix}"
        path.write_bytes(content)
        try:
            rubric = read_rubric(path, label or Path(shown).stem)
        except ImportProblem as error:
            raise ImportProblem(shown, error.line, error.what, error.hint) from error
        except (ValueError, RecursionError) as error:  # a day that is none, a number without end, brackets in thousands
            raise ImportProblem(shown, None, f"holds a value that cannot be read: {str(error)[:200]}") from error
    return space.store[Rubrics].add(rubric)


def _refuse_aliases(name: str, content: bytes) -> None:
    """Aliases in YAML multiply a few lines into gigabytes."""
    import yaml

    from agent.core.errors import ImportProblem

    try:
        for token in yaml.scan(content.decode("utf-8-sig")):
            if isinstance(token, yaml.AliasToken):
                raise ImportProblem(name, token.start_mark.line + 1, "uses a YAML alias (*name)", "write it out")
    except (UnicodeDecodeError, yaml.YAMLError):
        return  # the reader says where and why
