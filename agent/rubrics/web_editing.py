"""The editor of a working copy: its criteria and their order, one criterion with examples out
of a transcript, publishing."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from fastapi import Form, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from agent.app.highlights import pieces
from agent.app.web import problems
from agent.app.web.auth import Anew, OpsLead, SignedIn
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, InputError, NotFound
from agent.core.language import _
from agent.core.scale import SCALES
from agent.interviews.store import Interviews
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics import verbs
from agent.rubrics.checks import tested, tested_by_model
from agent.rubrics.compliance import catalogue
from agent.rubrics.diff import differences
from agent.rubrics.drafts_model import MOST_EXAMPLES, RubricDraft, WorkingCriterion
from agent.rubrics.model import Example, Rubric
from agent.rubrics.verbs import StaleVersion
from agent.workspace import Workspace

TEXTS = ("name", "description", "scale", "scale_reason", "stage", "speaker", "not_applicable_when")
EVERY_LEVEL = sorted({level for scale in SCALES.values() for level in scale.levels})
COUNTED_LEVELS = {
    level: names for level in EVERY_LEVEL if (names := [s.name for s in SCALES.values() if level in s.levels[1:]])
}


@dataclass(frozen=True)
class Pick:
    """Words that somebody wants as an example, and where they stand. Without a source they were written by hand."""

    kind: Literal["present", "absent"]
    source: str
    turn: int | None
    words: str
    why: str


def version_in(form: FormData) -> int:
    """The version that the form was made from. InputError if it was tampered with."""
    value = str(form.get("version", ""))
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError("the form does not say which version it was made from; load the page again")
    return int(value)


def criterion_in(form: FormData, before: WorkingCriterion) -> WorkingCriterion:
    """`before` with the typed changes. InputError names the field that is wrong."""
    facts: dict[str, Any] = before.model_dump() | {name: str(form[name]).strip() for name in TEXTS if name in form}
    facts["weight"] = _weight(str(form.get("weight", before.weight)))
    typed = {level: str(form[f"anchor_{level}"]).strip() for level in EVERY_LEVEL if f"anchor_{level}" in form}
    kept = {level: text for level, text in before.anchors.items() if level not in typed}
    facts["anchors"] = kept | {level: text for level, text in typed.items() if text}
    facts["examples"] = _examples(form)
    if "stages_shown" in form:
        facts["only_in"] = tuple(map(str, form.getlist("only_in")))
    if "counts_each" in form:
        facts["counts"] = _counts(form, str(facts["scale"]))
    try:
        return WorkingCriterion.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _counts(form: FormData, scale: str) -> dict[str, Any] | None:
    each = str(form["counts_each"]).strip()
    given = {
        level: str(form.get(f"counts_{level}", "")).strip()
        for level in COUNTED_LEVELS
        if scale in COUNTED_LEVELS[level]
    }
    if wrong := [text for text in given.values() if text and not (text.isascii() and text.isdigit())]:
        raise InputError(_("from how many on a level is reached is a number, not {wrong}", wrong=repr(wrong[0][:40])))
    at_least = {level: int(text) for level, text in given.items() if text}
    if not each and at_least:
        raise InputError("say what one occurrence is, or empty the numbers")
    return {"each": each, "of": str(form.get("counts_of", "occurrences")), "at_least": at_least} if each else None


def _weight(text: str) -> float:
    try:
        weight = float(text.strip().replace(",", ".") or "1")
    except ValueError as error:
        raise InputError(_("the weight is a number, not {text}", text=repr(text[:40]))) from error
    if not math.isfinite(weight):
        raise InputError("the weight is a number with an end")
    return weight


def _examples(form: FormData) -> tuple[Example, ...]:
    """The form's examples without the one to be dropped; their notes may have been edited."""
    given, notes = form.getlist("example"), form.getlist("note")
    if len(given) > MOST_EXAMPLES:
        raise InputError(_("a criterion has at most {most_examples} examples", most_examples=MOST_EXAMPLES))
    dropped = str(form.get("drop", ""))
    examples = []
    for at, text in enumerate(given):
        if str(at) == dropped:
            continue
        try:
            example = Example.model_validate_json(str(text))
        except ValidationError as error:
            raise InputError("an example in the form cannot be read; load the page again") from error
        why = str(notes[at]).strip()[:1000] if at < len(notes) else example.why
        examples.append(example.model_copy(update={"why": why}))
    return tuple(examples)


