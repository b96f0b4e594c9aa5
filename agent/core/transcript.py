"""What was said: turns, and places in them.

Turns are numbered from 0 in the order spoken. Offsets count Unicode code points in the turn's text, half-open.
"""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from agent.core.base import Frozen, content_id

REMOVED = "[removed]"
"""What stands in the place of words that were removed for good."""
TOLD = "told by the interviewer"
"""Under whose label the words of an interviewer's notes stand: nobody's own, and no quote of the buyer."""
SpeakerRole = Literal["rep", "customer", "buyer", "interviewer", "other"]


class Turn(Frozen):
    """One speaker's uninterrupted words. `start` is in seconds from the beginning, None
    where the source has no time."""

    index: int = Field(ge=0)
    speaker: str = Field(min_length=1)
    text: str = Field(min_length=1)
    start: float | None = Field(default=None, ge=0)


class Span(Frozen):
    """A half-open range [start, end) of one turn's text."""

    turn: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=1)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a span holds at least one character")
        return self


class Quote(Frozen):
    """Words located in a transcript: `text` is the source's own text at `span`, never the claimant's spelling."""

    span: Span
    speaker: str
    text: str = Field(min_length=1)


class Transcript(Frozen):
    """A conversation. `roles` maps each speaker's name to the part they play, where known."""

    turns: tuple[Turn, ...] = Field(min_length=1)
    roles: dict[str, SpeakerRole] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if [turn.index for turn in self.turns] != list(range(len(self.turns))):
            raise ValueError("turns are numbered 0, 1, 2 … in order")
        return self

    @property
    def id(self) -> str:
        """Named by its words, speakers and times; who plays which part does not change it."""
        return content_id("tr", [[turn.speaker, turn.text, turn.start] for turn in self.turns])

    @property
    def removed(self) -> bool:
        """Whether its words were removed for good."""
        return len(self.turns) == 1 and self.turns[0].text == REMOVED

    def holds(self, quote: Quote) -> bool:
        """Whether the quote's words stand where it says: after a correction they may not."""
        at = quote.span
        return at.turn < len(self.turns) and self.turns[at.turn].text[at.start : at.end] == quote.text

    @property
    def speakers(self) -> tuple[str, ...]:
        """Names in order of first speaking."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    def speakers_as(self, role: SpeakerRole) -> frozenset[str]:
        """The names that play `role`."""
        return frozenset(name for name, part in self.roles.items() if part == role)


class Conversation(Frozen):
    """An interview or a call: what was said, when, and with or about which rep.

    `alias` is the name of its file where the id is not that name, because it tells of somebody: people may go on using
    it for the id, and a removal takes it away.
    """

    id: str = Field(min_length=1)
    alias: str = ""
    transcript: Transcript
    date: date
    rep: str = Field(min_length=1)

    @property
    def open_sides(self) -> tuple[str, ...]:
        """Speakers of whom nobody has said on whose side they are."""
        return tuple(name for name in self.transcript.speakers if name not in self.transcript.roles)

    @property
    def sides_open(self) -> bool:
        """Whether it is left out of what models read until somebody has said who is on whose side."""
        return bool(self.open_sides)
