"""What makes a server's first answers slow is done beside them: importing the libraries of
figures, reading templates."""

import asyncio
import gc
import time
from importlib import import_module

from agent.app.chores import chore
from agent.app.web.templates import environment
from agent.workspace import Workspace

_FIRST = ("start/start.html", "profiles/team.html", "ratings/calls.html", "ratings/call.html")
_BETWEEN = 0.005  # seconds: requests go before
_begun: list[bool] = []


@chore("server")
async def get_ready(space: Workspace) -> None:
    """Once, when the server has started."""
    if not _begun:
        _begun.append(True)
        await asyncio.to_thread(make_ready)


def make_ready() -> None:
    """Import what figures are made with, and read all templates: those of the pages that come first, first."""
    for library in ("scipy.special", "scipy.optimize"):  # 0.4 s, most of the first heat map
        import_module(library)
        time.sleep(_BETWEEN)
    environment_ = environment(False)
    rest = [name for name in environment_.list_templates(extensions=["html"]) if name not in _FIRST]
    for name in (*_FIRST, *rest):
        environment_.get_template(name)
        time.sleep(_BETWEEN)
    # A million objects that stay: looking through them for garbage takes a fifth of a
    # second, in the middle of a request.
    gc.collect()
    gc.freeze()
