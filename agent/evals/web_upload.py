"""Own suites from files: the API's route, and the page with its form."""

from typing import Annotated

from fastapi import Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.evals.lists import suite_view
from agent.evals.suite import Suite
from agent.evals.suite_files import Split
from agent.evals.uploading import bring_suite
from agent.evals.views import SuiteView
from agent.rubrics.store import Rubrics

api = api_router("evals")
pages = page_router()

_ROOM = 100_000_000
Name = Annotated[str, Form(max_length=60)]
Ref = Annotated[str, Form(max_length=200, description="Id or label; empty: the rubric in use.")]
Scores = Annotated[UploadFile, File(description="CSV, a score a row: call_id, criterion, value, perhaps quotes.")]
Manifest = Annotated[UploadFile, File(description="CSV, a call a row: file, date, rep.")]
Transcripts = Annotated[list[UploadFile], File(description="The transcripts that the manifest names.")]


def bring(
    who: OpsLead,
    name: Name,
    scores: Scores,
    manifest: Manifest,
    transcripts: Transcripts,
    rubric: Ref = "",
    split: Annotated[Split, Form()] = "dev",
) -> Suite:
    """The suite that somebody sends, made."""
    files = [(one.filename or "call.txt", one.file) for one in transcripts if one.filename]
    table, facts = (scores.filename or "", scores.file), (manifest.filename or "", manifest.file)
    return bring_suite(who, name.strip(), table, facts, files, rubric, split)


Brought = Annotated[Suite, Depends(bring)]


@api.post("/evals/suites", status_code=201, max_body_size=_ROOM)
def make_suite(who: OpsLead, made: Brought) -> SuiteView:
    """Make a suite of calls that people scored by hand, with their transcripts."""
    return suite_view(who.space, made.name)


# Pages.


@pages.get("/evals/new")
def new_suite(request: Request, who: OpsLead) -> HTMLResponse:
    """The form for a suite of one's own."""
    rubrics = [stored.rubric for stored in reversed(who.space.store[Rubrics].all())]
    return render(request, "evals/new.html", who, {"rubrics": rubrics})


@pages.post("/evals/new", max_body_size=_ROOM)
def make_on_page(request: Request, who: OpsLead, made: Brought) -> Response:
    """Make it, and on to it."""
    ratings = sum(len(case.references) for case in made.cases)
    left = f" Left out: {'; '.join(made.left_out[:3])}." if made.left_out else ""
    return done(request, f"/evals/suites/{made.name}", f"{len(made.cases)} calls, {ratings} scores.{left}")
