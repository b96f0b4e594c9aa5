"""All thresholds of the work after the scores, as one value."""

from __future__ import annotations

from pydantic import Field

from agent.core.base import Frozen
from agent.stats.rules import (
    DiagnosisRules,
    FunnelRules,
    GapRules,
    MovementRules,
    OutcomeRules,
    ProfileRules,
    WeightRules,
)


class Rulebook(Frozen):
    """The sections of `config/profiles.yaml`."""

    profiles: ProfileRules = Field(default_factory=ProfileRules)
    gaps: GapRules = Field(default_factory=GapRules)
    movement: MovementRules = Field(default_factory=MovementRules)
    diagnosis: DiagnosisRules = Field(default_factory=DiagnosisRules)
    outcomes: OutcomeRules = Field(default_factory=OutcomeRules)
    weights: WeightRules = Field(default_factory=WeightRules)
    funnel: FunnelRules = Field(default_factory=FunnelRules)