def pick_in(form: FormData) -> Pick | None:
    """The example to add; None if there is none."""
    kind = str(form.get("add", ""))
    if kind not in ("present", "absent"):
        return None
    turn = str(form.get("pick_turn", "")).strip()
    return Pick(
        kind=cast(Literal["present", "absent"], kind),
        source=str(form.get("pick_source", "")).strip()[:200],
        turn=int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 7 else None,
        words=str(form.get("pick_words", "")).strip()[:4000],
        why=str(form.get("pick_why", "")).strip()[:1000],
    )


def with_pick(space: Workspace, criterion: WorkingCriterion, pick: Pick) -> WorkingCriterion:
    """The criterion with one more example, located where a source is named. InputError where it is not found."""
    if not pick.words:
        raise InputError("select the words in the transcript, or type them, before you add them as an example")
    if pick.source:
        example = rubric_drafts.pick(space, pick.source, pick.words, pick.turn, pick.kind, criterion.speaker, pick.why)
    else:
        example = Example(kind=pick.kind, text=pick.words, why=pick.why)
    if any(
        e.kind == example.kind and e.text == example.text and e.source == example.source for e in criterion.examples
    ):
        raise InputError("this is an example of the criterion already")
    return criterion.model_copy(update={"examples": (*criterion.examples, example)})


pages = page_router()

Base = Annotated[str, Path(max_length=200)]
Version = Annotated[int, Form(ge=0, le=10**9)]


@pages.get("/rubric/{base}/edit")
def edit(request: Request, who: OpsLead, base: Base) -> HTMLResponse:
    """All criteria of the working copy, with what the checks find."""
    return _copy_page(request, who, rubric_drafts.base_of(who.space, base))


