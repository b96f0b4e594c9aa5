"""What a profile is drawn from: the calls of a baseline, and the cycles in which a rep was coached. And the moments of
calls that show a gap."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.transcript import Turn


class CoachingPeriod(Frozen):
    """One rep's cycle: from `start` to `end`, both days included, on these criteria."""

    rep: str = Field(min_length=1)
    cycle: str = Field(min_length=1)
    start: date
    end: date
    criteria: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end < self.start:
            raise ValueError("the cycle ends before it starts")
        return self


def overlap(one: CoachingPeriod, other: CoachingPeriod) -> str:
    """How two cycles of one rep share days, in words; empty where they do not, or are of different reps."""
    first, second = sorted((one, other), key=lambda period: (period.start, period.end))
    if first.rep != second.rep or second.start > first.end:
        return ""
    return f"{second.cycle} of {second.rep} begins {second.start}, before {first.cycle} ends {first.end}"


class Baseline(Frozen):
    """The calls a rep's baseline rests on and how they came about: kept, so that the draw can be repeated.

    The window is half-open: [start, end). `manual` marks a list that a person picked; it has no seed.
    """

    rep: str
    rubric: str
    calls: tuple[str, ...]
    start: date
    end: date
    available: int = Field(ge=0)
    wanted: int = Field(ge=1)
    seed: int | None = None
    manual: bool = False
    by: str = ""
    at: datetime

    @property
    def missing(self) -> int:
        """How many calls are missing to a baseline that is more than provisional."""
        return max(self.wanted - len(self.calls), 0)

    @property
    def provisional(self) -> bool:
        """Whether there are too few calls."""
        return self.missing > 0


class Passage(Frozen):
    """Turns around one turn of a call, in order."""

    call: str
    turn: int = Field(ge=0)
    turns: tuple[Turn, ...] = Field(min_length=1)


NO_TRANSCRIPT = N_("the call has no transcript here; listen to it together")
NO_TURN = N_("its rating names no turn; find the moment together")


class CoachMoment(Frozen):
    """One moment of a call: where the behavior was missed, or done. `rep` is a peer's name where the rep has none.

    `passage` is None where nothing tells the turn: the call has no transcript, or the rating names no turn. `said` and
    `practice` are the drafted suggestion and task; `missing` says why there is none.
    """

    kind: Literal["missed", "done"]
    rep: str
    call: str
    date: date
    passage: Passage | None
    why: str
    said: str = ""
    practice: str = ""
    missing: str = ""
    request: str = ""

    @property
    def unquoted(self) -> str:
        """Why no words of the call stand here; empty where they do, and where `why` is just that."""
        return "" if self.passage or self.why in (NO_TRANSCRIPT, NO_TURN) else NO_TURN
