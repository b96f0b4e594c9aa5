"""Names of reps and buyers: renamed, made one, taken back. The API first, then the admin page."""

from typing import Annotated

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.view import example
from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.language import _
from agent.people import verbs_names
from agent.people.names import NameKind, Names
from agent.people.views_names import NameChangeView, NameHistory, NameList, NameView

api = api_router("people")
pages = page_router()

Kind = Annotated[NameKind, Query(description="Reps, or buyers and customers.")]
Number = Annotated[int, Path(ge=1, le=10**12)]


class NewName(BaseModel):
    """`was` is called `now` from here on. Where somebody is called so already, the two become one."""

    kind: NameKind = "rep"
    was: Annotated[str, Field(min_length=1, max_length=200)]
    now: Annotated[str, Field(min_length=1, max_length=200)]

    model_config = example({"kind": "rep", "was": "bo ray", "now": "Bo Ray"})


@api.get("/names")
def list_names(who: OpsLead, kind: Kind = "rep") -> NameList:
    """All names of reps or buyers, where each stands and whom it may be."""
    return NameList(items=[NameView.of(name) for name in who.space.store[Names].known(kind)])


@api.get("/names/history")
def list_changes(who: OpsLead) -> NameHistory:
    """Which names were changed, by whom, and where they stood."""
    return NameHistory(items=[NameChangeView.of(change) for change in who.space.store[Names].history()])


@api.post("/names", status_code=201)
def change_name(who: OpsLead, new: NewName) -> NameChangeView:
    """Rename a person, or make two names one: in calls, interviews, deals, cycles, plans, baselines, accounts."""
    return NameChangeView.of(verbs_names.change_name(who, new.kind, new.was, new.now))


@api.post("/names/history/{number}/undo")
def undo_change(who: OpsLead, number: Number) -> NameChangeView:
    """Take a change back: what was changed then has its name of before."""
    return NameChangeView.of(verbs_names.undo_name(who, number))


# The page.


@pages.get("/admin/names")
def names_page(request: Request, who: OpsLead, kind: Kind = "rep") -> HTMLResponse:
    """All names, and what was changed."""
    history = [change for change in list_changes(who).items if change.kind == kind]
    values = {"kind": kind, "names": list_names(who, kind).items, "history": history}
    return render(request, "people/names.html", who, values)


@pages.post("/admin/names")
def change_on_page(request: Request, who: OpsLead, new: Annotated[NewName, Form()]) -> Response:
    """Rename somebody, or make two names one."""
    made = verbs_names.change_name(who, new.kind, new.was, new.now)
    said = f"{new.was} and {new.now} are one now." if made.merged else f"{new.was} is renamed."
    return done(request, f"/admin/names?kind={new.kind}", said)


@pages.post("/admin/names/{number}/undo")
def undo_on_page(request: Request, who: OpsLead, number: Number) -> Response:
    """Take a change back."""
    made = verbs_names.undo_name(who, number)
    return done(request, f"/admin/names?kind={made.kind}", _("{was} has the own name again.", was=made.was))