def _copy_page(
    request: Request, who: SignedIn, base: Rubric | None, label: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    draft = rubric_drafts.opened(who.space, base)
    criteria = draft.working.criteria
    difference = differences(base.criteria if base else (), criteria)
    values = {
        "base": base,
        "path": f"/rubric/{base.id if base else rubric_drafts.NEW}",
        "draft": draft,
        "findings": {c.id: tested(c).findings for c in criteria},
        "states": {c.id: c.state for c in difference.criteria},
        "removed": [c for c in difference.criteria if c.state == "removed"],
        "rules": [rule for rule in catalogue(who.space) if draft.working.criterion(rule.criterion.id) is None],
        "changed": difference.any,
        "label": label,
        "problem_text": problem,
    }
    return render(request, "rubrics/edit.html", who, values, status)


def _stale(request: Request, who: SignedIn, base: Rubric | None, label: str = "") -> HTMLResponse:
    by = rubric_drafts.opened(who.space, base).by
    text = _(
        "{by} has saved this in the meantime; below is how it is now. Nothing of yours was applied", by=by or "somebody"
    )
    return _copy_page(request, who, base, label, text, 412)


@pages.post("/rubric/{base}/add")
def add(
    request: Request, who: OpsLead, base: Base, version: Version, name: Annotated[str, Form(max_length=200)]
) -> Response:
    """One more criterion, at the end."""
    rubric = rubric_drafts.base_of(who.space, base)
    if not name.strip():
        return _copy_page(request, who, rubric, problem="give the new criterion a name", status=422)
    working = rubric_drafts.opened(who.space, rubric).working
    new = WorkingCriterion(id=rubric_drafts.new_id(working, name), name=name.strip())
    try:
        verbs.save_draft(who, base, version, working.replaced(new))
    except StaleVersion:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{base}/edit/{new.id}")


@pages.post("/rubric/{base}/compliance")
def add_compliance(
    request: Request, who: OpsLead, base: Base, rule: Annotated[list[str] | None, Form(max_length=60)] = None
) -> Response:
    """Criteria of the compliance catalogue, at the end."""
    try:
        verbs.add_compliance(who, base, rule or [])
    except CloseReadError as error:
        rubric = rubric_drafts.base_of(who.space, base)
        return _copy_page(request, who, rubric, problem=str(error), status=problems.status_of(error))
    return done(request, f"/rubric/{base}/edit", _("Added with their sources. Ask a lawyer whether they hold for you."))


@pages.post("/rubric/{base}/order")
def order(
    request: Request,
    who: OpsLead,
    base: Base,
    version: Version,
    criterion: Annotated[str, Form(max_length=100)],
    move: Annotated[Literal["up", "down", "remove"], Form()],
) -> Response:
    """Move a criterion up or down, or take it out."""
    rubric = rubric_drafts.base_of(who.space, base)
    working = rubric_drafts.opened(who.space, rubric).working
    if working.criterion(criterion) is None:
        return _stale(request, who, rubric)
    moved = working.without(criterion) if move == "remove" else working.moved(criterion, -1 if move == "up" else 1)
    try:
        verbs.save_draft(who, base, version, moved)
    except StaleVersion:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{base}/edit#c-{criterion}" if move != "remove" else f"/rubric/{base}/edit")


@pages.post("/rubric/{base}/publish")
def publish(
    request: Request, who: OpsLead, base: Base, version: Version, label: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """The working copy as a new version."""
    rubric = rubric_drafts.base_of(who.space, base)
    try:
        new = verbs.publish_draft(who, base, version, label).rubric
    except StaleVersion:
        return _stale(request, who, rubric, label)
    except (InputError, CloseReadError) as error:
        return _copy_page(request, who, rubric, label, str(error), problems.status_of(error))
    return done(
        request,
        f"/rubric/{new.id}",
        _("{label} is published. Scores and rounds of the earlier version stay.", label=new.label),
    )


@pages.post("/rubric/{base}/discard")
def discard(request: Request, who: OpsLead, base: Base, version: Version) -> Response:
    """Give the working copy up."""
    rubric = rubric_drafts.base_of(who.space, base)
    try:
        verbs.discard_draft(who, base, version)
    except StaleVersion:
        return _stale(request, who, rubric)
    return done(request, f"/rubric/{rubric.id}" if rubric else "/rubric", _("The working copy is gone."))


Criterion = Annotated[str, Path(max_length=100)]
_FIELDS = 400
_CALLS = 200


@dataclass(frozen=True)
class Editing:
    """What the page shows: the criterion as stored or typed, the version it was made from, the transcript beside it."""

    base: Rubric | None
    draft: RubricDraft
    criterion: WorkingCriterion
    source: str = ""
    pick: Pick | None = None
    theirs: WorkingCriterion | None = None
    conflict: bool = False
    problem: str = ""


@pages.get("/rubric/{base}/edit/{criterion}")
def criterion(
    request: Request, who: OpsLead, base: Base, criterion: Criterion, source: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """The editor. `source` is the call or interview whose transcript stands beside it."""
    rubric = rubric_drafts.base_of(who.space, base)
    draft = rubric_drafts.opened(who.space, rubric)
    working_criterion = draft.working.criterion(criterion)
    if working_criterion is None:
        raise NotFound(
            _(
                "there is no criterion {criterion} in this working copy; it may have been taken out",
                criterion=repr(criterion),
            )
        )
    return _page(request, who, Editing(rubric, draft, working_criterion, source.strip()))


def _page(request: Request, who: SignedIn, editing: Editing, status: int = 200) -> HTMLResponse:
    space = who.space
    source, missing = _source(who, editing)
    theirs = (editing.theirs,) if editing.theirs else ()
    values: dict[str, Any] = {
        "editing": editing,
        "criterion": editing.criterion,
        "path": f"/rubric/{editing.base.id if editing.base else rubric_drafts.NEW}",
        "examples": [(e, e.model_dump_json()) for e in editing.criterion.examples],
        "scales": SCALES.values(),
        "scales_of_level": {n: [s.name for s in SCALES.values() if n in s.levels] for n in EVERY_LEVEL},
        "counted_levels": COUNTED_LEVELS,
        "stages": space.stages.stages,
        "tests": tested(editing.criterion),
        "drafter": space.settings.binding("drafter"),
        "source": source,
        "source_missing": missing,
        "interviews": space.store[Interviews].all(),
        "calls": [c for c in space.store[Calls].page(limit=_CALLS) if c.has_transcript],
        "conflict": differences(theirs, (editing.criterion,)) if editing.conflict else None,
    }
    return render(request, "rubrics/criterion.html", who, values, status)


def _source(who: SignedIn, editing: Editing) -> tuple[dict[str, Any] | None, str]:
    """The transcript with the examples that are from it marked; why there is none."""
    if not editing.source:
        return None, ""
    try:
        document = rubric_drafts.source(who.space, editing.source)
    except NotFound as error:
        return None, str(error)
    marks = [(e.quote.span, e.kind) for e in editing.criterion.examples if e.source == document.id and e.quote]
    turns = [{"turn": t, "pieces": pieces(t.text, t.index, marks)} for t in document.transcript.turns]
    return {"id": document.id, "turns": turns, "roles": dict(document.transcript.roles)}, ""


@pages.post("/rubric/{base}/edit/{criterion}")
async def save(request: Request, who: OpsLead, base: Base, criterion: Criterion) -> Response:
    """Save what was typed; with `add` also an example, with `drop` without one."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    return await run_in_threadpool(_saved, request, who, base, criterion, form)


def _saved(request: Request, who: SignedIn, base: str, ident: str, form: FormData) -> Response:
    rubric = rubric_drafts.base_of(who.space, base)
    draft = rubric_drafts.opened(who.space, rubric)
    stored, source, version = draft.working.criterion(ident), str(form.get("pick_source", ""))[:200], version_in(form)
    before = stored or WorkingCriterion(id=ident)
    pick = pick_in(form)
    try:
        typed = criterion_in(form, before)
    except InputError as error:
        return _page(request, who, Editing(rubric, draft, before, source, pick, problem=str(error)), 422)
    if version != draft.version:
        return _conflict(request, who, Editing(rubric, draft, typed, source, pick, stored, True))
    try:
        new = typed if pick is None else with_pick(who.space, typed, pick)
        verbs.save_draft(who, base, version, draft.working.replaced(new))
    except StaleVersion:
        later = rubric_drafts.opened(who.space, rubric)
        return _conflict(
            request, who, Editing(rubric, later, typed, source, pick, later.working.criterion(ident), True)
        )
    except InputError as error:
        editing = Editing(rubric, draft, typed, source, pick, problem=str(error))
        return _page(request, who, editing, problems.status_of(error))
    if "drop" not in form and pick is None and form.get("then") == "back":
        return done(request, f"/rubric/{base}/edit#c-{ident}", _("Saved."))
    here = f"/rubric/{base}/edit/{ident}" + (f"?source={quote(source, safe='')}" if source else "")
    if pick is not None:
        return done(request, f"{here}#examples", _("Added as {kind} example, and saved.", kind=pick.kind))
    return done(request, f"{here}#examples" if "drop" in form else here, _("Saved."))


def _conflict(request: Request, who: SignedIn, editing: Editing) -> HTMLResponse:
    return _page(request, who, editing, 412)


@pages.post("/rubric-checks")
async def checks(request: Request, who: OpsLead) -> HTMLResponse:
    """What the rules find in the criterion as it is typed: a part of the editor."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    results = await run_in_threadpool(lambda: tested(criterion_in(form, WorkingCriterion(id="typed"))))
    return render(request, "rubrics/_checks.html", who, {"tests": results, "asked": False})


@pages.post("/rubric-checks/model")
async def model_checks(request: Request, who: OpsLead, _anew: Anew) -> HTMLResponse:
    """The three tests by the model in the role drafter: a part of the editor."""
    form = await request.form(max_fields=_FIELDS, max_files=0)
    tested = await tested_by_model(who.space, criterion_in(form, WorkingCriterion(id="typed")))
    return render(request, "rubrics/_checks.html", who, {"tests": tested, "asked": True})
