"""What models reply when they rate a call. See agent/app/replies.py."""

from pydantic import Field

from agent.app.replies import Passage, ReplyModel, Whole


class Nearest(ReplyModel):
    """The turn that comes closest to what is missing."""

    turn: Whole
    why: str


class CriterionRating(ReplyModel):
    """The rating of one criterion."""

    criterion: str = Field(description="id of the criterion")
    evidence: list[Passage]
    nearest: Nearest | None
    reason: str
    level: Whole | None = Field(description="a level of the scale; null only where the criterion does not apply")


class RateCallReply(ReplyModel):
    """One rating for every criterion."""

    ratings: list[CriterionRating]


class RatingInContext(ReplyModel):
    """The rating of one criterion."""

    criterion: str = Field(description="id of the criterion")
    evidence: list[Passage]
    context: list[Passage] = Field(description="what somebody else said that a condition of the criterion asks for")
    nearest: Nearest | None
    reason: str
    level: Whole | None = Field(description="a level of the scale; null only where the criterion does not apply")


class RateCallInContextReply(ReplyModel):
    """One rating for every criterion."""

    ratings: list[RatingInContext]


class CountedBehavior(ReplyModel):
    """The places at which one behavior occurs."""

    behavior: str = Field(description="id of the behavior")
    occurrences: list[Passage]
    nearest: Nearest | None
    applies: bool


class CountOccurrencesReply(ReplyModel):
    """The places of every behavior."""

    behaviors: list[CountedBehavior]


class FittedAnchor(ReplyModel):
    """What a rater sees at one level."""

    level: Whole
    text: str


class FitCriterionReply(ReplyModel):
    """A criterion reworded so that it fits calls, or that no call can show it."""

    observable: bool
    why: str
    stages: list[str] = Field(description="ids of stages; empty for all")
    description: str
    not_applicable_when: str
    anchors: list[FittedAnchor]
