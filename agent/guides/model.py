"""Interview guides: what buyers of won and of lost deals are asked, and the faults of questions."""

from typing import Literal, get_args

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.text.outcomes import Outcome

GuideRule = Literal["rationalisation", "rating", "yes_no", "leading", "double", "hypothetical", "opinion"]
GUIDE_RULES: tuple[GuideRule, ...] = get_args(GuideRule)

SetRule = Literal["too_few", "too_many", "stage_without_question", "same_for_both", "no_behavior"]

# Fewer than six leave stages out; more than ten do not fit into an interview of half an hour with its follow-ups.
FEWEST, MOST = 6, 10


class Question(Frozen):
    """One question, tied to a stage (empty if to none), with further questions to ask after the answer."""

    stage: str = ""
    question: str = Field(min_length=1)
    probes: tuple[str, ...] = ()


class Guide(Frozen):
    """The questions for buyers of one outcome, in the order they are asked."""

    outcome: Outcome
    questions: tuple[Question, ...] = Field(min_length=1)

    @property
    def id(self) -> str:
        """Made from its outcome and all questions."""
        return content_id("gu", [self.outcome, [q.model_dump(mode="json") for q in self.questions]])

    def at(self, stage: str) -> tuple[Question, ...]:
        """The questions tied to `stage`."""
        return tuple(q for q in self.questions if q.stage == stage)


class Finding(Frozen):
    """A fault of one question, and a question about behavior to ask instead. `by`: a rule or a model found it."""

    rule: GuideRule
    why: str
    rewrite: str
    by: Literal["rule", "model"] = "rule"


class SetFinding(Frozen):
    """A fault of a set of questions. `outcome` is empty if it is about both sets together."""

    rule: SetRule
    outcome: Outcome | Literal[""]
    why: str
