"""Upload: bring files, say what they are, look at what would be stored, store it, take it back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import UploadFile

from agent.app.web import sessions
from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.paging import Pages
from agent.app.web.problems import HttpProblem, status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, InputError
from agent.db.overview import Overview
from agent.interviews.verbs import propose_for_files
from agent.jobs.api import by
from agent.start.next_step import next_step, state_of
from agent.uploads import verbs as uploading
from agent.uploads.api import UploadOut, area_of, note_stored, take_back
from agent.uploads.checking import Checked, check, heard_in
from agent.uploads.model import UploadKind
from agent.uploads.staging import MAX_BYTES, ProposedPart, Staged, StagingArea
from agent.uploads.store import Uploads
from agent.uploads.tables import FORM_FIELDS, choose_table, preset, preset_columns
from agent.uploads.view import FACTS_AT_ONCE, KINDS, plural, view_of

if TYPE_CHECKING:
    from agent.text.unmatched import Unmatched

router = page_router()

Ident = Annotated[str, Path(max_length=40)]
_ROOM = MAX_BYTES + 2_000_000
_LONGEST = 1000  # characters; a file's path with a label is one value


async def typed(request: Request) -> dict[str, str]:
    """The fields of a form whose names depend on what is uploaded. HttpProblem for a value that is too long."""
    form = await request.form()
    found = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    if any(len(value) > _LONGEST for value in found.values()):
        raise HttpProblem(422, "invalid", f"a field holds more than {_LONGEST} characters")
    return found


async def received(request: Request) -> list[UploadFile]:
    """All files of a form, whatever their fields are called; a file field in which nothing was chosen has no name."""
    form = await request.form()
    return [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]


Typed = Annotated[dict[str, str], Depends(typed)]
Received = Annotated[list[UploadFile], Depends(received)]


@router.get("/upload")
def upload(
    request: Request, who: OpsLead, paging: Pages, kind: Annotated[UploadKind | None, Query()] = None
) -> HTMLResponse:
    """Where files are brought to, what waits, and earlier uploads."""
    rows = who.space.store[Uploads].page(paging.after, paging.fetch)
    page = paging.page(rows, lambda upload: (upload.at.isoformat(), upload.id), UploadOut.of)
    area = area_of(who)
    values = {
        "kind": kind or ("call" if who.space.store[Overview].interviews() else "interview"),
        "kinds": KINDS,
        "page": page,
        "waiting": [(staged, len(area.names(staged.id))) for staged in area.all()],
        "most": MAX_BYTES // 1_000_000,
    }
    return render(request, "uploads/start.html", who, values)


@router.post("/upload", max_body_size=_ROOM)
def begin(request: Request, who: OpsLead, form: Typed, files: Received) -> Response:
    """Take files in. Scripts bring many in several requests: to them it answers in JSON."""
    area, kind = area_of(who), _kind(form.get("kind", ""))
    staged = area.begin(kind)
    problems = _added(area, staged, files)
    if not area.names(staged.id) and not _is_script(request):
        area.discard(staged.id)
        sessions.flash(request, problems[0] if problems else "Choose files first.", "problem")
        return done(request, f"/upload?kind={kind}")
    return _answer(request, area, staged, problems)


@router.post("/upload/{ident}/files", max_body_size=_ROOM)
def add_files(request: Request, who: OpsLead, ident: Ident, files: Received) -> Response:
    """Add files to those that wait."""
    area = area_of(who)
    staged = area.get(ident)
    return _answer(request, area, staged, _added(area, staged, files))


@router.get("/upload/{ident}")
def look(
    request: Request, who: OpsLead, ident: Ident, speakers: Annotated[str, Query(max_length=1000)] = ""
) -> HTMLResponse:
    """What would be stored, and what is to be said before. `speakers` is a file of which to say who speaks."""
    area = area_of(who)
    staged = area.get(ident)
    asked = heard_in(area, staged, speakers) if speakers else None
    return _page(request, who, area, staged, check(who.space, area, staged), asked=asked)


@router.post("/upload/{ident}/table")
def choose(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """Which table describes the files, and which column is what."""
    area = area_of(who)
    staged = area.get(ident)
    kind, table = _kind(form.get("kind", staged.kind)), form.get("manifest", "")
    said: dict[str, Any] = {"preset": preset(who.space, form.get("preset", "")), "rubric": form.get("rubric", "")}
    said["dates"] = form.get("dates", "") if form.get("dates") in ("month_first", "day_first") else ""
    if said["preset"] and said["preset"] != staged.preset:
        said |= {"columns": preset_columns(who.space, said["preset"]), "manifest": table}
    elif kind == staged.kind and table == staged.manifest:
        chosen = {name.removeprefix("column-"): value for name, value in form.items() if name.startswith("column-")}
        said["columns"] = {field: column for field, column in chosen.items() if column}
    else:
        said |= {"columns": {}, "manifest": table, "kind": kind}
        if kind != staged.kind:
            said["manifest"] = choose_table(area, staged.model_copy(update=said))
    area.keep(staged.model_copy(update=said))
    return done(request, f"/upload/{ident}")


@router.post("/upload/{ident}/facts")
def tell_facts(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """What each file is, out of the form: `name-3` names the file of which `3-date` is the date; `all-date` holds for
    those without one."""
    area = area_of(who)
    staged = area.get(ident)
    facts, there = dict(staged.facts), set(area.names(ident))
    for number in range(FACTS_AT_ONCE):
        name = form.get(f"name-{number}", "")
        if name not in there:
            continue
        own = {field: form.get(f"{number}-{field}", "") for field in FORM_FIELDS[staged.kind]}
        if any(own.values()):
            facts[name] = {field: value or form.get(f"all-{field}", "") for field, value in own.items()}
        else:
            facts.pop(name, None)
    area.keep(staged.model_copy(update={"facts": facts, "manifest": ""}))
    return done(request, f"/upload/{ident}")


@router.post("/upload/{ident}/speakers")
def tell_speakers(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """Who is behind which label: `label-3` is the label ("FILE:Speaker 1") of which `part-3` is the part."""
    area = area_of(who)
    staged = area.get(ident)
    said = dict(staged.speakers)
    for name, label in form.items():
        part = form.get(f"part-{name.removeprefix('label-')}", "") if name.startswith("label-") else ""
        if part:
            said[label] = part
        elif name.startswith("label-"):
            said.pop(label, None)
    area.keep(staged.model_copy(update={"speakers": said}))
    return done(request, f"/upload/{ident}")


@router.post("/upload/{ident}/proposals")
def propose(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Let the drafter's model propose who is behind the labels. Nothing is decided by it."""
    area = area_of(who)
    staged = area.get(ident)
    strangers = check(who.space, area, staged).strangers
    notes: list[str] = []
    made = asyncio.run(propose_for_files(who, ident, strangers, notes.append)).files
    proposed = {
        file.file: tuple(ProposedPart(label=p.label, part=p.part or "", reason=p.reason) for p in found)
        for file, found in made
    }
    area.keep(staged.model_copy(update={"proposals": proposed}))
    for note in notes[:3]:
        sessions.flash(request, note, "problem")
    return done(request, f"/upload/{ident}#speakers", f"{plural(len(made), 'file')} read: confirm what is right.")


