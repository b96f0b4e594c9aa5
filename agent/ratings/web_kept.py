"""Filters of the list of calls that a person keeps: the API first, then the forms of the page."""

from typing import Annotated

from fastapi import Form, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from agent.app.view import example
from agent.app.web.auth import Anybody
from agent.app.web.problems import checked
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, failed
from agent.core.errors import CloseReadError
from agent.core.language import _
from agent.ratings.kept_filters import CallsShown, KeptFilters, forget_filters, keep_filters, kept_by

api, pages = api_router("me"), page_router()


class CallsShownIn(CallsShown):
    """Which calls to show, and in which columns."""


class KeptFiltersIn(BaseModel):
    """Filters to keep."""

    name: Annotated[str, Field(max_length=60)]
    filters: CallsShownIn

    model_config = example(
        {"name": "Mine to coach", "filters": {"rep": "Rae", "result": "not_shown", "hide": ["stage"]}}
    )


class KeptFiltersList(BaseModel):
    """All that you keep."""

    items: list[KeptFilters]


@api.get("/me/call-filters")
def list_kept(who: Anybody) -> KeptFiltersList:
    """The filters of the list of calls that you keep, by name."""
    return KeptFiltersList(items=kept_by(who))


@api.post("/me/call-filters", status_code=201)
def keep(who: Anybody, new: KeptFiltersIn) -> KeptFilters:
    """Keep filters of the list of calls under a name."""
    return keep_filters(who, new.name, new.filters)


@api.delete("/me/call-filters/{name}", status_code=204)
def forget(who: Anybody, name: Annotated[str, Path(max_length=60)]) -> None:
    """Forget filters that you kept."""
    forget_filters(who, name)


# Pages.


@pages.post("/calls/filters")
def keep_on_page(
    request: Request,
    who: Anybody,
    name: Annotated[str, Form(max_length=200)] = "",
    query: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep the filters that the list of calls has now."""
    filters = checked(CallsShown, CallsShown.asked(query))
    try:
        kept = keep_filters(who, name, filters)
    except CloseReadError as error:
        return failed(request, f"/calls?{filters.query}", error)
    return done(request, f"/calls?{filters.query}", _("These filters are kept as “{name}”.", name=kept.name))


@pages.post("/calls/filters/forget")
def forget_on_page(request: Request, who: Anybody, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Forget filters that were kept."""
    forget_filters(who, name)
    return done(request, "/calls", _("“{name}” is forgotten; no call is changed.", name=name))
