"""The form for a new dispute on the page of a call."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from agent.app.web.auth import SignedIn, require
from agent.app.web.forms import Typed
from agent.app.web.routes import page_router
from agent.app.web.templates import done
from agent.core.language import _
from agent.disputes.verbs import open_dispute
from agent.ratings.web_call import WRONG, Wrong, place_of, render_call

pages = page_router()

Rep = Annotated[SignedIn, Depends(require("rep"))]


@pages.post("/calls/{ident}/dispute")
def dispute_on_page(request: Request, who: Rep, ident: str, form: Typed) -> Response:
    """Dispute a rating."""
    rubric, criterion = form.get("rubric", ""), form.get("criterion", "")
    try:
        open_dispute(who, form.get("rating", ""), form.get("comment", ""), form.get("own", ""))
    except WRONG as error:
        return render_call(request, who, ident, rubric, Wrong("dispute", criterion, error))
    return done(request, place_of(ident, rubric, criterion), _("Your dispute is sent. A manager answers it."))
