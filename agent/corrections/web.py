"""Corrections of a stored interview or call: other words, other speakers, taking it out.
The API first, then the page."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Body, Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.view import example
from agent.app.web.auth import Anew, OpsLead, SignedIn
from agent.app.web.forms import Received, Typed
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.core.language import _
from agent.core.transcript import TOLD, SpeakerRole
from agent.corrections import stages, verbs
from agent.corrections.store import Kind
from agent.corrections.views import (
    CorrectedView,
    HangingView,
    OpenSidesView,
    OpenStageView,
    SettledView,
    SideProposals,
    StagedView,
)
from agent.interviews.views import SideProposal
from agent.interviews.web import InterviewShown
from agent.rubrics.in_use import in_use
from agent.scoring.running import calls_without_stage
from agent.text.importers import Source
from agent.uploads.web import Pairs, read_pairs

api = api_router("corrections")
pages = page_router()

Ident = Annotated[str, Path(max_length=200, examples=["won-01"])]
_MOST = 70_000_000  # bytes; a transcript is at most 64 MB
_SAID = 160  # characters of a speaker's words that the page shows


def kind_of(request: Request) -> Kind:
    """Whether a route is one of interviews or of calls: both have the same."""
    return "call" if "calls" in request.scope["route"].path.split("/") else "interview"


Of = Annotated[Kind, Depends(kind_of)]


class Speakers(BaseModel):
    """Other names (as it is now -> new) and parts (by the name as it is now)."""

    names: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=200)] = {}
    sides: Annotated[dict[str, SpeakerRole], Field(max_length=200)] = {}

    model_config = example({"names": {"Speaker 2": "Ann Lee"}, "sides": {"Speaker 2": "buyer"}})


class Sides(BaseModel):
    """The side of each label, or of `ID:label`."""

    sides: Annotated[dict[str, SpeakerRole], Field(max_length=2000)]

    model_config = example({"sides": {"Speaker 2": "interviewer"}})


class CallStages(BaseModel):
    """The stage of each call, by its id or by what its table says, for all calls of which it says the same."""

    stages: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=5000)]

    model_config = example({"stages": {"call-7": "discovery", "First talk": "discovery"}})


@api.put("/interviews/{ident}/words", max_body_size=_MOST)
@api.put("/calls/{ident}/words", max_body_size=_MOST)
def replace_words(
    who: OpsLead,
    kind: Of,
    ident: Ident,
    file: Annotated[UploadFile, File(description="The transcript with the right words.")],
    speakers: Pairs = "{}",
) -> CorrectedView:
    """Give an interview or call other words. What was read before stays, marked as of the words before."""
    source = Source(file.filename or "file", file.file.read())
    said = read_pairs("speakers", speakers)
    return CorrectedView.of(verbs.replace_words(who, ident, kind, source, said))


@api.post("/interviews/{ident}/words/back")
@api.post("/calls/{ident}/words/back")
def restore_words(who: OpsLead, kind: Of, ident: Ident) -> CorrectedView:
    """Put back the words and names that it had before the last change of them."""
    return CorrectedView.of(verbs.restore_words(who, ident, kind))


@api.post("/interviews/{ident}/speakers")
@api.post("/calls/{ident}/speakers")
def correct_speakers(who: OpsLead, kind: Of, ident: Ident, said: Annotated[Speakers, Body()]) -> CorrectedView:
    """Give speakers other names and parts. A call's parts are rep, customer, other; an interview's buyer, interviewer,
    other."""
    return CorrectedView.of(verbs.correct_speakers(who, ident, kind, said.names, said.sides))


@api.get("/sides/interviews")
@api.get("/sides/calls")
def list_open_sides(who: OpsLead, kind: Of) -> list[OpenSidesView]:
    """Interviews or calls that are left out until it is said who is on whose side."""
    return [OpenSidesView.of(one) for one in verbs.open_documents(who.space, kind)]


@api.post("/sides/interviews")
@api.post("/sides/calls")
def settle_sides(who: OpsLead, kind: Of, said: Annotated[Sides, Body()]) -> SettledView:
    """Say who is on whose side, for all of them at once by label, or for one by `ID:label`."""
    return SettledView.of(verbs.settle_sides(who, kind, said.sides))


@api.post("/sides/interviews/proposals")
@api.post("/sides/calls/proposals")
def propose_sides(who: OpsLead, kind: Of, _anew: Anew) -> list[SideProposals]:
    """Let the drafter's model propose whose the open labels are. Nothing is decided by it: send back what is right."""
    made = asyncio.run(verbs.propose_sides(who.space, kind, lambda _: None))
    verbs.note_proposed(who, made)
    return SideProposals.all(made)


