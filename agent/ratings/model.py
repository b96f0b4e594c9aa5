"""A rater's judgement of one criterion on one call. A rating never changes; a correction is a new one."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from agent.core.base import Frozen, content_id
from agent.core.transcript import Quote

FailureKind = Literal["evidence", "reply", "model"]


class NearestMiss(Frozen):
    """The turn that comes closest to an absent behavior, and why it does not count."""

    turn: int = Field(ge=0)
    speaker: str
    text: str
    why: str = Field(min_length=1)


class Rated(Frozen):
    """A level was given. A level that says the behavior was there rests on at least one located quote.

    `context` are words of others that the criterion asks for beside it (an agreement): shown, never counted as
    evidence. It is left out where there are none: ratings from before there was one keep their names.
    """

    status: Literal["rated"] = "rated"
    value: int
    quotes: tuple[Quote, ...] = ()
    nearest: NearestMiss | None = None
    context: tuple[Quote, ...] = Field(
        default=(), exclude_if=lambda words: not words, json_schema_extra={"x-left-out-if-empty": True}
    )

    @property
    def said(self) -> str:
        """The level as a word that can be shown, and compared between readings."""
        return str(self.value)


class NotApplicable(Frozen):
    """The criterion does not apply to this call."""

    status: Literal["not_applicable"] = "not_applicable"
    value: ClassVar[None] = None
    quotes: ClassVar[tuple[Quote, ...]] = ()
    said: ClassVar[str] = "n/a"


class Failed(Frozen):
    """No rating came out. It is counted and shown, and is never read as a low level."""

    status: Literal["failed"] = "failed"
    kind: FailureKind
    detail: str
    claimed: int | None = None
    value: ClassVar[None] = None
    quotes: ClassVar[tuple[Quote, ...]] = ()
    said: ClassVar[str] = "failed"


Judgement = Annotated[Rated | NotApplicable | Failed, Field(discriminator="status")]


class Provenance(Frozen):
    """What a rating was made with. For people and imports, prompt, model and request are empty.

    `endpoint` is the base URL of the server that answered, empty for the provider's own.
    """

    rubric: str
    prompt: str = ""
    model: str = ""
    request: str = ""
    draw: int = Field(default=0, ge=0)
    endpoint: str = ""

    @property
    def by(self) -> str:
        """The model, with its server where that is one of the team's own."""
        return f"{self.model} at {self.endpoint}" if self.endpoint else self.model


class Said(NamedTuple):
    """As much of a rating as counting takes: ten times quicker to read than all of it."""

    call: str
    criterion: str
    rater: str
    judgement: Judgement


class Rating(Frozen):
    """One judgement with its reason and where it came from. `supersedes` names the rating it corrects."""

    call: str
    criterion: str
    rater: str
    judgement: Judgement
    reason: str = ""
    provenance: Provenance
    at: datetime
    supersedes: str = ""
    named: str = ""  # its id from before its quotes were removed (agent/retention/store.py); empty for all others

    @property
    def id(self) -> str:
        """Named by call, criterion, rater, what it was made with and what it corrects."""
        if self.named:
            return self.named
        # Ratings made before there was an endpoint keep their names.
        made_with = self.provenance.model_dump(mode="json", exclude=None if self.provenance.endpoint else {"endpoint"})
        return content_id(
            "ra",
            [self.call, self.criterion, self.rater, made_with, self.supersedes, self.judgement.model_dump(mode="json")],
        )
