"""Where a rubric stands, said wherever its scores are shown; and the gate in front of deploying it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.cli.context import say

if TYPE_CHECKING:
    from agent.domain.rubric import Rubric
    from agent.store.workspace import Store


def say_standing(store: Store, rubrics: Iterable[Rubric]) -> None:
    """A line for each rubric."""
    from agent.services.standing import standing_line

    for rubric in rubrics:
        say(f"{rubric.label}: {standing_line(store.rubric_states.of(rubric.id))}")


def say_overrides(store: Store, rubric_ids: Iterable[str]) -> None:
    """A line for each of the rubrics that was deployed by override."""
    from agent.services.standing import standing_line

    for ident in sorted(rubric_ids):
        state = store.rubric_states.of(ident)
        if state.short:
            say(f"{ident}: {standing_line(state)}")
