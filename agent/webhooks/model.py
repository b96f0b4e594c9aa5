"""A webhook, its deliveries, and the kinds of events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import NS_

DeliveryState = Literal["due", "delivered", "failed"]
STATES = NS_("due", "delivered", "failed")  # for the catalogs: pages show them
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
EXAMPLES: dict[Event, tuple[str, dict[str, Any]]] = {
    "call.scored": (
        "call-0412",
        {
            "job": "job-2f6c9d1e8b40",
            "rubric": "ru-5c1e0b7a9d3f",
            "criteria": 2,
            "deal": "D-1042",
            "external_id": "call-0412",
            "scored": ["asks_cost", "names_next_step"],
        },
    ),
    "job.finished": ("job-2f6c9d1e8b40", {"kind": "score", "state": "done", "done": 118, "failed": 2}),
    "job.paused": ("job-2f6c9d1e8b40", {"kind": "score", "reason": "the budget of $5.00 is spent"}),
    "dispute.opened": ("di-0a1b2c3d4e5f", {"call": "call-0412", "criterion": "asks_cost"}),
    "dispute.assigned": ("di-0a1b2c3d4e5f", {"call": "call-0412", "criterion": "asks_cost", "assigned": True}),
    "dispute.answered": ("di-0a1b2c3d4e5f", {"call": "call-0412", "criterion": "asks_cost", "verdict": "upheld"}),
    "week.summary": (
        "2026-11-30",
        {"first": "2026-11-23", "last": "2026-11-29", "sentences": ["Rae Kim has moved on Asks for the cost."]},
    ),
}
"""Of each event a subject and data as they are sent (tests/webhooks/test_examples.py holds them to it)."""
NAMED_ONLY = frozenset({"week.summary"})
"""Events that go only to webhooks that name them: they tell of people by name."""


class Webhook(Frozen):
    """Where events are sent; without its secret. An empty `events` means all."""

    id: str
    url: str
    events: tuple[str, ...]
    by: str
    at: datetime
    disabled: datetime | None


class NewWebhook(Webhook):
    """A webhook that was just made, with the secret, which is shown this once."""

    secret: str


class Delivery(Frozen):
    """One event for one webhook. `due` is when it is tried next, if its state is due."""

    number: int
    webhook: str
    event: str
    state: DeliveryState
    attempts: int
    due: datetime
    at: datetime
    reason: str
    body: str = Field(description="As it is sent: event, subject (an id), at, data (ids and counts).")


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that only this sender may send now, with everything needed to send it."""

    delivery: Delivery
    url: str
    secret: str
