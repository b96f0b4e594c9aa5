"""A trial outside: API, `--json`, page."""

from collections import Counter

from agent.app.view import View
from agent.core.language import _
from agent.rubrics.model import Rubric
from agent.scoring.fitting import Change, Fitted
from agent.scoring.trial import CriterionTrial, trial_of
from agent.scoring.verbs import Fit
from agent.workspace import Workspace


class CriterionTrialView(View):
    """One criterion over the calls of its stage. `problem` is empty where nothing speaks against it."""

    criterion: str
    name: str
    calls: int
    other_stages: int
    applies: int
    shown: int
    twice: int
    differ: int
    readings: int
    failed: int
    problem: str

    @classmethod
    def of(cls, tried: CriterionTrial) -> "CriterionTrialView":
        return super().of(tried, criterion=tried.criterion.id, name=tried.criterion.name)


class TrialView(View):
    """What a few calls, each read twice, say of a rubric's criteria. No criteria: it was not tried yet."""

    rubric: str
    criteria: list[CriterionTrialView]

    @classmethod
    def of(cls, space: Workspace, rubric: Rubric, viewer: str = "") -> "TrialView":
        made = trial_of(space, rubric, viewer=viewer)
        return cls(rubric=rubric.label, criteria=list(map(CriterionTrialView.of, made)))

    @property
    def fit(self) -> int:
        """Criteria that nothing speaks against."""
        return sum(not tried.problem for tried in self.criteria)

    @property
    def sentence(self) -> str:
        """How often its criteria applied, and how many of them can be calibrated."""
        applied, asked = sum(c.applies for c in self.criteria), sum(c.calls for c in self.criteria)
        return _(
            "criteria applied in {applied} of {asked} first readings; {fit} of {criteria} are fit to be calibrated.",
            applied=applied,
            asked=asked,
            fit=self.fit,
            criteria=len(self.criteria),
        )


class OccasionView(View):
    """On how many of a stage's calls a criterion applied. The stage is empty where calls do not say it."""

    stage: str
    applies: int
    calls: int


class FittedView(View):
    """What became of one criterion, and why."""

    criterion: str
    name: str
    change: Change
    why: str
    occasions: list[OccasionView]

    @classmethod
    def of(cls, one: Fitted) -> "FittedView":
        return super().of(one, criterion=one.before.id, name=one.before.name)


class FitView(View):
    """A rubric's criteria made to fit calls. Where something changed it stands in the rubric's working copy."""

    rubric: str
    criteria: list[FittedView]

    @classmethod
    def of(cls, made: Fit) -> "FitView":
        return cls(rubric=made.rubric.label, criteria=list(map(FittedView.of, made.criteria)))

    @property
    def sentence(self) -> str:
        """How many are what."""
        counts = Counter(one.change for one in self.criteria)
        order: tuple[Change, ...] = ("kept", "asked by stage", "reworded", "left out")
        words = {"asked by stage": "rated on calls of some stages only"}
        return ", ".join(f"{counts[change]} {words.get(change, change)}" for change in order if counts[change])
