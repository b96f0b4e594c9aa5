"""What the page of an upload shows of the workspace: the next step."""

from __future__ import annotations

from agent.app.panels import Panel, panel
from agent.app.steps import next_step
from agent.app.verb import Who
from agent.uploads.views import UploadView


@panel("upload")
def step_after(who: Who, upload: UploadView) -> Panel:
    """What to do now that the files are in."""
    return Panel("start/_step.html", {"step": next_step(who)})
