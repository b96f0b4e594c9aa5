"""A webhook, what is sent to it, and of which events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

DeliveryState = Literal["due", "delivered", "failed"]
Event = Literal[
    "call.scored",
    "job.finished",
    "job.paused",
    "dispute.opened",
    "dispute.assigned",
    "dispute.answered",
    "week.summary",
]
EVENTS: tuple[Event, ...] = get_args(Event)
PING = "ping"
NAMED_ONLY = frozenset({"week.summary"})
"""Events that go only to webhooks that name them: they tell of people by name."""


@dataclass(frozen=True)
class Webhook:
    """Where events are sent, without the secret. `events` is empty for all."""

    id: str
    url: str
    events: tuple[str, ...]
    by: str
    at: datetime
    disabled: datetime | None


@dataclass(frozen=True)
class NewWebhook(Webhook):
    """A webhook that was just made, with the secret, which is shown this once."""

    secret: str


@dataclass(frozen=True)
class Delivery:
    """One event for one webhook. `due` is when it is tried next, where its state is due."""

    number: int
    webhook: str
    event: str
    state: DeliveryState
    attempts: int
    due: datetime
    at: datetime
    reason: str
    body: str


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that this sender alone sends now, with all that it takes."""

    delivery: Delivery
    url: str
    secret: str
