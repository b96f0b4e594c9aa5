"""The gate in front of a rubric, and deploying it, as the API sends and takes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from agent.app.view import View, example
from agent.calibration.report import CriterionState, CriterionVerdict
from agent.core.statistic import Estimate, Undefined


class GateRowView(View):
    """Where one criterion stands after all rounds on its present wording. `mark`: how it
    is marked while it is in use."""

    criterion: str
    name: str
    verdict: CriterionVerdict
    passed: bool
    mark: str
    calls: int = Field(description="Calls of this wording that two people or more judged.")
    agreeing: int = Field(description="Calls of those on which no two raters are more than `tolerance` levels apart.")
    same: int = Field(description="Calls of those on which all raters gave the same level.")
    tolerance: int = Field(description="How many levels apart two ratings still agree.")
    counted: str = Field(description="The same in words.")
    more_calls: int = Field(
        description="The fewest calls more with which it can pass; 0: none, or it is to be reworded."
    )
    round: int | None = Field(description="The last round that rated it.")
    rounds: int
    wordings: int
    agreement: Estimate | Undefined | None
    chance_corrected: Estimate | Undefined | None
    short: str

    @classmethod
    def of(cls, state: CriterionState, mark: str = "") -> "GateRowView":
        calibration = state.calibration
        return super().of(
            state,
            criterion=state.criterion.id,
            name=state.criterion.name,
            mark=mark,
            agreement=calibration and calibration.agreement,
            chance_corrected=calibration and calibration.chance_corrected,
            short="" if state.passed else "; ".join(state.reasons),
        )


class GateView(View):
    """The gate in front of deploying. `open`: every criterion has passed."""

    rubric: str
    open: bool
    criteria: list[GateRowView]


class Deployment(BaseModel):
    """Deploy it, criterion by criterion: those that passed; with `provisional` those that agree on 85 %,
    marked. The others are scored with a mark or left out. All of it below the gate only with `override` and a
    reason, shown with the scores."""

    provisional: bool = False
    others: Literal["", "mark", "leave-out"] = ""
    override: bool = False
    reason: Annotated[str, Field(max_length=2000)] = ""

    model_config = example({"override": True, "reason": "Pilot with two reps until round 3."})
