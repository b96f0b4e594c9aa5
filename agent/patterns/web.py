"""Patterns: what separates won deals from lost ones, what each rests on, and what people decide and change."""

from typing import Annotated, Any, Literal, assert_never

from fastapi import Body, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.panels import Panel, panel, panels
from agent.app.queue.model import Job
from agent.app.steps import next_step
from agent.app.verb import Who
from agent.app.view import View, example
from agent.app.web import problems
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.forms import Typed
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.app.web.wording import shipped
from agent.core.errors import InputError, NotFound
from agent.core.language import _
from agent.interviews.sides import counted, on_neither_side
from agent.interviews.store import Interviews
from agent.interviews.web import InterviewShown, Mark
from agent.patterns import verbs
from agent.patterns.edits import EditedPatterns
from agent.patterns.model import Ident, Name, Resettled, Wording
from agent.patterns.updating import age
from agent.patterns.views import (
    ENOUGH,
    EditList,
    EditView,
    HistoryPoint,
    Marked,
    PatternDetail,
    PatternHistory,
    PatternSetView,
    SplitQuestion,
)

api = api_router("patterns")
pages = page_router()

PatternId = Annotated[str, Path(max_length=200, examples=["asked_what_the_problem_leads_to"])]
EditNumber = Annotated[int, Path(ge=1, le=10**12)]


class Decision(BaseModel):
    """Whether a pattern is present in an interview, as a person decides it."""

    interview: Ident
    present: bool
    reason: Wording

    model_config = example(
        {"interview": "int-07", "present": False, "reason": "She names the price, not what it was compared with."}
    )


class Rename(BaseModel):
    """Give a pattern another name."""

    kind: Literal["rename"]
    pattern: Ident
    name: Name


class Merge(BaseModel):
    """Make one of several: present in an interview where any of them is."""

    kind: Literal["merge"]
    patterns: Annotated[list[Ident], Field(min_length=2, max_length=20)]
    name: Name
    behavior: Wording


class SplitOff(BaseModel):
    """Give some observations to a new pattern. `settled`: one answer for each interview in which it is present."""

    kind: Literal["split"]
    pattern: Ident
    name: Name
    behavior: Wording
    observations: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=1000)]
    settled: Annotated[list[Resettled], Field(max_length=1000)]


class Reject(BaseModel):
    """Leave a pattern out of everything that follows."""

    kind: Literal["reject"]
    pattern: Ident
    reason: Wording


NewEdit = Annotated[Rename | Merge | SplitOff | Reject, Field(discriminator="kind")]
_EXAMPLES: dict[str, Any] = {
    "rename": {"value": {"kind": "rename", "pattern": "asked_what_the_problem_leads_to", "name": "Asks what it costs"}},
    "merge": {
        "value": {
            "kind": "merge",
            "patterns": ["sent_generic_slides_or_brochure", "demoed_on_a_made_up_company"],
            "name": "Showed generic material",
            "behavior": "The rep shows material that has nothing of the buyer's own case in it.",
        }
    },
    "reject": {
        "value": {"kind": "reject", "pattern": "opened_with_personal_small_talk", "reason": "Nobody can coach it."}
    },
}


@api.get("/patterns")
def list_patterns(who: Team) -> PatternSetView:
    """The patterns of the newest extraction, as people edited them. 404 where nothing was extracted yet."""
    return PatternSetView.of(verbs.current(who.space), age(who.space), on_neither_side(who.space))


class UpdateStarted(View):
    """How patterns are brought up to date: by this job, or at once, where `job` is empty."""

    job: str


@api.post("/patterns/update", status_code=202)
def update_patterns(
    who: OpsLead, budget_usd: Annotated[float | None, Query(ge=0, le=1_000_000, description="US dollars.")] = None
) -> UpdateStarted:
    """Bring the patterns up to date: models read only what is new, the codebook stays, all is counted anew."""
    made = verbs.start_update(who, budget_usd=budget_usd)
    return UpdateStarted(job=made.id if isinstance(made, Job) else "")


@api.get("/patterns/{ident}/history")
def read_history(who: Team, ident: PatternId) -> PatternHistory:
    """What each extraction and update concluded about one extracted pattern."""
    return PatternHistory.of(who.space, ident)


@api.get("/patterns/{ident}")
def read_pattern(who: Team, ident: PatternId) -> PatternDetail:
    """One pattern with the observations it was made of and both analysts' codings, differing ones first."""
    return _detail(who, ident)


