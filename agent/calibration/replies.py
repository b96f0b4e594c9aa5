"""What models reply when they sharpen a criterion. See agent/app/replies.py."""

from pydantic import Field

from agent.app.replies import ReplyModel
from agent.rubrics.replies import AnchorText, DraftExample


class SharpenCriterionReply(ReplyModel):
    """The sharpened criterion."""

    difference: str = Field(description="what the wording left open, with the turns at which the managers parted")
    description: str = Field(description="the whole description anew")
    anchors: list[AnchorText]
    near_miss: DraftExample | None
