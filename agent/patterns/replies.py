"""What models reply when they read interviews. See agent/app/replies.py."""

from typing import Literal

from pydantic import Field

from agent.app.replies import Passage, ReplyModel, Whole


class Note(ReplyModel):
    """One behavior of a seller that the buyer recounts."""

    behavior: str = Field(description="one sentence, starting with a verb in the past tense")
    moment: str = Field(description="id of the moment")
    subject: Literal["ours", "competitor"]
    turn: Whole = Field(description="number of the buyer's turn")
    quote: str = Field(description="the buyer's words, copied letter by letter from that turn")


class CodeInterviewReply(ReplyModel):
    """All behaviors noted in one interview."""

    notes: list[Note]


class Entry(ReplyModel):
    """One behavior of the codebook."""

    name: str
    behavior: str = Field(description="one or two sentences, 'The rep …'")
    moments: list[str] = Field(description="ids of moments, most frequent first")
    notes: list[Whole] = Field(description="numbers of all notes in the group")


class MergePatternsReply(ReplyModel):
    """The codebook."""

    entries: list[Entry]


class Decision(ReplyModel):
    """Whether one behavior is recounted in the interview."""

    key: str = Field(description="key of the codebook entry")
    quotes: list[Passage]
    reason: str
    present: bool


class ApplyCodebookReply(ReplyModel):
    """One decision for every entry."""

    decisions: list[Decision]


class Test(ReplyModel):
    """The outcome of one test."""

    __test__ = False  # not a test of pytest's

    why: str
    passes: bool


class CheckCriterionReply(ReplyModel):
    """The three tests, and a rewrite if one fails."""

    specific: Test
    observable: Test
    unambiguous: Test
    rewrite: str = Field(description="the whole description anew, or an empty string if all tests pass")
