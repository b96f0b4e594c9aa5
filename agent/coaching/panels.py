"""What coaching adds to the page of a rep: what moved since it began, the plan, and what to do next about both."""

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.coaching.steps import rep_step
from agent.coaching.store import Coaching
from agent.coaching.views import MovementRow
from agent.profiles.cycle_panels import cycle_panels
from agent.profiles.heat_map import RepProfile


@panel("profile")
def coaching_of(who: Who, profile: RepProfile) -> Panel:
    """On a rep's page. `step` stands at its top."""
    plan = who.space.store[Coaching].plan_of(profile.rep)
    values = {
        "plan": plan,
        "rows": [MovementRow.of(row, None, last=False) for row in profile.movement],
        "panels": cycle_panels(profile.movement, profile.criteria, profile.marks),
        "step": rep_step(who, profile, plan),
    }
    return Panel("coaching/_on_profile.html", values)