@api.get("/stages/calls")
def list_open_stages(who: OpsLead) -> list[OpenStageView]:
    """Calls of which it is not said of which stage they are, each with what is likely. Where criteria are rated on
    calls of some stages only, these are left out of scoring."""
    return [OpenStageView.of(one) for one in stages.open_stages(who.space)]


@api.post("/stages/calls")
def say_stages(who: OpsLead, said: Annotated[CallStages, Body()]) -> StagedView:
    """Say of which stage calls are."""
    return StagedView.of(stages.say_stages(who, said.stages))


@api.get("/interviews/{ident}/hanging")
@api.get("/calls/{ident}/hanging")
def read_hanging(who: OpsLead, kind: Of, ident: Ident) -> HangingView:
    """What rests on an interview or call, before it is deleted."""
    return HangingView.of(verbs.hanging(who.space, kind, ident))


@api.delete("/interviews/{ident}")
@api.delete("/calls/{ident}")
def delete_document(
    who: OpsLead,
    kind: Of,
    ident: Ident,
    along: Annotated[bool, Query(description="Also with what models read in it.")] = False,
) -> HangingView:
    """Take an interview or call out for good. 409 where something rests on it that stays; it names what."""
    hanging = HangingView.of(verbs.hanging(who.space, kind, ident))
    verbs.delete_document(who, ident, kind, along=along)
    return hanging


# The page.


@panel("interview")
def link_on_interview(who: Who, shown: InterviewShown) -> Panel | None:
    """The way to the corrections, for who may make them."""
    return Panel("corrections/_link.html", {"plural": "interviews", "ident": shown.interview.id}) if _may(who) else None


@panel("call_words")
def link_on_call(who: Who, ident: str) -> Panel | None:
    """The way to the corrections, for who may make them."""
    return Panel("corrections/_link.html", {"plural": "calls", "ident": ident}) if _may(who) else None


@panel("calls")
def open_calls(who: Who, _: Any) -> Panel | None:
    """How many calls wait for their sides."""
    count = len(who.space.store[Calls].with_open_sides()) if _may(who) else 0
    return Panel("corrections/_open.html", {"open_count": count}) if count else None


@panel("calls")
def calls_of_no_stage(who: Who, _: Any) -> Panel | None:
    """How many calls wait for their stage, where the rubric in use asks by stage."""
    try:
        rubric = in_use(who.space.store).rubric if _may(who) else None
    except NotFound:
        rubric = None
    count = len(calls_without_stage(who.space)) if rubric is not None and rubric.staged else 0
    values = {"open_count": count, "rubric": rubric.label if rubric else ""}
    return Panel("corrections/_open_stages.html", values) if count else None


def _may(who: Who) -> bool:
    return who.scope.role == "ops_lead"


@pages.get("/interviews/{ident}/correct")
@pages.get("/calls/{ident}/correct")
def correct_page(request: Request, who: OpsLead, kind: Of, ident: str) -> HTMLResponse:
    """Speakers, words, and what would go."""
    store = verbs.documents(who.space, kind)
    document = store.get(ident)
    words, is_notes = document.transcript, kind == "interview" and document.kind == "notes"
    who.read(ident)
    names = [name for name in words.speakers if not (is_notes and name == TOLD)]
    said = {name: max((t.text for t in words.turns if t.speaker == name), key=len)[:_SAID] for name in names}
    values = {
        "plural": f"{kind}s",
        "ident": ident,
        "speakers": [(name, words.roles.get(name, ""), text) for name, text in said.items()],
        "sides": verbs.SIDES[kind],
        "is_notes": is_notes,
        "changed": store.versions(ident),
        "hanging": verbs.hanging(who.space, kind, ident),
    }
    return render(request, "corrections/correct.html", who, values)


@pages.post("/interviews/{ident}/correct")
@pages.post("/calls/{ident}/correct")
def correct_on_page(request: Request, who: OpsLead, kind: Of, ident: str, form: Typed) -> Response:
    """Other names and sides: `label-3` is called `name-3` from now on and has the part `side-3`."""
    names: dict[str, str] = {}
    sides: dict[str, Any] = {}
    for field, label in form.items():
        if field.startswith("label-"):
            number = field.removeprefix("label-")
            if (name := form.get(f"name-{number}", label)) != label:
                names[label] = name
            if side := form.get(f"side-{number}", ""):
                sides[label] = side
    verbs.correct_speakers(who, ident, kind, names, sides)
    return done(request, f"/{kind}s/{ident}", _("The speakers are as you said."))


