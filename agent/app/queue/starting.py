"""Starting jobs: writes rows into the store; needs neither the queue nor a worker."""

import math
from collections.abc import Sequence
from typing import Any

from agent.app.queue.kinds import kind
from agent.app.queue.model import NORMAL, Job
from agent.app.queue.store import Jobs
from agent.settings import JobRules
from agent.workspace import Workspace

# A short job is cut into at least this many chunks, so that several workers can share it.
_SHARES = 16
_LEAST = 5


def start(
    space: Workspace, name: str, params: dict[str, Any], *, by: str, calls: Sequence[str] = (), priority: int = NORMAL
) -> Job:
    """Make a queued job of the kind `name`. `params` are what that kind reads: ids and settings, never texts."""
    kind(name)
    size = chunk_size(len(calls), space.settings.jobs())
    return space.store[Jobs].create(name, params, by, calls, priority=priority, chunk_size=size)


def chunk_size(calls: int, rules: JobRules) -> int:
    """How many calls a chunk has: at most what the rules say, fewer if the job is short."""
    return min(rules.chunk_size, max(_LEAST, math.ceil(calls / _SHARES)))
