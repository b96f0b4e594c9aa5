"""A run as it is stored: what was asked, the answer for every case, and the cost."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.evals.suite import Reference
from agent.evals.suite_files import Split, SuiteKind
from agent.ratings.model import Failed, Judgement, NotApplicable, Rated
from agent.rubrics.model import Criterion

Mode = Literal["all criteria", "one criterion"]
Key = tuple[str, str]  # case, criterion


class Answer(Frozen):
    """What one draw said about one case and criterion."""

    case: str
    criterion: str
    draw: int = Field(ge=0)
    judgement: Judgement
    reason: str = ""
    request: str = ""

    @property
    def why(self) -> str:
        """The model's reason, or what failed."""
        return self.judgement.detail if isinstance(self.judgement, Failed) else self.reason


class Spending(Frozen):
    """What the replies of a run take, wherever they came from this time.

    `usd` is their list price, None where it is not known; `paid_usd` what this time was really paid; `seconds` the mean
    latency of those that a provider answered this time, None where none was; `answered` counts replies by source.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    usd: float | None = None
    paid_usd: float = 0.0
    seconds: float | None = None
    answered: dict[str, int] = Field(default_factory=dict)


class Run(Frozen):
    """One suite asked of one model with one prompt. Carries the references it was held against."""

    suite: str
    kind: SuiteKind
    suite_id: str
    split: str
    model: str
    prompt: str
    rubric: str = ""
    mode: Mode
    draws: int = Field(ge=1)
    criteria: tuple[Criterion, ...]
    cases: tuple[str, ...]
    must_pass: tuple[str, ...]
    test_cases: tuple[str, ...] = ()  # of split test: counted, and not shown to whoever edits prompts
    references: tuple[Reference, ...]
    answers: tuple[Answer, ...]
    refused: dict[str, str] = Field(default_factory=dict)  # case: what import did, "" where it did right
    unanswered: dict[str, str] = Field(default_factory=dict)  # case: why the model gave nothing that can be repeated
    no_ceiling: str = ""
    endpoint: str = ""  # the base URL of the server that answered, empty for the provider's own
    spending: Spending
    at: datetime

    @property
    def asked(self) -> str:
        """The model, with its server if that is the team's own."""
        return f"{self.model} at {self.endpoint}" if self.endpoint else self.model

    @property
    def id(self) -> str:
        """Made from what was asked and what was answered, not from time or cost: repeating a run with the same
        answers gives the same id."""
        asked = [self.suite, self.suite_id, self.split, self.model, self.prompt, self.rubric, self.mode, self.draws]
        given = [a.model_dump(mode="json") for a in self.answers]
        asked += [self.endpoint] if self.endpoint else []
        return content_id("ev", [*asked, list(self.cases), given, self.refused, sorted(self.unanswered)])

    def split_of(self, case: str) -> Split:
        return "test" if case in self.test_cases else "dev"

    def reference(self) -> dict[Key, Reference]:
        """References by case and criterion."""
        return {(r.case, r.criterion): r for r in self.references}

    def drawn(self, draw: int = 0) -> dict[Key, Answer]:
        """Answers of one draw by case and criterion."""
        return {(a.case, a.criterion): a for a in self.answers if a.draw == draw}

    def criterion(self, ident: str) -> Criterion | None:
        """The criterion of that id."""
        return next((c for c in self.criteria if c.id == ident), None)


def right(judgement: Judgement, reference: Reference) -> bool:
    """Whether a judgement says the same as the reference. A failed one never does."""
    match judgement:
        case Rated():
            return reference.value == judgement.value
        case NotApplicable():
            return reference.value is None
        case Failed():
            return False


def closeness(criterion: Criterion, judgement: Judgement, reference: Reference) -> float:
    """1 if right, 0 if as wrong as possible: 1 - distance / range of the scale.

    A failed judgement gives 0, and so does n/a where the reference has a level.
    """
    if right(judgement, reference):
        return 1.0
    if not isinstance(judgement, Rated) or reference.value is None:
        return 0.0
    return 1.0 - abs(judgement.value - reference.value) / criterion.scale.span
