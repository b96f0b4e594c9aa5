"""The reps' names as they stand in the calls, offered in forms of other slices where a rep is typed."""

from typing import Any

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.calls.store import Calls


@panel("rep_names")
def rep_names(who: Who, _: Any) -> Panel:
    """A list for `<input list="reps">`."""
    return Panel("calls/_rep_names.html", {"names": who.space.store[Calls].reps()})
