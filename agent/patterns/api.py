"""Patterns: what was found, how it was coded, and what people decide and change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, assert_never

from fastapi import Body, Path
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import api_router
from agent.patterns import pattern_views
from agent.patterns import verbs_edits as pattern_edits
from agent.patterns.views import (
    EDIT_EXAMPLES,
    CodingOut,
    Decision,
    EditOut,
    Merge,
    NewEdit,
    ObservationOut,
    PatternDetail,
    PatternOut,
    PatternSetOut,
    Reject,
    Rename,
    SplitOff,
)

if TYPE_CHECKING:
    from agent.patterns.edits import EditedPatterns

router = api_router("patterns")

Ident = Annotated[str, Path(max_length=200, examples=["asked_what_the_problem_leads_to"])]


class Edits(BaseModel):
    """All edits, newest first."""

    items: list[EditOut]


class Drafting(BaseModel):
    """How to draft criteria."""

    label: Annotated[str, Field(max_length=200, description="Of the new rubric; empty for v1, v2 …")] = ""
    leaning: Annotated[bool, Field(description="Also from patterns that only lean.")] = False
    budget_usd: Annotated[float | None, Field(ge=0, le=1_000_000)] = None

    model_config = {"json_schema_extra": {"examples": [{"label": "spring", "leaning": False, "budget_usd": 5}]}}


class JobRef(BaseModel):
    """A job that was started."""

    job: str
    state: str

    model_config = {"json_schema_extra": {"examples": [{"job": "job-4f1c2a9b7d3e", "state": "queued"}]}}


@router.get("/patterns")
def list_patterns(who: Team) -> PatternSetOut:
    """The patterns of the newest extraction, as people edited them. 404 where nothing was extracted yet."""
    return PatternSetOut.of(pattern_edits.current(who.space))


@router.get("/patterns/{ident}")
def read_pattern(who: Team, ident: Ident) -> PatternDetail:
    """One pattern with the observations it was made of and both analysts' codings, differing ones first."""
    return _detail(who, ident)


@router.post("/patterns/{ident}/decisions")
def decide(who: OpsLead, ident: Ident, decision: Decision) -> PatternDetail:
    """Decide whether an extracted pattern (one that `comes_from` names) is present in an interview."""
    return decided(who, ident, decision)


@router.get("/pattern-edits")
def list_edits(who: Team) -> Edits:
    """What people changed in these patterns, newest first. Edits are never removed; one that was undone says so."""
    return Edits(items=[EditOut.of(line) for line in pattern_views.history(pattern_edits.current(who.space))])


@router.post("/pattern-edits", status_code=201)
def edit(who: OpsLead, new: Annotated[NewEdit, Body(openapi_examples=EDIT_EXAMPLES)]) -> EditOut:
    """Rename, merge, split or reject. All counts are computed anew from the codings."""
    return EditOut.of(pattern_views.history(edited(who, new))[0])


@router.post("/pattern-edits/{number}/undo")
def undo(who: OpsLead, number: Annotated[int, Path(ge=1, le=10**12)]) -> EditOut:
    """Take an edit back. 409 where a later one builds on it."""
    found = pattern_edits.undo(who.space, number, who.name)
    who.audit("pattern_edit_undone", str(number))
    return EditOut.of(pattern_views.history(found)[0])


@router.post("/patterns/draft", status_code=202)
def draft(who: OpsLead, drafting: Drafting) -> JobRef:
    """Draft a criterion from each distinguishing pattern: a background job. 409 without a model in the role drafter."""
    from agent.jobs.starting import start_drafting

    job = start_drafting(
        who.space, by=who.name, label=drafting.label, leaning=drafting.leaning, budget_usd=drafting.budget_usd
    )
    who.audit("drafting_started", job.id, label=drafting.label, leaning=drafting.leaning)
    return JobRef(job=job.id, state=job.state)


def decided(who: SignedIn, ident: str, decision: Decision) -> PatternDetail:
    """A person's decision, noted in the audit log. For the page as well."""
    from agent.patterns.verbs import decide

    decide(who.space, ident, decision.interview, present=decision.present, reason=decision.reason)
    who.audit("coding_decided", ident, interview=decision.interview)
    found = pattern_edits.current(who.space)
    using = next((p for p, sources in found.sources.items() if ident in sources), ident)
    return _detail(who, using)


def edited(who: SignedIn, new: Rename | Merge | SplitOff | Reject) -> EditedPatterns:
    """An edit, noted in the audit log. For the page as well."""
    space, by = who.space, who.name
    match new:
        case Rename():
            found = pattern_edits.rename(space, new.pattern, new.name, by)
        case Merge():
            found = pattern_edits.merge(space, new.patterns, new.name, new.behavior, by)
        case SplitOff():
            found = pattern_edits.split(space, new.pattern, new.name, new.behavior, new.observations, new.settled, by)
        case Reject():
            found = pattern_edits.reject(space, new.pattern, new.reason, by)
        case _:
            assert_never(new)
    who.audit(f"pattern_{found.edits[-1].change.kind}", pattern_edits.made(found), edit=found.last)
    return found


def _detail(who: SignedIn, ident: str) -> PatternDetail:
    found = pattern_edits.current(who.space)
    pattern, open_cells = found.pattern(ident), pattern_views.undecided(found)
    rows = pattern_views.coding_rows(found, ident, pattern_views.outcomes(who.space, found))
    return PatternDetail(
        **PatternOut.facts(found, pattern, open_cells),
        observations=[ObservationOut.of(o) for o in pattern_views.observations(found, ident)],
        codings=[CodingOut.of(row) for row in rows],
    )
