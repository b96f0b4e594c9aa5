"""What happened, put where the webhooks' sender (`agent.webhooks.verbs`) finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.webhooks.store import Webhooks

if TYPE_CHECKING:
    from agent.db.store import Store


def publish(store: Store, kind: str, subject: str, data: dict[str, Any]) -> int:
    """Write one delivery for each enabled webhook that wants events of `kind`; how many. `data`: ids and counts only."""
    return store[Webhooks].publish(kind, subject, data)
