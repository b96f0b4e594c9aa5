"""Admin: how long transcripts are kept, removing them, and giving out everything about one person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.problems import checked, status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, NotFound
from agent.people.api_retention import CONFIRM, CountsOut, Remove, counted, exported, removed

router = page_router()

Days = Annotated[str, Query(pattern=r"^\d{0,5}$")]
Name = Annotated[str, Query(max_length=200)]


@router.get("/admin/retention")
def retention(
    request: Request, who: OpsLead, older_than: Days = "", rep: Name = "", customer: Name = ""
) -> HTMLResponse:
    """Choose what is to go, and see how much that is."""
    return _page(request, who, {"older_than": older_than, "rep": rep, "customer": customer})


@router.post("/admin/retention")
def remove(
    request: Request,
    who: OpsLead,
    older_than: Annotated[str, Form(pattern=r"^\d{0,5}$")] = "",
    rep: Annotated[str, Form(max_length=200)] = "",
    customer: Annotated[str, Form(max_length=200)] = "",
    confirm: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Remove it, if the word was typed."""
    typed = {"older_than": older_than, "rep": rep, "customer": customer}
    try:
        found = removed(who, checked(Remove, typed | {"older_than": older_than or None, "confirm": confirm}))
    except CloseReadError as error:
        return _page(request, who, typed, error)
    return done(request, "/admin/retention", f"Removed: {found.calls} calls and {found.interviews} interviews.")


@router.get("/admin/retention/export")
def export(request: Request, who: OpsLead, name: Name = "") -> Response:
    """Everything about one person, as a zip."""
    try:
        return exported(who, name)
    except NotFound as error:
        return _page(request, who, {"older_than": "", "rep": "", "customer": ""}, error, name)


def _page(
    request: Request, who: SignedIn, typed: dict[str, str], problem: CloseReadError | None = None, name: str = ""
) -> HTMLResponse:
    counts: CountsOut | None = None
    if any(typed.values()):
        days = typed["older_than"]
        counts = counted(who, int(days) if days else None, typed["rep"], typed["customer"])
    values = {
        "typed": typed,
        "counts": counts,
        "reps": who.space.store[Calls].reps(),
        "problem": str(problem) if problem else "",
        "word": CONFIRM,
        "name": name,
    }
    return render(request, "people/retention.html", who, values, status_of(problem) if problem else 200)
