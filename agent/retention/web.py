"""Removing what people said, and giving out everything about one person. The API first, then the admin page."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.panels import panels
from agent.app.view import example
from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, failed, render
from agent.core.errors import InputError, NotFound
from agent.retention import verbs
from agent.retention.model import Chosen
from agent.retention.store import Retention
from agent.retention.views import ForgottenView, RemovalView

api = api_router("retention")
pages = page_router()

CONFIRM = "remove"
Days = Annotated[int | None, Query(ge=0, le=100_000, description="Older than so many days.")]
Name = Annotated[str, Query(max_length=200)]


class RemovalIn(BaseModel):
    """What is to go (all that is given has to hold), and the word `remove`: it cannot be undone."""

    older_than: Annotated[int | None, Field(ge=0, le=100_000, description="Days.")] = None
    rep: Annotated[str, Field(max_length=200)] = ""
    customer: Annotated[str, Field(max_length=200)] = ""
    confirm: Annotated[str, Field(max_length=20, description=f"Has to be `{CONFIRM}`.")]

    model_config = example({"older_than": 730, "confirm": "remove"})


@api.get("/retention")
def dry_run(who: OpsLead, older_than: Days = None, rep: Name = "", customer: Name = "") -> RemovalView:
    """What a removal would take away. Nothing is changed."""
    return RemovalView.of(who.space.store[Retention].plan(Chosen.of(older_than, rep, customer)))


@api.post("/retention")
def remove(who: OpsLead, what: RemovalIn) -> RemovalView:
    """Remove transcripts, quotes and customers' names for good. Ratings and figures stay with the call's id."""
    if what.confirm.strip().lower() != CONFIRM:
        raise InputError(f"type the word {CONFIRM!r} to confirm; it cannot be undone")
    return RemovalView.of(verbs.remove(who, Chosen.of(what.older_than, what.rep, what.customer)).removal)


class LeaverIn(BaseModel):
    """Who leaves, and the word `remove`: it cannot be undone."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="A rep's, or of somebody who rates.")]
    pseudonym: Annotated[str, Field(max_length=200, description="Default: Former colleague 1, 2, …")] = ""
    confirm: Annotated[str, Field(max_length=20, description=f"Has to be `{CONFIRM}`.")]

    model_config = example({"name": "Tom Becker", "confirm": "remove"})


@api.post("/retention/people")
def remove_person(who: OpsLead, what: LeaverIn) -> ForgottenView:
    """Put a pseudonym in the place of the name of somebody who leaves, and close the account. The history stays."""
    if what.confirm.strip().lower() != CONFIRM:
        raise InputError(f"type the word {CONFIRM!r} to confirm; it cannot be undone")
    return ForgottenView.of(verbs.remove_person(who, what.name, what.pseudonym))


@api.get(
    "/retention/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "A zip of JSON files."}},
)
def export(who: OpsLead, name: Annotated[str, Query(min_length=1, max_length=200)]) -> Response:
    """Everything about one person: a rep, somebody who rates, or a customer or buyer."""
    headers = {"Content-Disposition": 'attachment; filename="closeread-person.zip"'}
    return Response(verbs.export_person(who, name), media_type="application/zip", headers=headers)


# The page.


@pages.get("/admin/retention")
def retention_page(
    request: Request,
    who: OpsLead,
    older_than: Annotated[str, Query(pattern=r"^\d{0,5}$")] = "",
    rep: Name = "",
    customer: Name = "",
    name: Name = "",
) -> HTMLResponse:
    """Choose what is to go, and see how much that is."""
    typed = {"older_than": older_than, "rep": rep, "customer": customer}
    days = int(older_than) if older_than else None
    values = {
        "typed": typed,
        "counts": dry_run(who, days, rep, customer) if any(typed.values()) else None,
        "panels": panels("rep_names", who, None),
        "word": CONFIRM,
        "name": name,
    }
    return render(request, "retention/retention.html", who, values)


@pages.post("/admin/retention")
def remove_on_page(request: Request, who: OpsLead, what: Annotated[RemovalIn, Form()]) -> Response:
    """Remove it, if the word was typed."""
    gone = remove(who, what)
    return done(request, "/admin/retention", f"Removed: {gone.calls} calls and {gone.interviews} interviews.")


@pages.post("/admin/retention/people")
def remove_person_on_page(request: Request, who: OpsLead, what: Annotated[LeaverIn, Form()]) -> Response:
    """Put a pseudonym in the place of a name, if the word was typed."""
    return done(request, "/admin/retention", f"The name is gone; it is {remove_person(who, what).pseudonym} now.")


@pages.get("/admin/retention/export")
def export_on_page(request: Request, who: OpsLead, name: Name = "") -> Response:
    """Everything about one person, as a zip."""
    try:
        return export(who, name)
    except NotFound as error:
        return failed(request, f"/admin/retention?{urlencode({'name': name})}", error)