@api.post("/patterns/{ident}/decisions")
def decide(who: OpsLead, ident: PatternId, decision: Decision) -> PatternDetail:
    """Decide whether an extracted pattern (one that `comes_from` names) is present in an interview."""
    verbs.decide(who, ident, decision.interview, present=decision.present, reason=decision.reason)
    sources = verbs.current(who.space).sources
    return _detail(who, next((p for p in sources if ident in sources[p]), ident))


@api.get("/pattern-edits")
def list_edits(who: Team) -> EditList:
    """What people changed in these patterns, newest first. Edits are never removed; one that was undone says so."""
    return EditList(items=EditView.all(verbs.current(who.space)))


@api.post("/pattern-edits", status_code=201)
def edit(who: OpsLead, new: Annotated[NewEdit, Body(openapi_examples=_EXAMPLES)]) -> EditView:
    """Rename, merge, split or reject. All counts are computed anew from the codings."""
    return _newest(_edited(who, new))


@api.post("/pattern-edits/{number}/undo")
def undo(who: OpsLead, number: EditNumber) -> EditView:
    """Take an edit back. 409 where a later one builds on it."""
    return _newest(verbs.undo(who, number))


def _edited(who: SignedIn, new: Rename | Merge | SplitOff | Reject) -> EditedPatterns:
    match new:
        case Rename():
            return verbs.rename(who, new.pattern, new.name)
        case Merge():
            return verbs.merge(who, new.patterns, new.name, new.behavior)
        case SplitOff():
            return verbs.split(who, new.pattern, new.name, new.behavior, new.observations, new.settled)
        case Reject():
            return verbs.reject(who, new.pattern, new.reason)
        case _:
            assert_never(new)


def _newest(patterns: EditedPatterns) -> EditView:
    return EditView.of(patterns, patterns.edits[-1])


def _outcomes(who: Who, patterns: EditedPatterns) -> dict[str, str]:
    """The outcome of each interview that was read."""
    return {
        i.id: i.outcome for i in counted(who.space, who.space.store[Interviews].all(patterns.raw.patterns.interviews))
    }


def _detail(who: Who, ident: str) -> PatternDetail:
    patterns = verbs.current(who.space)
    return PatternDetail.made(patterns, ident, _outcomes(who, patterns))


@panel("interview")
def marks_in_interview(who: Who, shown: InterviewShown) -> Panel | None:
    """The words of an interview that count for patterns; None where nothing was extracted yet."""
    try:
        marked = Marked.all(verbs.current(who.space), shown.interview.id, shown.only)
    except NotFound:
        return None
    marks = [
        Mark(m.quote.span, m.name, f"/patterns/{m.pattern}")
        for m in marked
        if shown.interview.transcript.holds(m.quote)
    ]
    values = {"marks": marks, "patterns": {m.pattern: m.name for m in marked}}
    return Panel("patterns/_in_interview.html", values)


# Pages.

ShortText = Annotated[str, Form(max_length=200)]
LongText = Annotated[str, Form(max_length=2000)]


def _common(who: SignedIn) -> dict[str, Any]:
    return {
        "may_edit": who.scope.may_run,
        "moment_names": {m.id: shipped(m.name) for m in who.space.stages.moments},
        "enough": ENOUGH,
    }


@pages.get("/patterns")
def list_page(request: Request, who: Team) -> HTMLResponse:
    """All patterns, won and lost side by side."""
    try:
        patterns = verbs.current(who.space)
    except NotFound:
        none = {
            "interviews": len(who.space.store[Interviews].all()),
            "left_out": verbs.open_interviews(who.space),
            "neither": on_neither_side(who.space),
            "step": next_step(who, "patterns"),
        }
        return render(request, "patterns/none.html", who, none)
    interviews = who.space.store[Interviews].all()
    pattern_set = PatternSetView.of(patterns, age(who.space, interviews), on_neither_side(who.space))
    values = {
        "pattern_set": pattern_set,
        "edits": EditView.all(patterns),
        "panels": panels("patterns", who, pattern_set),
        **_common(who),
    }
    values |= {"left_out": verbs.open_interviews(who.space, interviews), "step": next_step(who)}
    return render(request, "patterns/list.html", who, values)


@pages.post("/patterns/update")
def update_on_page(request: Request, who: OpsLead) -> Response:
    """Bring the patterns up to date."""
    made = verbs.start_update(who)
    if not isinstance(made, Job):
        return done(request, "/patterns", _("The patterns are counted anew."))
    return done(request, f"/jobs/{made.id}", _("The analysts read what is new."))


