"""The gate in front of a rubric, criterion by criterion, and what becomes of the criteria in use with later rounds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from agent.calibration.report import CriterionState, CriterionVerdict
from agent.calibration.rounds import current_states
from agent.core.errors import Advice, GateClosed
from agent.core.language import _
from agent.rubrics.model import Mark, Rubric, RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.workspace import Workspace

Others = Literal["", "mark", "leave-out"]
"""What becomes of criteria that have not passed: refuse to deploy, score them with a mark, or leave them out."""


def may_be_used(state: CriterionState, *, provisional: bool) -> bool:
    """Whether a criterion may go into use: it has passed, or has reached 85 % and the team takes that."""
    return state.passed or (provisional and state.verdict == "provisional")


def check_gate(
    rubric: Rubric, states: Sequence[CriterionState], others: Others, *, provisional: bool, in_use: bool = False
) -> None:
    """GateClosed where criteria are short and nothing was said about them, and where none may go into use."""
    rest = [one for one in states if not may_be_used(one, provisional=provisional)]
    if not rest or (others and len(rest) < len(states)):
        return
    named = ", ".join(one.criterion.id for one in rest)
    said = (
        _("{label} is not deployed anew: {rest} of {states} criteria have not passed ({named})")
        if in_use
        else _("{label} is not deployed: {rest} of {states} criteria have not passed ({named})")
    )
    closed = said.format(label=rubric.label, rest=len(rest), states=len(states), named=named)
    reached = any(one.verdict == "provisional" for one in rest)
    if not reached and len(rest) == len(states):
        raise GateClosed(closed)
    text = "those that agree on 85 % may go into use as provisional; the others are scored with a mark, or left out"
    command = f"rubric deploy {rubric.label}{' --provisional' if reached else ''}"
    if not all(may_be_used(state, provisional=True) for state in states):
        command += " --others mark"
    raise GateClosed(closed, advice=Advice(text=text, command=command, page=f"/rubric/{rubric.id}"))


def marks_for(states: Sequence[CriterionState], *, provisional: bool) -> dict[str, Mark]:
    """What each criterion that has not passed is marked with once the rubric is deployed."""
    return {
        one.criterion.id: "provisional" if may_be_used(one, provisional=provisional) else "not calibrated"
        for one in states
        if not one.passed
    }


def mark_after(before: Mark | None, verdict: CriterionVerdict) -> Mark | None:
    """The mark of a criterion in use after a later round: confirmed, withdrawn, or as before.

    Withdrawn only where 95 % is ruled out, or where what had passed fell: fewer than 85 % of a few calls may be luck.
    """
    if verdict == "passed":
        return None
    return "withdrawn" if verdict in ("failed", "fell") and before in (None, "provisional") else before


def follow(space: Workspace) -> dict[str, Mark | None]:
    """Confirm or withdraw the criteria in use by all rounds so far; those whose mark changed, with the new one.

    To be called whenever a round has got its result. What the change rests on stands in the round's own report.
    """
    store = space.store
    deployed = [one.rubric for one in store[Rubrics].all() if store[RubricStates].of(one.rubric.id).state == "deployed"]
    changed: dict[str, Mark | None] = {}
    for rubric in deployed:
        state = store[RubricStates].of(rubric.id)
        after = {
            one.criterion.id: mark_after(state.marks.get(one.criterion.id), one.verdict)
            for one in current_states(space, rubric)
        }
        new = {ident: mark for ident, mark in after.items() if mark is not None}
        if new != state.marks:
            changed |= {ident: mark for ident, mark in after.items() if mark != state.marks.get(ident)}
            store[RubricStates].follow(state.model_copy(update={"marks": new, "at": datetime.now(UTC)}))
    return changed


def settle_draft(space: Workspace, rubric: Rubric) -> None:
    """A draft whose criteria have all passed becomes calibrated."""
    states = space.store[RubricStates]
    if states.of(rubric.id).state == "draft" and all(one.passed for one in current_states(space, rubric)):
        states.set(RubricState(rubric=rubric.id, state="calibrated", at=datetime.now(UTC)))
