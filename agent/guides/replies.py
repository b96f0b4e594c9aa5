"""What models reply when they draft or check questions. See agent/app/replies.py."""

from typing import Literal

from pydantic import Field

from agent.app.replies import ReplyModel, Whole


class DraftQuestion(ReplyModel):
    """One question of an interview guide."""

    stage: str = Field(description="id of the stage")
    question: str
    probes: list[str] = Field(description="two or three short questions")


class DraftGuideReply(ReplyModel):
    """The questions, in the order they are asked."""

    questions: list[DraftQuestion]


class QuestionFlaw(ReplyModel):
    """One flaw of one question."""

    number: Whole = Field(description="number of the question")
    rule: Literal["rationalisation", "rating", "yes_no", "leading", "double", "hypothetical", "opinion"]
    why: str
    rewrite: str


class GuideLintReply(ReplyModel):
    """All flaws found."""

    flaws: list[QuestionFlaw]
