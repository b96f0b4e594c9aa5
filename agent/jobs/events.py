"""What happened, put where the webhooks' sender (`agent.services.webhooks`) finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.store.workspace import Store


def publish(store: Store, kind: str, subject: str, data: dict[str, Any]) -> int:
    """Write one delivery for each enabled webhook that wants events of `kind`; how many. `data`: ids and counts only."""
    return store.webhooks.publish(kind, subject, data)
