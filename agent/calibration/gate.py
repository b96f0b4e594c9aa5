"""Whether a rubric may be deployed: where each of its criteria stands after all rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.calibration.report import RatedRound, people_reliability, tried
from agent.rubrics.model import Criterion, Rubric
from agent.stats.reliability import Reliability, Thresholds


@dataclass(frozen=True)
class Standing:
    """Where one criterion stands: the verdict that counts and its round; None where its wording was never rated.

    `rounds` counts all rounds that put a criterion of this id to raters, whatever its wording was then.
    """

    criterion: Criterion
    reliability: Reliability | None
    round: int | None
    rounds: int

    @property
    def passed(self) -> bool:
        """Whether it is calibrated."""
        return self.reliability is not None and self.reliability.verdict == "passed"

    @property
    def short(self) -> str:
        """What is missing, in one line; empty if nothing is."""
        if self.reliability is None:
            tried_before = f"; {self.rounds} round(s) rated an earlier wording" if self.rounds else ""
            return f"{self.criterion.id}: no round has rated this wording{tried_before}"
        if self.passed:
            return ""
        why = "; ".join(self.reliability.reasons)
        return f"{self.criterion.id}: {self.reliability.verdict} in round {self.round}: {why}"


def standings(rubric: Rubric, rounds: Sequence[RatedRound], thresholds: Thresholds) -> list[Standing]:
    """One standing a criterion, in the rubric's order. `rounds` are those that count, oldest first.

    A round counts for a criterion if it rated exactly this wording, in whatever rubric, so that sharpening one
    criterion does not reopen the others. The last round decides, except that `passed` holds until a later round fails:
    a later round with few calls is no evidence against it. The error of all looks together stays bounded either way
    (`agent/stats/reliability.py`).
    """
    return [_standing(criterion, rounds, thresholds) for criterion in rubric.criteria]


def _standing(criterion: Criterion, rounds: Sequence[RatedRound], thresholds: Thresholds) -> Standing:
    looks = sum(r.rubric.criterion(criterion.id) is not None for r in rounds)
    found: Reliability | None = None
    number: int | None = None
    for rated in rounds:
        if not _same_wording(rated.rubric.criterion(criterion.id), criterion):
            continue
        look = tried(criterion.id, rated.round.number, rounds)
        latest = people_reliability(rated, criterion, look, thresholds)
        if found is None or found.verdict != "passed" or latest.verdict in ("passed", "failed"):
            found, number = latest, rated.round.number
    return Standing(criterion, found, number, looks)


def _same_wording(rated: Criterion | None, criterion: Criterion) -> bool:
    """Whether raters saw the same: weight, stage and history do not change how a call is rated."""
    unseen = {"flaws", "weight", "stage", "scale_reason", "pattern", "direction"}
    return rated is not None and rated.model_dump(exclude=unseen) == criterion.model_dump(exclude=unseen)
