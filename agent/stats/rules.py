"""Thresholds of the verdicts on profiles, gaps, movement, outcomes and the funnel.

The values here are the defaults; `config/profiles.yaml` holds the same with the reason beside each. Loading YAML is
not done here: `ProfileRules.model_validate(section)` takes a section as it was read.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from agent.core.base import Frozen
from agent.core.scale import Scale, completed_with


class ProfileRules(Frozen):
    """What a baseline rests on, and when a rep's state on a criterion may be named.

    A state is decided on the share of calls rated at `present_level` or above and its exact interval, the one that is
    shown. Present: `present` is reached and a share of `present_low` or less is ruled out. Absent: at most `absent`,
    and a share of `absent_high` or more is ruled out. Variable: neither of them, and both `variable_low` or less and
    `variable_high` or more are ruled out. Everything else is "cannot tell". At 10 calls: 9 to 10 are present, 4 to 6
    variable, 0 to 1 absent. `resamples` and `seed` are for rates corrected for a model's errors.
    """

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    window_days: int = Field(default=30, ge=1)
    min_calls: int = Field(default=10, ge=1)
    max_calls: int = Field(default=20, ge=1)
    present: float = 0.8
    present_low: float = 0.5
    absent_high: float = 0.5
    absent: float = 0.2
    variable_low: float = 0.1
    variable_high: float = 0.9
    present_level: Annotated[dict[Scale, int], completed_with(lambda scale: scale.present_level)] = Field(
        default={}, validate_default=True
    )
    resamples: int = Field(default=1000, ge=200)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _not_the_rule_before(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "state_error" in given:
            raise ValueError("delete state_error: a state is decided by the interval that is shown (confidence)")
        return given

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 < self.absent < self.absent_high <= self.present_low < self.present < 1:
            raise ValueError("0 < absent < absent_high <= present_low < present < 1 is needed")
        if not 0 < self.variable_low < self.variable_high < 1:
            raise ValueError("0 < variable_low < variable_high < 1 is needed")
        if self.min_calls > self.max_calls:
            raise ValueError("min_calls is above max_calls")
        _on_scales("present_level", self.present_level)
        return self


class GapRules(Frozen):
    """When a criterion is a gap of a rep, and when a gap is the team's.

    `target` is the rate (binary) or the mean level that is asked for; a gap needs the whole interval below it.
    `luck`: a shared gap that luck would make more often than this, over all criteria, is marked so.
    """

    target: Annotated[dict[Scale, float], completed_with(lambda scale: scale.at(scale.target))] = Field(
        default={}, validate_default=True
    )
    shared_by: int = Field(default=3, ge=2)
    luck: float = Field(default=0.05, gt=0, lt=1)

    @model_validator(mode="after")
    def _targets_inside(self) -> Self:
        _on_scales("target", self.target)
        return self


class MovementRules(Frozen):
    """When a rep has moved, has not moved, or it cannot be told.

    `smallest_change` is the smallest rise worth having: a rate (binary) or a number of levels. `cycles` is how many
    looks at one plan are planned: the error of `moved` is shared out over them in advance, so a verdict once given does
    not change when a later cycle comes. `min_reps` is how many reps a comparison with the team needs. `criterion_error`
    is the error of `moved` for a criterion over all coached reps, over all criteria and cycles together.
    """

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    smallest_change: Annotated[dict[Scale, float], completed_with(lambda scale: scale.smallest_change * scale.span)] = (
        Field(default={}, validate_default=True)
    )
    cycles: int = Field(default=3, ge=1)
    power: float = Field(default=0.8, gt=0, lt=1)
    min_reps: int = Field(default=6, ge=3)
    criterion_error: float = Field(default=0.05, gt=0, lt=0.5)


class DiagnosisRules(Frozen):
    """When missing movement is put down to the criterion's definition, and when to the approach with this rep."""

    after_cycles: int = Field(default=2, ge=1)
    agreement_floor: float = Field(default=0.85, gt=0, lt=1)
    flip_rate_ceiling: float = Field(default=0.1, gt=0, lt=1)
    min_peers: int = Field(default=3, ge=1)


class OutcomeRules(Frozen):
    """When movement on a criterion is said to go with the win rate.

    `smallest_odds_ratio`, for a tenth of the scale, is the weakest link worth acting on: with 1.2 a rise by a third of
    the scale lifts a win rate of 20 % to 31 %. "None seen" rules out as much.
    """

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    window_days: int = Field(default=90, ge=1)
    smallest_odds_ratio: float = Field(default=1.2, gt=1)
    power: float = Field(default=0.8, gt=0, lt=1)
    min_reps: int = Field(default=8, ge=5)
    permutations: int = Field(default=99_999, ge=999)
    seed: int = Field(default=0, ge=0)


class WeightRules(Frozen):
    """How weights are learned from deals, and when none are proposed."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    penalties: tuple[float, ...] = Field(default=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), strict=False)  # YAML has lists
    folds: int = Field(default=5, ge=3)
    repeats: int = Field(default=4, ge=1)
    min_each_outcome: int = Field(default=20, ge=5)
    resamples: int = Field(default=400, ge=100)
    seed: int = Field(default=0, ge=0)


class FunnelRules(Frozen):
    """The yardstick for conversion: `rule_of_thumb` gives how many of ten leads reach a stage (10-3-1)."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    rule_of_thumb: dict[str, float] = Field(default={"lead": 10.0, "proposal": 3.0, "won": 1.0})


class Rulebook(Frozen):
    """The sections of `config/profiles.yaml`."""

    profiles: ProfileRules = Field(default_factory=ProfileRules)
    gaps: GapRules = Field(default_factory=GapRules)
    movement: MovementRules = Field(default_factory=MovementRules)
    diagnosis: DiagnosisRules = Field(default_factory=DiagnosisRules)
    outcomes: OutcomeRules = Field(default_factory=OutcomeRules)
    weights: WeightRules = Field(default_factory=WeightRules)
    funnel: FunnelRules = Field(default_factory=FunnelRules)


def _on_scales(name: str, by_scale: Mapping[Scale, float]) -> None:
    for scale, value in by_scale.items():
        if not scale.lowest < value <= scale.highest:
            raise ValueError(f"{name} {value} is not above the lowest level of the scale {scale}")
