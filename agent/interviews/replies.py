"""What models reply when they are asked who speaks. See agent/app/replies.py."""

from typing import Literal

from pydantic import Field

from agent.app.replies import Passage, ReplyModel


class SpeakerPart(ReplyModel):
    """Which part one label plays."""

    label: str = Field(description="the label, spelled as given")
    lines: list[Passage] = Field(description="the two lines it rests on; none for unknown")
    reason: str
    part: Literal["rep", "customer", "buyer", "interviewer", "other", "unknown"]


class ProposeSpeakersReply(ReplyModel):
    """One part for every label."""

    speakers: list[SpeakerPart]
