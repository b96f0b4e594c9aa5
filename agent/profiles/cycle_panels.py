"""A rep's cycles drawn beside each other, one panel for each criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.app.web.drawing import Mark, on_scale
from agent.rubrics.model import Criterion
from agent.stats.trends import Movement, MovementVerdict


@dataclass(frozen=True)
class CyclePoint:
    """One cycle of a panel; `now` is None where it has no rated call."""

    cycle: str
    x: float
    now: Mark | None
    verdict: MovementVerdict


@dataclass(frozen=True)
class CyclePanel:
    """One rep's cycles on one criterion over the band of the baseline's interval. `mark` says that calibration has not
    passed the criterion; empty where it has."""

    criterion: Criterion
    mark: str
    rows: tuple[Movement, ...]
    band: Mark | None
    points: tuple[CyclePoint, ...]


def cycle_panels(rows: Sequence[Movement], criteria: Sequence[Criterion], marks: Mapping[str, str]) -> list[CyclePanel]:
    """One panel for each criterion that has rows, in the rubric's order; cycles stand in the order of the rows."""
    made = []
    for criterion in criteria:
        own = tuple(row for row in rows if row.criterion == criterion.id)
        if not own:
            continue
        points = tuple(
            CyclePoint(row.cycle, (at + 0.5) / len(own), on_scale(row.now, criterion.scale), row.verdict)
            for at, row in enumerate(own)
        )
        made.append(
            CyclePanel(criterion, marks.get(criterion.id, ""), own, on_scale(own[0].baseline, criterion.scale), points)
        )
    return made
