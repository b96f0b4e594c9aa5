"""Where a rubric stands, said wherever its scores are shown; and the gate in front of deploying it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.app.cli.context import say
from agent.rubrics.store_states import RubricStates

if TYPE_CHECKING:
    from agent.db.store import Store
    from agent.rubrics.model import Rubric


def say_standing(store: Store, rubrics: Iterable[Rubric]) -> None:
    """A line for each rubric."""
    from agent.calibration.standing import standing_line

    for rubric in rubrics:
        say(f"{rubric.label}: {standing_line(store[RubricStates].of(rubric.id))}")


def say_overrides(store: Store, rubric_ids: Iterable[str]) -> None:
    """A line for each of the rubrics that was deployed by override."""
    from agent.calibration.standing import standing_line

    for ident in sorted(rubric_ids):
        state = store[RubricStates].of(ident)
        if state.short:
            say(f"{ident}: {standing_line(state)}")
