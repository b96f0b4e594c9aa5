"""What the page of a call says of its calibration round."""

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.calibration.steps import rounds_of, while_blind
from agent.calibration.views import RoundView
from agent.core.language import _, ngettext
from agent.ratings.call_page import CallPage


@panel("call")
def in_a_round(who: Who, page: CallPage) -> Panel | None:
    """For the team: where raters differ, on each such criterion the round in which it is
    settled; and what waits there."""
    if who.scope.only_rep is not None:
        return None
    found = next((one for one in reversed(rounds_of(who)) if page.about.id in one.calls), None)
    if found is None:
        return None
    if found.blind:
        step = while_blind(who, RoundView.of(who.space, found))
        return Panel("calibration/_on_card.html", {"next": (step.text, step.page, step.button)})
    split = [card.criterion for card in page.cards if card.split]
    if not split:
        return None
    where = f"/calibration/{found.number}#criterion-{split[0].id}"
    text = ngettext(
        "On {n} criterion of this call the raters of calibration round {round} differ, and nobody has settled it.",
        "On {n} criteria of this call the raters of calibration round {round} differ, and nobody has settled it.",
        len(split),
        n=len(split),
        round=found.number,
    )
    may = who.scope.may_rate and found.state == "rated"
    return Panel(
        "calibration/_on_card.html",
        {"round": found.number, "next": (text, where, _("Settle it") if may else _("See the round"))},
    )