@pages.post("/interviews/{ident}/words", max_body_size=_MOST)
@pages.post("/calls/{ident}/words", max_body_size=_MOST)
def replace_on_page(request: Request, who: OpsLead, kind: Of, ident: str, files: Received) -> Response:
    """The words of another file, or (without a file) those from before."""
    if files:
        source = Source(files[0].filename or "file", files[0].file.read())
        made = verbs.replace_words(who, ident, kind, source)
    else:
        made = verbs.restore_words(who, ident, kind)
    lost = (
        _(" {lost} of {quotes} quotes are not in them any more.", lost=made.lost, quotes=made.quotes)
        if made.lost
        else ""
    )
    noted = "".join(f" {note[:1].upper()}{note[1:]}." for note in made.notes)
    return done(request, f"/{kind}s/{ident}", _("The words are replaced.{lost}", lost=lost + noted.replace("?.", "?")))


@pages.post("/interviews/{ident}/delete")
@pages.post("/calls/{ident}/delete")
def delete_on_page(
    request: Request, who: OpsLead, kind: Of, ident: str, confirm: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Take it out, if the word was typed."""
    if confirm.strip().lower() != "delete":
        raise InputError("type the word 'delete' to confirm")
    verbs.delete_document(who, ident, kind, along=True)
    return done(request, "/calls" if kind == "call" else "/patterns", f"{ident} is deleted.")


@pages.get("/sides/interviews")
@pages.get("/sides/calls")
def sides_page(request: Request, who: OpsLead, kind: Of) -> HTMLResponse:
    """Who is on whose side, where that is open: by label for all, or one by one."""
    return _sides_page(request, who, kind)


@pages.post("/sides/interviews")
@pages.post("/sides/calls")
def settle_on_page(request: Request, who: OpsLead, kind: Of, form: Typed) -> Response:
    """`label-3` is the label (or "ID:label") of which `side-3` is the side."""
    said = {
        label: form.get(f"side-{field.removeprefix('label-')}", "")
        for field, label in form.items()
        if field.startswith("label-")
    }
    sides: dict[str, Any] = {label: side for label, side in said.items() if side}
    made = verbs.settle_sides(who, kind, sides)
    more = _(" {left} are still open.", left=len(made.left)) if made.left else ""
    return done(
        request,
        f"/sides/{kind}s",
        _("{settled} {kind}s are in now.{more}", settled=len(made.settled), kind=kind, more=more),
    )


@pages.post("/sides/interviews/propose")
@pages.post("/sides/calls/propose")
def propose_on_page(request: Request, who: OpsLead, kind: Of, _anew: Anew) -> HTMLResponse:
    """The page with what a model proposes filled in; a person confirms it by sending the form."""
    proposed = propose_sides(who, kind, None)
    return _sides_page(request, who, kind, {f"{view.id}:{p.label}": p for view in proposed for p in view.speakers})


def _sides_page(
    request: Request,
    who: SignedIn,
    kind: Kind,
    proposed: Mapping[str, SideProposal] = MappingProxyType({}),
) -> HTMLResponse:
    waiting = verbs.open_documents(who.space, kind)
    files: dict[str, list[tuple[str, str]]] = {}
    for one in waiting:
        for label in one.open_sides:
            said = max((t.text for t in one.transcript.turns if t.speaker == label), key=len)[:_SAID]
            files.setdefault(label, []).append((one.id, said))
    values = {
        "plural": f"{kind}s",
        "labels": files,
        "count": len(waiting),
        "sides": verbs.SIDES[kind],
        "proposed": proposed,
        "may_propose": bool(who.space.model) or who.space.settings.binding("drafter") is not None,
    }
    return render(request, "corrections/sides.html", who, values)


@pages.get("/stages/calls")
def stages_page(request: Request, who: OpsLead) -> HTMLResponse:
    """Of which stage calls are, where that is open: the likely answer stands there already."""
    waiting = [OpenStageView.of(one) for one in stages.open_stages(who.space)]
    values = {
        "waiting": sorted(waiting, key=lambda one: (not one.proposed, one.said, one.id)),
        "stages": who.space.stages.stages,
    }
    return render(request, "corrections/stages.html", who, values)


@pages.post("/stages/calls")
def say_stages_on_page(request: Request, who: OpsLead, form: Typed) -> Response:
    """`call-3` is the call of which `stage-3` is the stage."""
    said = {
        ident: stage
        for field, ident in form.items()
        if field.startswith("call-") and (stage := form.get(f"stage-{field.removeprefix('call-')}", ""))
    }
    made = stages.say_stages(who, said)
    more = _(" {left} are still open.", left=made.left) if made.left else ""
    return done(request, "/stages/calls", f"{len(made.calls)} said.{more}")
