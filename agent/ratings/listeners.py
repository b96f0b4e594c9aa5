"""What is kept up to date beside the work of the server."""

from __future__ import annotations

import asyncio

from agent.app.chores import chore
from agent.ratings.store_reviews import Reviews
from agent.workspace import Workspace


@chore("server")
async def refresh_review_queue(space: Workspace) -> None:
    """Look at ratings that came since the last time."""
    await asyncio.to_thread(space.store[Reviews].refresh)