@pages.get("/patterns/{ident}")
def pattern_page(request: Request, who: Team, ident: PatternId) -> HTMLResponse:
    """One pattern with everything it rests on."""
    values = {"pattern": _detail(who, ident), "history": _history(who, ident), **_common(who)}
    return render(request, "patterns/show.html", who, values)


def _history(who: SignedIn, ident: str) -> list[HistoryPoint]:
    try:
        return PatternHistory.of(who.space, ident).items
    except NotFound:  # made by a merge or a split
        return []


@pages.post("/patterns/{ident}/decide")
def decide_on_page(request: Request, who: OpsLead, ident: PatternId, form: Typed) -> Response:
    """Settle one interview on which the analysts differ. `source` is the extracted pattern."""
    present, interview, reason = (form.get(name, "") for name in ("present", "interview", "reason"))
    if present not in ("yes", "no") or not reason:
        raise InputError("say why in a few words: the reason is kept" if present else "choose present or absent")
    verbs.decide(who, form.get("source", ""), interview, present=present == "yes", reason=reason)
    word = "present" if present == "yes" else "absent"
    return done(
        request,
        f"/patterns/{ident}#codings",
        _("It is {word} in {interview}. All counts are new.", word=word, interview=interview),
    )


@pages.get("/pattern-merge")
def merge_form(
    request: Request, who: OpsLead, pattern: Annotated[list[str], Query(max_length=20, default_factory=list)]
) -> HTMLResponse:
    """What the merged pattern is called and says."""
    every = PatternSetView.of(verbs.current(who.space)).patterns
    values = {"every": every, "parts": [p for p in every if p.id in pattern], "chosen": set(pattern)}
    return render(request, "patterns/merge.html", who, values)


@pages.post("/pattern-merge")
def merge_on_page(request: Request, who: OpsLead, form: Typed) -> Response:
    """Merge the chosen ones."""
    merged = _edited(who, form.filled_in(Merge, kind="merge", patterns=form.all("pattern")))
    return done(request, f"/patterns/{merged.edits[-1].pattern}", _("Merged. All counts are new."))


@pages.get("/patterns/{ident}/split")
def split_form(request: Request, who: OpsLead, ident: PatternId) -> HTMLResponse:
    """Which observations go, and what that means for each interview."""
    patterns = verbs.current(who.space)
    questions = SplitQuestion.all(patterns, ident, _outcomes(who, patterns))
    notes = sum(len(question.notes) for question in questions)
    values = {"pattern": patterns.pattern(ident), "notes": notes, "questions": questions}
    return render(request, "patterns/split.html", who, values)


_ANSWERS = {"stays": (True, False), "goes": (False, True), "both": (True, True), "neither": (False, False)}


@pages.post("/patterns/{ident}/split")
def split_on_page(request: Request, who: OpsLead, ident: PatternId, form: Typed) -> Response:
    """Split a new pattern off."""
    settled = [
        {"interview": key.removeprefix("in:"), "stays": _ANSWERS[value][0], "goes": _ANSWERS[value][1]}
        for key, value in form.items()
        if key.startswith("in:") and value in _ANSWERS
    ]
    said = {"kind": "split", "pattern": ident, "observations": form.all("observation"), "settled": settled}
    new = _edited(who, form.filled_in(SplitOff, **said))
    return done(request, f"/patterns/{new.edits[-1].pattern}", _("Split. All counts are new."))


@pages.post("/patterns/{ident}/rename")
def rename_on_page(request: Request, who: OpsLead, ident: PatternId, name: ShortText) -> Response:
    """Give it another name."""
    _edited(who, problems.checked(Rename, {"kind": "rename", "pattern": ident, "name": name.strip()}))
    return done(request, f"/patterns/{ident}", _("It is now called “{name}”.", name=name.strip()))


@pages.post("/patterns/{ident}/reject")
def reject_on_page(request: Request, who: OpsLead, ident: PatternId, reason: LongText) -> Response:
    """Leave it out of what follows."""
    _edited(who, problems.checked(Reject, {"kind": "reject", "pattern": ident, "reason": reason.strip()}))
    return done(
        request, "/patterns#history", _("Rejected: no criterion will be drafted from it. You can take that back.")
    )


@pages.post("/pattern-edits/{number}/undo")
def undo_on_page(request: Request, who: OpsLead, number: EditNumber) -> Response:
    """Take an edit back."""
    verbs.undo(who, number)
    return done(request, "/patterns#history", _("Edit {value} is taken back. All counts are new.", value=number))
