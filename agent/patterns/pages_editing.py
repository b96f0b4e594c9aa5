"""Renaming, merging, splitting and rejecting patterns, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.problems import InvalidInput
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import InputError
from agent.patterns import api as api
from agent.patterns import pattern_views
from agent.patterns import verbs_edits as pattern_edits
from agent.patterns.views import Merge, Reject, Rename, SplitOff

router = page_router()

Name = Annotated[str, Form(max_length=200)]
Text = Annotated[str, Form(max_length=2000)]
Ident = Annotated[str, Path(max_length=200)]
Chosen = Annotated[list[str], Form(max_length=1000, default_factory=list)]


@router.get("/pattern-merge")
def merge_form(
    request: Request, who: OpsLead, pattern: Annotated[list[str], Query(max_length=20, default_factory=list)]
) -> HTMLResponse:
    """What the merged pattern is called and says."""
    return _merge_page(request, who, pattern, {})


@router.post("/pattern-merge")
def merge(
    request: Request,
    who: OpsLead,
    pattern: Chosen,
    name: Name = "",
    behavior: Text = "",
) -> Response:
    """Merge the chosen ones."""
    typed = {"name": name.strip(), "behavior": behavior.strip()}
    try:
        found = api.edited(who, problems.checked(Merge, {"kind": "merge", "patterns": pattern, **typed}))
    except (InputError, InvalidInput) as error:
        return _merge_page(request, who, pattern, typed, str(error), problems.status_of(error))
    return done(request, f"/patterns/{pattern_edits.made(found)}", "Merged. All counts are new.")


def _merge_page(
    request: Request,
    who: SignedIn,
    chosen: Sequence[str],
    typed: Mapping[str, str],
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    found = pattern_edits.current(who.space)
    every = found.extraction.patterns.patterns
    parts = [p for p in every if p.id in chosen]
    values = {"every": every, "parts": parts, "chosen": set(chosen), "typed": typed, "problem_text": problem}
    return render(request, "patterns/merge.html", who, values, status)


@router.get("/patterns/{ident}/split")
def split_form(request: Request, who: OpsLead, ident: Ident) -> HTMLResponse:
    """Which observations go, and what that means for each interview."""
    return _split_page(request, who, ident, {})


@router.post("/patterns/{ident}/split")
async def split(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Split a new pattern off."""
    from fastapi.concurrency import run_in_threadpool

    form = await request.form(max_fields=3000)
    typed: dict[str, Any] = {key: form.get(key) for key in form}
    observations = [str(value) for value in form.getlist("observation")]
    return await run_in_threadpool(_split, request, who, ident, typed | {"observations": observations})


_ANSWERS = {"stays": (True, False), "goes": (False, True), "both": (True, True), "neither": (False, False)}


def _split(request: Request, who: SignedIn, ident: str, typed: dict[str, Any]) -> Response:
    settled = [
        {"interview": key.removeprefix("in:"), "stays": _ANSWERS[value][0], "goes": _ANSWERS[value][1]}
        for key, value in typed.items()
        if key.startswith("in:") and value in _ANSWERS
    ]
    facts = {
        "kind": "split",
        "pattern": ident,
        "name": str(typed.get("name", "")).strip(),
        "behavior": str(typed.get("behavior", "")).strip(),
        "observations": typed["observations"],
        "settled": settled,
    }
    try:
        found = api.edited(who, problems.checked(SplitOff, facts))
    except (InputError, InvalidInput) as error:
        return _split_page(request, who, ident, typed, str(error), problems.status_of(error))
    return done(request, f"/patterns/{pattern_edits.made(found)}", "Split. All counts are new.")


def _split_page(
    request: Request, who: SignedIn, ident: str, typed: Mapping[str, Any], problem: str = "", status: int = 200
) -> HTMLResponse:
    from agent.patterns.edits import to_settle

    found = pattern_edits.current(who.space)
    noted, settle = pattern_views.observations(found, ident), to_settle(found, ident)
    values = {
        "pattern": found.pattern(ident),
        "notes": len(noted),
        "groups": [
            {
                "interview": i,
                "notes": [o for o in noted if o.interview == i],
                "settle": i in settle,
                "coding": settle.get(i),
            }
            for i in sorted({o.interview for o in noted} | settle.keys())
        ],
        "outcomes": pattern_views.outcomes(who.space, found),
        "typed": typed,
        "chosen": set(typed.get("observations", ())),
        "problem_text": problem,
    }
    return render(request, "patterns/split.html", who, values, status)


@router.post("/patterns/{ident}/rename")
def rename(request: Request, who: OpsLead, ident: Ident, name: Name) -> Response:
    """Give it another name."""
    api.edited(who, problems.checked(Rename, {"kind": "rename", "pattern": ident, "name": name.strip()}))
    return done(request, f"/patterns/{ident}", f"It is now called “{name.strip()}”.")


@router.post("/patterns/{ident}/reject")
def reject(request: Request, who: OpsLead, ident: Ident, reason: Text) -> Response:
    """Leave it out of what follows."""
    api.edited(who, problems.checked(Reject, {"kind": "reject", "pattern": ident, "reason": reason.strip()}))
    return done(request, "/patterns#history", "Rejected: no criterion will be drafted from it. You can take that back.")


@router.post("/pattern-edits/{number}/undo")
def undo(request: Request, who: OpsLead, number: Annotated[int, Path(ge=1, le=10**12)]) -> Response:
    """Take an edit back."""
    api.undo(who, number)
    return done(request, "/patterns#history", f"Edit {number} is taken back. All counts are new.")
