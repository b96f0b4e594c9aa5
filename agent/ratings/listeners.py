"""Work of the server besides answering requests."""

import asyncio

from agent.app.chores import chore
from agent.ratings.store_reviews import Reviews
from agent.workspace import Workspace


@chore("server")
async def refresh_review_queue(space: Workspace) -> None:
    """Take new ratings into the review queue."""
    await asyncio.to_thread(space.store[Reviews].refresh)
