"""The form for a new dispute on the page of a call."""

from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from agent.app.web.auth import SignedIn, require
from agent.app.web.routes import page_router
from agent.app.web.templates import done
from agent.core.language import _
from agent.disputes.verbs import open_dispute
from agent.ratings.web_call import WRONG, Wrong, place_of, render_call

pages = page_router()

Short = Annotated[str, Form(max_length=200)]
Rep = Annotated[SignedIn, Depends(require("rep"))]


@pages.post("/calls/{ident}/dispute")
def dispute_on_page(
    request: Request,
    who: Rep,
    ident: str,
    rating: Short = "",
    criterion: Short = "",
    rubric: Short = "",
    comment: Annotated[str, Form(max_length=4000)] = "",
    own: Short = "",
) -> Response:
    """Dispute a rating."""
    try:
        open_dispute(who, rating, comment, own)
    except WRONG as error:
        typed = {"comment": comment, "own": own}
        return render_call(request, who, ident, rubric, Wrong("dispute", criterion, error, typed))
    return done(request, place_of(ident, rubric, criterion), _("Your dispute is sent. A manager answers it."))
