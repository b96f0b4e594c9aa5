"""What the page of a call says of disputes."""

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.core.language import _
from agent.disputes.store import Disputes
from agent.disputes.views import DisputeView
from agent.ratings.call_page import CallPage


@panel("call")
def disputed(who: Who, page: CallPage) -> Panel:
    """On each criterion the dispute about the rating that stands, or about one that it came from; and, for those who
    answer disputes, the first that waits."""
    own = {card.criterion.id: (card.stands, *card.beside, *card.earlier) for card in page.cards if card.stands}
    rows = who.space.store[Disputes].of_ratings([rating.id for ratings in own.values() for rating in ratings if rating])
    on_card = {
        name: next((rows[rating.id] for rating in ratings if rating and rating.id in rows), None)
        for name, ratings in own.items()
    }
    by_criterion = {name: row for name, row in on_card.items() if row is not None}
    shown = {name: DisputeView.of(row) for name, row in by_criterion.items()}
    values = {"rows": shown, "disputes": {name: row.dispute.id for name, row in by_criterion.items()}}
    waiting = next((row.dispute for row in by_criterion.values() if row.state == "open"), None)
    if who.scope.may_rate and waiting:
        values["next"] = (
            _("{rep} disputes a rating of this call.", rep=waiting.rep),
            f"/disputes/{waiting.id}",
            _("Answer it"),
        )
    return Panel("disputes/_on_card.html", values)
