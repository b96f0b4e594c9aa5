"""What models reply when they say what a rep could have said. See agent/app/replies.py."""

from pydantic import Field

from agent.app.replies import ReplyModel


class CoachMomentReply(ReplyModel):
    """What the rep could have said, and what to practise."""

    said: str = Field(description="the rep's words at that turn, one to three sentences")
    practice: str = Field(description="one task for the next call, one or two sentences")
