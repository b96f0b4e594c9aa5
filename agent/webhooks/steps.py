"""The next step of webhooks."""

from agent.app.steps import OPS, Step
from agent.app.verb import Who
from agent.core.language import _
from agent.webhooks.store import Webhooks


def webhook_step(who: Who) -> Step:
    """The step shown on the page of webhooks."""
    webhooks = who.space.store[Webhooks].all()
    if not webhooks:
        text = _("Add the address that is to be told of scored calls, finished jobs and disputes.")
        return Step(text, "/admin/webhooks#add", _("Add one"), "webhook add URL", OPS)
    working = next((one for one in webhooks if not one.disabled), None)
    if working is None:
        text = _("Every webhook is switched off: nothing is sent. Look at what was not taken, then switch one on.")
        return Step(
            text, f"/admin/webhooks/{webhooks[0].id}", _("See deliveries"), f"webhook deliveries {webhooks[0].id}", OPS
        )
    text = _("Send a test event to the newest address, and see whether it is taken.")
    return Step(text, f"/admin/webhooks/{working.id}", _("To the newest"), f"webhook ping {working.id}", OPS)
