"""Answered disputes become cases of a suite: the API's route, and the form on the page of disputes."""

import re
from typing import Annotated, Any, Literal

from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.view import example
from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done
from agent.core.errors import InputError
from agent.disputes.store import Disputes
from agent.evals.settled_cases import add_dispute_cases
from agent.evals.uploading import SUITE_NAME
from agent.evals.views import AddedCases

api = api_router("disputes")
pages = page_router()


class NewCases(BaseModel):
    """Which suite the cases go into; it is made if it is not there."""

    suite: Annotated[str, Field(pattern=SUITE_NAME)]
    split: Literal["dev", "test"] = "dev"

    model_config = example({"suite": "disputes", "split": "dev"})


@api.post("/dispute-cases", status_code=201)
def make_cases(who: OpsLead, new: NewCases) -> AddedCases:
    """Turn answered disputes into cases of an evaluation suite."""
    return AddedCases.model_validate(add_dispute_cases(who, new.suite, new.split))


@pages.post("/disputes/cases")
def make_cases_on_page(
    request: Request,
    who: OpsLead,
    suite: Annotated[str, Form(max_length=200)] = "",
    split: Annotated[Literal["dev", "test"], Form()] = "dev",
) -> Response:
    """Turn answered disputes into cases of a suite."""
    if not re.fullmatch(SUITE_NAME, suite):
        raise InputError("name the suite with small letters, digits, dashes and underscores, such as disputes")
    added = add_dispute_cases(who, suite, split)
    return done(request, "/disputes", f"Added to {suite}. Cases: {added['cases']}, ratings: {added['ratings']}.")


@panel("disputes")
def cases_form(who: Who, _: Any) -> Panel | None:
    """The form, for an ops lead, once there are disputes."""
    shown = who.scope.may_run and who.space.store[Disputes].counts(viewer=who.name)
    return Panel("evals/_dispute_cases.html", {}) if shown else None
