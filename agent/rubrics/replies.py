"""What models reply when they draft criteria. See agent/app/replies.py."""

from typing import Literal

from pydantic import Field

from agent.app.replies import ReplyModel, Whole


class AnchorText(ReplyModel):
    """What a rater sees at one level."""

    level: Whole
    text: str


class DraftExample(ReplyModel):
    """A verbatim example."""

    source: str = Field(description="id of the call or interview")
    turn: Whole
    quote: str = Field(description="copied letter by letter from that turn")
    why: str


class DraftCriteriaReply(ReplyModel):
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


class DraftStagedCriterionReply(DraftCriteriaReply):
    """One criterion."""

    stages: list[str] = Field(description="ids of the stages in whose calls it is rated; empty for all")
