"""Calibration: rounds in which raters judge the same calls blind, what happens in them, and where a rubric stands."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agent.core.base import Frozen, content_id
from agent.core.people import is_model
from agent.db.blindness import Looked
from agent.db.round_log import Event
from agent.ratings.model import Judgement

SETTLED_VALUES = "settled"
"""As a round's reference: what the raters agreed on, where need be by settling."""

RoundState = Literal["rating", "rated", "closed"]


class CalibrationRound(Frozen):
    """The same calls, rated by two or more people (and a model, if asked) against one rubric.

    `number` counts the workspace's rounds. `submitted` holds the raters whose ratings are final. State `rating`: at
    least one rater has not submitted; `rated`: all have; `closed`: finished or given up. `source` names the file of
    an imported round: this program did not see whether that one was blind. `ongoing`: a few calls in between, rated by
    two people to see whether what has passed still holds. `deadline`: the last day for ratings, told and not enforced.
    `reference`: whose ratings the others are measured against once revealed: a rater, or SETTLED_VALUES.
    """

    number: int = Field(ge=1)
    rubric: str
    raters: tuple[str, ...]
    calls: tuple[str, ...] = Field(min_length=1)
    opened_at: datetime
    source: str = ""
    ongoing: bool = False
    submitted: tuple[str, ...] = ()
    state: RoundState = "rating"
    deadline: date | None = None
    reference: str = ""
    named: str = ""  # its id from before somebody's name gave way to a pseudonym (agent/retention)

    @model_validator(mode="after")
    def _two_people(self) -> Self:
        if len(self.people) < 2:
            raise ValueError("a round has at least two people as raters")
        if len(set(self.raters)) < len(self.raters) or len(set(self.calls)) < len(self.calls):
            raise ValueError("a round names each rater and each call once")
        return self

    @property
    def id(self) -> str:
        """Named by what was put to whom."""
        return self.named or content_id("ro", [self.number, self.rubric, list(self.raters), list(self.calls)])

    @property
    def people(self) -> tuple[str, ...]:
        """The raters who are no model."""
        return tuple(rater for rater in self.raters if not is_model(rater))

    @property
    def waiting(self) -> tuple[str, ...]:
        """Raters who have not submitted."""
        return tuple(rater for rater in self.raters if rater not in self.submitted)

    @property
    def blind(self) -> bool:
        """Whether ratings of its calls are still to be kept from somebody."""
        return self.state == "rating"

    @property
    def counts(self) -> bool:
        """Whether it gave a result: no longer blind, and two people submitted."""
        return not self.blind and sum(rater in self.submitted for rater in self.people) >= 2


class Draft(Frozen):
    """A judgement that its rater may still change. Nobody else ever sees it."""

    call: str
    criterion: str
    judgement: Judgement
    reason: str = ""


class Adjudication(Frozen):
    """What the raters (or a lead) agreed on afterwards where they had differed."""

    round: str
    call: str
    criterion: str
    judgement: Judgement
    reason: str = Field(min_length=1)
    by: str = Field(min_length=1)
    at: datetime


class Opened(Event):
    """The round began."""

    kind: Literal["opened"] = "opened"
    calls: int
    raters: tuple[str, ...]


class Imported(Event):
    """The round came finished out of another tool."""

    kind: Literal["imported"] = "imported"
    source: str


class Drafted(Event):
    """A rater saved own ratings."""

    kind: Literal["drafted"] = "drafted"
    ratings: int


class Resumed(Event):
    """A rater's own drafts were opened."""

    kind: Literal["resumed"] = "resumed"
    ratings: int


class Submitted(Event):
    """A rater's ratings became final."""

    kind: Literal["submitted"] = "submitted"
    ratings: int


class Corrected(Event):
    """A rater corrected a submitted rating. The reason stands in the rating: here it could tell the value."""

    kind: Literal["corrected"] = "corrected"
    call: str
    criterion: str


class Settled(Event):
    """A difference was adjudicated."""

    kind: Literal["adjudicated"] = "adjudicated"
    call: str
    criterion: str


class Planned(Event):
    """The last day for ratings, or whose ratings are the reference, was said."""

    kind: Literal["planned"] = "planned"
    deadline: date | None = None
    reference: str = ""


class Closed(Event):
    """The round ended. `without` holds the raters who had not submitted and no longer can."""

    kind: Literal["closed"] = "closed"
    without: tuple[str, ...] = ()
    reason: str = ""


RoundEvent = Annotated[
    Opened | Imported | Looked | Drafted | Resumed | Submitted | Corrected | Settled | Planned | Closed,
    Field(discriminator="kind"),
]


class LogEntry(Frozen):
    """One line of a round's log. `by` is the name that was given, empty where none was. Never holds a judgement."""

    round: str
    by: str
    at: datetime
    event: RoundEvent
