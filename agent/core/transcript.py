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
    """One speaker's uninterrupted words. `start` is in seconds from the beginning, None if the source gives no time."""

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
        """Made from words, speakers and times, so that saying later who plays which part does not change it."""
        return content_id("tr", [[turn.speaker, turn.text, turn.start] for turn in self.turns])

    @property
    def removed(self) -> bool:
        """Whether the words were deleted for good at somebody's request."""
        return len(self.turns) == 1 and self.turns[0].text == REMOVED

    def holds(self, quote: Quote) -> bool:
        """Whether the quote's words still stand at its place; after a correction of the transcript they may not."""
        at = quote.span
        return at.turn < len(self.turns) and self.turns[at.turn].text[at.start : at.end] == quote.text

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers' names in the order in which they first speak."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    def speakers_as(self, role: SpeakerRole) -> frozenset[str]:
        """The names that play `role`."""
        return frozenset(name for name, part in self.roles.items() if part == role)


class Conversation(Frozen):
    """An interview or a call: what was said, when, and with or about which rep.

    `alias` is the file's name where the id had to differ from it, because the name tells who spoke. People may go on
    using the alias as an id; deleting the conversation deletes it.
    """

    id: str = Field(min_length=1)
    alias: str = ""
    transcript: Transcript
    date: date
    rep: str = Field(min_length=1)

    @property
    def open_sides(self) -> tuple[str, ...]:
        """Speakers whose side (rep or customer) nobody has stated yet."""
        return tuple(name for name in self.transcript.speakers if name not in self.transcript.roles)

    @property
    def sides_open(self) -> bool:
        """Whether some speaker's side is unknown; models do not read the conversation until it is stated."""
        return bool(self.open_sides)