@router.post("/upload/{ident}/store")
def store(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Store what is right; what is not stays here."""
    area = area_of(who)
    staged = area.get(ident)
    try:
        made = uploading.store(who.space, area, staged, by(who))
    except CloseReadError as error:
        return _page(request, who, area, staged, check(who.space, area, staged), error)
    note_stored(who, made)
    left = any(waiting.id == ident for waiting in area.all())
    if left:
        sessions.flash(request, f"{plural(len(made.problems), 'problem')} left: the files are still here.", "problem")
    stored = made.counts["new"] + made.counts["changed"]
    where = f"/uploads/{made.upload.id}" if made.upload and not left else f"/upload/{ident}" if left else "/upload"
    return done(request, where, f"{stored:,} stored." if stored else "Everything was there already; nothing changed.")


@router.post("/upload/{ident}/discard")
def discard(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Throw the files away. Nothing that is stored is touched."""
    area_of(who).discard(ident)
    return done(request, "/upload", "Thrown away. Nothing that was stored is touched.")


@router.get("/uploads/{ident}")
def uploaded(request: Request, who: OpsLead, ident: Ident) -> HTMLResponse:
    """One upload: what came in, what to do next, and taking it back."""
    space = who.space
    made = UploadOut.of(space.store[Uploads].get(ident), space.store[Uploads].kept(ident))
    step = next_step(state_of(space, who.scope.role, who.name))
    return render(request, "uploads/done.html", who, {"upload": made, "kinds": KINDS, "step": step})


@router.post("/uploads/{ident}/undo")
def undo(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Take it back."""
    made = take_back(who, ident)
    said = [f"{len(made.removed):,} removed"] if made.removed else []
    said += [f"{len(made.restored):,} put back as before"] if made.restored else []
    said += [f"{len(made.kept):,} stay because something rests on them"] if made.kept else []
    return done(request, f"/uploads/{ident}", f"{', '.join(said)}.".capitalize())


def _kind(given: str) -> UploadKind:
    found = next((kind for kind in KINDS if kind == given), None)
    if found is None:
        raise InputError(f"there is no kind of upload {given!r}; there are: {', '.join(KINDS)}")
    return found


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _added(area: StagingArea, staged: Staged, files: list[UploadFile]) -> list[str]:
    """Problems of files that could not be taken in; the others are there."""
    problems = []
    for file in files:
        try:
            area.add(staged.id, file.filename or "", file.file)
        except InputError as error:
            problems.append(str(error))
    return problems


def _answer(request: Request, area: StagingArea, staged: Staged, problems: list[str]) -> Response:
    if not staged.manifest and not staged.facts:
        area.keep(staged.model_copy(update={"manifest": choose_table(area, staged)}))
    if _is_script(request):
        return JSONResponse({"id": staged.id, "files": len(area.names(staged.id)), "problems": problems}, 201)
    for problem in problems[:5]:
        sessions.flash(request, problem, "problem")
    return done(request, f"/upload/{staged.id}")


def _page(
    request: Request,
    who: SignedIn,
    area: StagingArea,
    staged: Staged,
    found: Checked,
    problem: CloseReadError | None = None,
    asked: Unmatched | None = None,
) -> HTMLResponse:
    values = {"view": view_of(who.space, area, staged, found, asked), "problem": str(problem) if problem else ""}
    return render(request, "uploads/check.html", who, values, status_of(problem) if problem else 200)
