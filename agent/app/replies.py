"""What models reply. Field names and descriptions are sent with every request: they are prompt text.

Kept narrow on purpose: no ids of our own making, no offsets, no totals, no dates. Code adds those.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Passage(_Reply):
    """A passage copied letter by letter from one turn."""

    turn: int = Field(description="number of the turn")
    quote: str = Field(description="copied letter by letter from that turn")


class Note(_Reply):
    """One behavior of a seller that the buyer recounts."""

    behavior: str = Field(description="one sentence, starting with a verb in the past tense")
    moment: str = Field(description="id of the moment")
    subject: Literal["ours", "competitor"]
    turn: int = Field(description="number of the buyer's turn")
    quote: str = Field(description="the buyer's words, copied letter by letter from that turn")


class CodeInterviewReply(_Reply):
    """All behaviors noted in one interview."""

    notes: list[Note]


class Entry(_Reply):
    """One behavior of the codebook."""

    name: str
    behavior: str = Field(description="one or two sentences, 'The rep …'")
    moments: list[str] = Field(description="ids of moments, most frequent first")
    notes: list[int] = Field(description="numbers of all notes in the group")


class MergePatternsReply(_Reply):
    """The codebook."""

    entries: list[Entry]


class Decision(_Reply):
    """Whether one behavior is recounted in the interview."""

    key: str = Field(description="key of the codebook entry")
    quotes: list[Passage]
    reason: str
    present: bool


class ApplyCodebookReply(_Reply):
    """One decision for every entry."""

    decisions: list[Decision]


class Test(_Reply):
    """The outcome of one test."""

    __test__ = False  # not a test of pytest's

    why: str
    passes: bool


class CheckCriterionReply(_Reply):
    """The three tests, and a rewrite if one fails."""

    specific: Test
    observable: Test
    unambiguous: Test
    rewrite: str = Field(description="the whole description anew, or an empty string if all tests pass")


class AnchorText(_Reply):
    """What a rater sees at one level."""

    level: int
    text: str


class DraftExample(_Reply):
    """A verbatim example."""

    source: str = Field(description="id of the call or interview")
    turn: int
    quote: str = Field(description="copied letter by letter from that turn")
    why: str


class DraftCriteriaReply(_Reply):
    """One criterion."""

    id: str
    name: str
    description: str = Field(description="exactly two sentences")
    form: Literal["same", "opposite", "negative"]
    direction: str
    scale: Literal["binary", "1-3", "1-5"]
    scale_reason: str
    anchors: list[AnchorText]
    present: list[DraftExample]
    absent: list[DraftExample]
    speaker: Literal["rep", "customer", "any"]
    stage: str
    not_applicable_when: str


class Nearest(_Reply):
    """The turn that comes closest to what is missing."""

    turn: int
    why: str


class CriterionRating(_Reply):
    """The rating of one criterion."""

    criterion: str = Field(description="id of the criterion")
    evidence: list[Passage]
    nearest: Nearest | None
    reason: str
    level: int | None = Field(description="a level of the scale; null only where the criterion does not apply")


class RateCallReply(_Reply):
    """One rating for every criterion."""

    ratings: list[CriterionRating]


class SharpenCriterionReply(_Reply):
    """The sharpened criterion."""

    difference: str = Field(description="what the wording left open, with the turns at which the managers parted")
    description: str = Field(description="the whole description anew")
    anchors: list[AnchorText]
    near_miss: DraftExample | None


class DraftQuestion(_Reply):
    """One question of an interview guide."""

    stage: str = Field(description="id of the stage")
    question: str
    probes: list[str] = Field(description="two or three short questions")


class DraftGuideReply(_Reply):
    """The questions, in the order they are asked."""

    questions: list[DraftQuestion]


class QuestionFlaw(_Reply):
    """One flaw of one question."""

    number: int = Field(description="number of the question")
    rule: Literal["rationalisation", "rating", "yes_no", "leading", "double", "hypothetical", "opinion"]
    why: str
    rewrite: str


class GuideLintReply(_Reply):
    """All flaws found."""

    flaws: list[QuestionFlaw]


class CoachMomentReply(_Reply):
    """What the rep could have said, and what to practise."""

    said: str = Field(description="the rep's words at that turn, one to three sentences")
    practice: str = Field(description="one task for the next call, one or two sentences")


class SpeakerPart(_Reply):
    """Which part one label plays."""

    label: str = Field(description="the label, spelled as given")
    lines: list[Passage] = Field(description="the two lines it rests on; none for unknown")
    reason: str
    part: Literal["rep", "customer", "buyer", "interviewer", "other", "unknown"]


class ProposeSpeakersReply(_Reply):
    """One part for every label."""

    speakers: list[SpeakerPart]


REPLIES: dict[str, type[BaseModel]] = {
    reply.__name__: reply
    for reply in (
        CodeInterviewReply,
        MergePatternsReply,
        ApplyCodebookReply,
        CheckCriterionReply,
        DraftCriteriaReply,
        RateCallReply,
        SharpenCriterionReply,
        DraftGuideReply,
        GuideLintReply,
        CoachMomentReply,
        ProposeSpeakersReply,
    )
}
