"""Before a round is opened: who may rate, and why these calls. Nothing here tells how a call was rated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import UsageError
from agent.people.store import People

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.core.people import Person
    from agent.workspace import Workspace


@dataclass(frozen=True)
class Choice:
    """Calls for a round with what they cover. `least` is the fewest calls on which a criterion can pass in it.

    How each call was rated before is not part of it: who opens a round may be one of its raters.
    """

    calls: tuple[Call, ...]
    reps: Mapping[str, int]
    stages: Mapping[str, int]
    picked: bool
    least: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why these calls, a sentence each."""
        how = (
            "Picked one after the other: each time the call whose rep, stage and earlier ratings are in the fewest "
            "calls chosen so far, so that easy and hard calls are both in it."
            if self.picked
            else "Named by you."
        )
        covers = f"{_counted(self.reps, 'rep')} and {_counted(self.stages, 'stage')}."
        new = "None of them was in a round before: nobody has seen how others rate them."
        order = "They stand in the order of their ids, which tells nothing about how good they are."
        return (how, covers, new, order)

    @property
    def too_few(self) -> str:
        """What so few calls cannot show; empty where they are enough."""
        count = len(self.calls)
        if count >= self.least:
            return ""
        return (
            f"{count} calls show where raters differ, and that is a good first round; no criterion can pass on them: "
            f"that takes {self.least} or more, with full agreement"
        )


def _counted(of: Mapping[str, int], name: str) -> str:
    listed = ", ".join(f"{key or 'none named'} {count}" for key, count in sorted(of.items()))
    return f"{len(of)} {name}{'' if len(of) == 1 else 's'} ({listed})"


def explained(space: Workspace, calls: Sequence[str], *, picked: bool) -> Choice:
    """The calls of `chosen_calls` with what they cover."""
    from agent.stats.reliability import least_calls_to_pass

    found = tuple(space.store[Calls].all(calls))
    return Choice(
        calls=found,
        reps=Counter(call.rep for call in found),
        stages=Counter(call.stage for call in found),
        picked=picked,
        least=least_calls_to_pass(space.thresholds, space.store[Rounds].next_number()),
    )


def possible_raters(space: Workspace) -> list[Person]:
    """Everybody with an open account who may rate, by name. Forbidden unless an ops lead."""
    return [p for p in space.store[People].all() if p.role in ("ops_lead", "manager") and not p.disabled]


def people_among(space: Workspace, raters: Sequence[str]) -> tuple[str, ...]:
    """`raters` of a round, checked, each a person with an account that may rate, or `model`.

    UsageError for fewer than two people, for a name twice, and for a name without such an account.
    """
    from agent.calibration.round_opening import checked_raters
    from agent.core.people import MODEL

    checked = checked_raters(raters)
    known = {person.name for person in possible_raters(space)}
    if unknown := [name for name in checked if name not in known and name != MODEL]:
        raise UsageError(
            f"{unknown[0]} has no account with which to rate; a rater is a manager or an ops lead: add people under Admin"
        )
    return checked
