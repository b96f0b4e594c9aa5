"""Connects webhooks to the rest: which events they hear of, and sending as a chore of server and worker."""

from agent.app.chores import chore
from agent.app.events import Happened, listen
from agent.webhooks.sending import deliver_due
from agent.webhooks.store import Webhooks
from agent.workspace import Workspace


@listen(Happened)
def publish(space: Workspace, event: Happened) -> None:
    """Write a delivery for each webhook that wants the event."""
    space.store[Webhooks].publish(event.kind, event.subject, event.data)


@chore("server", "worker")
async def send(space: Workspace) -> None:
    """Send what is due."""
    await deliver_due(space)
