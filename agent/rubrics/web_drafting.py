"""Drafting criteria from patterns: started on the page of the patterns, done by a background job."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Form, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from agent.app.panels import Panel, panel
from agent.app.queue.model import OPEN
from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.app.view import View, example
from agent.app.web.auth import OpsLead, Team, still_allowed
from agent.app.web.live import LOOK_SECONDS
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, environment
from agent.core.language import _, english
from agent.patterns.views import PatternSetView
from agent.rubrics.proposal import Only, proposal
from agent.rubrics.store import Rubrics
from agent.rubrics.verbs_drafting import start_drafting

api = api_router("patterns")
pages = page_router()


class Drafting(BaseModel):
    """How to draft criteria."""

    label: Annotated[str, Field(max_length=200, description="Of the new rubric; empty for v1, v2 …")] = ""
    only: Annotated[Only, Field(description="`distinguishing` leaves out patterns that only lean.")] = ""
    patterns: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)] = Field(
        default_factory=list, description="Ids of patterns; default: those that are proposed, up to eight."
    )
    budget_usd: Annotated[float | None, Field(ge=0, le=1_000_000)] = None
    fresh: Annotated[bool, Field(description="Ask the model also where a reply is kept.")] = False

    model_config = example({"label": "spring", "budget_usd": 5})


class JobRef(View):
    """A job that was started."""

    job: str
    state: str


@api.post("/patterns/draft", status_code=202)
def draft(who: OpsLead, drafting: Drafting) -> JobRef:
    """Draft a criterion from each proposed pattern: a background job. 409 without a model in the role drafter."""
    job = start_drafting(who, **dict(drafting))
    return JobRef(job=job.id, state=job.state)


@pages.post("/patterns/draft")
def draft_on_page(
    request: Request,
    who: OpsLead,
    label: Annotated[str, Form(max_length=200)] = "",
    pattern: Annotated[list[Annotated[str, Form(max_length=200)]] | None, Form(max_length=100)] = None,
) -> Response:
    """Start drafting criteria."""
    start_drafting(who, label.strip(), patterns=pattern or [])
    return done(request, "/patterns#drafting", _("Criteria are being drafted."))


@panel("patterns")
def drafting_step(who: Who, patterns: PatternSetView) -> Panel:
    """What to do with the patterns next, or how far the last job is that drafted criteria from them."""
    jobs = who.space.store[Jobs]
    last = next(iter(jobs.list(kind="draft", limit=1)), None)
    values = {
        "undecided": [p for p in patterns.patterns if p.undecided],
        "distinguishing": any(p.verdict.startswith("distinguishing") for p in patterns.patterns),
        "leaning": sum(p.verdict.startswith("leaning") for p in patterns.patterns),
        "proposal": proposal(who.space),
        "drafter": who.space.settings.binding("drafter"),
        "rubrics": len(who.space.store[Rubrics].all()),
        "job": last,
        "progress": jobs.progress(last.id) if last else None,
    }
    return Panel("rubrics/_drafting.html", values)


@pages.get("/patterns/drafting/{job}/events")
async def drafting_events(request: Request, who: Team, job: Annotated[str, Path(max_length=40)]) -> EventSourceResponse:
    """How far the drafting is, as it goes on; ends with the job."""
    await run_in_threadpool(who.space.store[Jobs].get, job)
    return EventSourceResponse(_events(who, job, still_allowed(request, who)))


async def _events(who: Who, ident: str, allowed: Callable[[], bool]) -> AsyncIterator[ServerSentEvent]:
    template = environment(not english()).get_template("rubrics/_drafting_state.html")
    jobs, told = who.space.store[Jobs], ""
    while await run_in_threadpool(allowed):
        job = await run_in_threadpool(jobs.get, ident)
        text = template.render(values={"job": job, "progress": await run_in_threadpool(jobs.progress, ident)})
        if text != told:
            told = text
            yield ServerSentEvent(text, event="progress")
        if job.state not in OPEN:
            yield ServerSentEvent("", event="end")
            return
        await asyncio.sleep(LOOK_SECONDS)
