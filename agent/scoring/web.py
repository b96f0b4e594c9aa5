"""Letting the model read one call. The API first, then what hangs on the page of the call."""

from typing import Annotated, Literal

from fastapi import Form, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.view import View, example
from agent.app.web.auth import Anew, OpsLead, Team
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done
from agent.calls.store import Calls
from agent.core.language import _
from agent.ratings.call_page import CallPage
from agent.ratings.web_call import WRONG, Wrong, place_of, render_call
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.scoring.trial import CALLS
from agent.scoring.verbs import fit_rubric, start_reading, start_trial
from agent.scoring.views import FitView, TrialView

api = api_router("calls")
rubric_api = api_router("rubrics")
pages = page_router()

Ident = Annotated[str, Path(max_length=200, examples=["call-0412"])]
Ref = Annotated[str, Path(max_length=200, description="Id or label.", examples=["v1"])]
Short = Annotated[str, Form(max_length=200)]


class NewReading(BaseModel):
    """Which reading is wanted."""

    reading: Annotated[Literal["first", "second"], Field(description="second: another draw, to compare.")] = "first"
    rubric: Annotated[str, Field(max_length=200, description="Id or label; default: the one in use.")] = ""

    model_config = example({"reading": "second"})


class ReadingJob(View):
    """The job that reads the call; null where it is read or queued already."""

    job: str | None


@api.post("/calls/{ident}/score", status_code=202)
def score_call(who: OpsLead, ident: Ident, new: NewReading) -> ReadingJob:
    """Let the model read this call now, before what else is queued. A worker does it."""
    second = new.reading == "second"
    job = start_reading(who, ident, new.rubric, second=second)
    return ReadingJob(job=job.id if job else None)


@rubric_api.get("/rubrics/{ref}/trial")
def read_trial(who: Team, ref: Ref) -> TrialView:
    """What a few calls, each read twice by a model, say of the rubric's criteria. Empty where it was not tried."""
    return TrialView.of(who.space, who.space.store[Rubrics].get(ref), who.name)


class NewTrial(BaseModel):
    """How many calls to try the criteria on."""

    calls: Annotated[int, Field(ge=4, le=100)] = CALLS

    model_config = example({"calls": 10})


@rubric_api.post("/rubrics/{ref}/trial", status_code=202)
def try_rubric(who: OpsLead, ref: Ref, new: NewTrial) -> TrialView:
    """Let a model read some calls twice against this rubric: background jobs. The answer is what is known so far."""
    return TrialView.of(who.space, start_trial(who, who.space.store[Rubrics].get(ref), new.calls), who.name)


@rubric_api.post("/rubrics/{ref}/fit")
async def fit_to_calls(who: OpsLead, ref: Ref, _anew: Anew) -> FitView:
    """Make the criteria fit the calls they were tried on. What changes is saved as the rubric's
    working copy; a criterion that applied to less than a third of the calls of every stage is reworded
    by the model in the role drafter."""
    rubric = who.space.store[Rubrics].get(ref)
    return FitView.of(await fit_rubric(who, rubric, who.space.concurrency, None))


# Pages.


@pages.post("/calls/{ident}/score")
def score_on_page(
    request: Request,
    who: OpsLead,
    ident: str,
    reading: Annotated[Literal["first", "second"], Form()] = "first",
    rubric: Short = "",
) -> Response:
    """Let the model read this call."""
    try:
        job = start_reading(who, ident, rubric, second=reading == "second")
    except WRONG as error:
        return render_call(request, who, ident, rubric, Wrong("score", "", error))
    if job is None:
        return done(
            request, place_of(ident, rubric), _("There is nothing left to read: it is rated or queued already.")
        )
    return done(
        request, place_of(ident, rubric), _("{id} is queued; a worker reads the call, then it appears here.", id=job.id)
    )


@pages.post("/rubric/{ref}/trial")
def try_on_page(
    request: Request, who: OpsLead, ref: Ref, calls: Annotated[int, Form(ge=4, le=100)] = CALLS
) -> Response:
    """Start a trial."""
    start_trial(who, who.space.store[Rubrics].get(ref), calls)
    return done(request, f"/rubric/{ref}#trial", _("A worker reads the calls; what comes of it appears here."))


@pages.post("/rubric/{ref}/fit")
async def fit_on_page(request: Request, who: OpsLead, ref: Ref) -> Response:
    """Make the criteria fit calls, and show the working copy."""
    rubric = who.space.store[Rubrics].get(ref)
    view = FitView.of(await fit_rubric(who, rubric, who.space.concurrency, None))
    if all(one.change == "kept" for one in view.criteria):
        return done(request, f"/rubric/{rubric.id}#trial", _("Every criterion fits its calls; nothing was changed."))
    said = _(
        "{upper}{sentence}. Read each before you publish it.",
        upper=view.sentence[:1].upper(),
        sentence=view.sentence[1:],
    )
    return done(request, f"/rubric/{rubric.id}/edit", said)


@panel("rubric")
def trial_of_rubric(who: Who, rubric: Rubric) -> Panel:
    """How the criteria did on a few calls."""
    values = {
        "rubric": rubric,
        "trial": TrialView.of(who.space, rubric, who.name),
        "may_run": who.scope.may_run,
        "calls": who.space.store[Calls].count(),
        "most": CALLS,
    }
    return Panel("scoring/_trial.html", values)


@panel("call_foot")
def read_it(who: Who, page: CallPage) -> Panel | None:
    """The buttons that let the model read the call."""
    return Panel("scoring/_on_call.html", {}) if who.scope.may_run and page.call and page.rubric else None
