"""Patterns: what separates won deals from lost ones, and what each rests on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Form, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from agent.app.queue.model import OPEN
from agent.app.queue.store import Jobs
from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import page_router
from agent.app.web.templates import done, environment, render
from agent.core.errors import NotFound
from agent.interviews.store import Interviews
from agent.patterns import api as api
from agent.patterns import pattern_views
from agent.patterns import verbs_edits as pattern_edits
from agent.patterns.views import Decision, decided_by
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.interviews.model import Pattern
    from agent.patterns.edits import EditedPatterns

router = page_router()

Text = Annotated[str, Form(max_length=2000)]
Ident = Annotated[str, Path(max_length=200)]
_SECONDS = 1.0  # between two looks at a job


@router.get("/patterns")
def patterns(request: Request, who: Team) -> HTMLResponse:
    """All patterns, won and lost side by side."""
    try:
        found = pattern_edits.current(who.space)
    except NotFound:
        interviews = len(who.space.store[Interviews].all())
        return render(request, "patterns/none.html", who, {"interviews": interviews})
    return render(request, "patterns/list.html", who, _list_values(who, found))


def _list_values(who: SignedIn, found: EditedPatterns) -> dict[str, Any]:
    from agent.patterns.verbs import moments_line, patterns_worth

    shown = found.extraction.patterns
    by_side: dict[str, list[Pattern]] = {"won": [], "lost": [], "none": []}
    for pattern in shown.patterns:
        by_side[pattern.side].append(pattern)
    leaning = [p for p in shown.patterns if p.verdict.startswith("leaning")]
    return {
        "by_side": by_side,
        "found": found,
        "undecided": pattern_views.undecided(found),
        "worth": patterns_worth(shown),
        "moments_line": moments_line(shown),
        "moments": shown.moments,
        "distinguishing": [p for p in shown.patterns if p.verdict.startswith("distinguishing")],
        "leaning": len(leaning),
        "history": pattern_views.history(found),
        "drafter": who.space.settings.binding("drafter"),
        "rubrics": len(who.space.store[Rubrics].all()),
        **_common(who),
        **_drafting(who),
    }


def _common(who: SignedIn) -> dict[str, Any]:
    return {
        "may_edit": who.scope.may_run,
        "moment_names": {m.id: m.name for m in who.space.stages.moments},
        "verdicts": pattern_views.WORDS,
        "in_words": pattern_views.in_words,
        "chance": pattern_views.chance_in_words,
    }


def _drafting(who: SignedIn) -> dict[str, Any]:
    """The last job that drafted criteria, and how far it is."""
    jobs = who.space.store[Jobs].list(kind="draft", limit=1)
    return {"job": jobs[0] if jobs else None, "progress": who.space.store[Jobs].progress(jobs[0].id) if jobs else None}


@router.post("/patterns/draft")
def draft(
    request: Request,
    who: OpsLead,
    label: Annotated[str, Form(max_length=200)] = "",
    leaning: Annotated[bool, Form()] = False,
) -> Response:
    """Start drafting criteria."""
    api.draft(who, api.Drafting(label=label.strip(), leaning=leaning))
    return done(request, "/patterns#drafting", "Criteria are being drafted.")


@router.get("/patterns/drafting/{job}/events")
async def drafting_events(who: Team, job: Annotated[str, Path(max_length=40)]) -> EventSourceResponse:
    """How far the drafting is, as it goes on; ends with the job."""
    await run_in_threadpool(who.space.store[Jobs].get, job)
    return EventSourceResponse(_events(who, job))


async def _events(who: SignedIn, ident: str) -> AsyncIterator[ServerSentEvent]:
    template = environment().get_template("patterns/_drafting_state.html")
    jobs, told = who.space.store[Jobs], ""
    while True:
        job = await run_in_threadpool(jobs.get, ident)
        text = template.render(job=job, progress=await run_in_threadpool(jobs.progress, ident))
        if text != told:
            told = text
            yield ServerSentEvent(text, event="progress")
        if job.state not in OPEN:
            yield ServerSentEvent("", event="end")
            return
        await asyncio.sleep(_SECONDS)


@router.get("/patterns/{ident}")
def pattern(request: Request, who: Team, ident: Ident) -> HTMLResponse:
    """One pattern with everything it rests on."""
    return _pattern_page(request, who, ident)


def _pattern_page(
    request: Request,
    who: SignedIn,
    ident: str,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    found = pattern_edits.current(who.space)
    shown = found.pattern(ident)
    rows = pattern_views.coding_rows(found, ident, pattern_views.outcomes(who.space, found))
    values = {
        "found": found,
        "pattern": shown,
        "rejected": next((r for r in found.rejected if r.pattern.id == ident), None),
        "half": ident in found.halves,
        "merged": len(found.sources[ident]) > 1,
        "rows": rows,
        "open_rows": [row for row in rows if row.differ],
        "agreed_rows": [row for row in rows if not row.differ],
        "undecided": sum(row.counting is None for row in rows),
        "decided_by": decided_by,
        "observations": pattern_views.observations(found, ident),
        "history": pattern_views.history(found, ident),
        "confirm": found.extraction.patterns.confirm.get(ident),
        "typed": typed or {},
        "problem_text": problem,
        **_common(who),
    }
    return render(request, "patterns/show.html", who, values, status)


@router.post("/patterns/{ident}/decide")
def decide(
    request: Request,
    who: OpsLead,
    ident: Ident,
    source: Annotated[str, Form(max_length=200)],
    interview: Annotated[str, Form(max_length=200)],
    present: Annotated[str, Form(pattern="^(yes|no|)$")] = "",
    reason: Text = "",
) -> Response:
    """Settle one interview on which the analysts differ."""
    from agent.core.errors import InputError

    typed = {"source": source, "interview": interview, "present": present, "reason": reason}
    if not present or not reason.strip():
        missing = "choose present or absent" if not present else "say why in a few words: the reason is kept"
        return _pattern_page(request, who, ident, typed, missing, 422)
    decision = problems.checked(
        Decision, {"interview": interview, "present": present == "yes", "reason": reason.strip()}
    )
    try:
        api.decided(who, source, decision)
    except InputError as error:
        return _pattern_page(request, who, ident, typed, str(error), problems.status_of(error))
    word = "present" if decision.present else "absent"
    return done(request, f"/patterns/{ident}#codings", f"It is {word} in {interview}. All counts are new.")
