"""Uploads: bring files, say what they are, look at what would be stored, store it, take it
back. The API does it in one go."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import File, Form, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile as SentFile

from agent.app.panels import panels
from agent.app.steps import next_step
from agent.app.view import Page
from agent.app.web import sessions
from agent.app.web.auth import Anew, OpsLead, SignedIn
from agent.app.web.forms import Received, Typed
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, failed, render
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.figures import plural
from agent.core.language import _
from agent.core.wording import number
from agent.db.overview import Overview
from agent.interviews.model import Written
from agent.interviews.verbs import propose_for_files
from agent.speech import verbs as speech
from agent.speech.hearing_files import HeardFolder, bound_transcriber
from agent.text.importers.turns import NOBODY, NOTES
from agent.text.shelf import Loose
from agent.uploads import verbs
from agent.uploads.made_manifest import made_rows, manifest_workbook
from agent.uploads.model import UploadKind
from agent.uploads.staged import check_staged, heard_in, store_staged
from agent.uploads.staging import MAX_BYTES, Staged, StagingArea
from agent.uploads.store import Uploads
from agent.uploads.tables import FORM_FIELDS, choose_table, columns_of, preset_columns, unheard
from agent.uploads.tables import preset as named_preset
from agent.uploads.views import FACTS_AT_ONCE, KINDS, ImportView, UploadView, check_page
from agent.workspace import Workspace

api = api_router("uploads")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["up-4f1c2a9b7d3e"])]
Files = Annotated[list[UploadFile], File(description="Transcripts, zips of them, and the manifest (CSV or Excel).")]
Name = Annotated[str, Form(max_length=400, description="Which file is the manifest; default: the one that fits.")]
Pairs = Annotated[str, Form(max_length=100_000, description='A JSON object, as {"Opportunity Owner": "rep"}.')]
Dates = Annotated[Literal["", "month_first", "day_first"], Form(description="How to read 3/4/2026.")]
CheckOnly = Annotated[bool, Form(description="Say what would be stored, and store nothing.")]
_ROOM = MAX_BYTES + 2_000_000  # the files and what stands around them
_TEXTS = TypeAdapter(dict[str, str])


SendSound = Annotated[
    bool, Form(description="Recordings may be sent to the transcriber as they are: names are spoken in them.")
]
SoundBudget = Annotated[float | None, Form(ge=0, description="US dollars that hearing recordings may cost.")]


@dataclass(frozen=True)
class Hearing:
    """What was said about hearing the recordings among the files."""

    send_sound: bool = False
    budget_usd: float | None = None


_NOTHING_SAID = Hearing()


@api.post("/interviews/import", max_body_size=_ROOM, status_code=201)
def import_interviews(
    who: OpsLead,
    files: Files,
    manifest: Name = "",
    columns: Pairs = "{}",
    speakers: Pairs = "{}",
    dates: Dates = "",
    kind: Annotated[
        Written, Form(description="notes: only what is quoted in a file is the buyer's words.")
    ] = "conversation",
    check_only: CheckOnly = False,
    send_sound: SendSound = False,
    budget_usd: SoundBudget = None,
) -> ImportView:
    """Store interviews. What is right is stored, everything that is not is named.

    `columns`: their column -> our field (file, date, outcome, buyer, rep; interview_id, account, stage, kind); columns
    that are called like a field need none. `speakers`: label or "FILE:label" -> buyer, interviewer, other, or a name.
    """

    def told(staged: Staged) -> Staged:
        return _told(staged, manifest, columns, speakers, dates).model_copy(update={"notes": kind == "notes"})

    return _import(who, "interview", files, told, check_only=check_only, hearing=Hearing(send_sound, budget_usd))


@api.post("/calls/import", max_body_size=_ROOM, status_code=201)
def import_calls(
    who: OpsLead,
    files: Files,
    manifest: Name = "",
    columns: Pairs = "{}",
    speakers: Pairs = "{}",
    dates: Dates = "",
    check_only: CheckOnly = False,
    send_sound: SendSound = False,
    budget_usd: SoundBudget = None,
) -> ImportView:
    """Store calls. As for interviews; fields are file, date, rep; call_id, customer, account, industry, stage, deal."""
    return _import(
        who,
        "call",
        files,
        lambda s: _told(s, manifest, columns, speakers, dates),
        check_only=check_only,
        hearing=Hearing(send_sound, budget_usd),
    )


@api.post("/imports/{kind}", max_body_size=_ROOM, status_code=201)
def import_table(
    who: OpsLead,
    kind: Literal["deals", "ratings", "coaching"],
    file: Annotated[UploadFile, File(description="The table: CSV or Excel.")],
    columns: Pairs = "{}",
    dates: Dates = "",
    preset: Annotated[
        str, Form(max_length=40, description="deals: salesforce, hubspot, pipedrive, dynamics or zoho.")
    ] = "",
    rubric: Annotated[str, Form(max_length=200, description="ratings: id or label; default: the one in use.")] = "",
    check_only: CheckOnly = False,
) -> ImportView:
    """Store deals, ratings made elsewhere, or coaching cycles. Rows that come again take
    the place of what was there."""

    def told(staged: Staged) -> Staged:
        said = {
            "dates": dates,
            "preset": named_preset(who.space, preset),
            "rubric": rubric,
            "columns": _fields_first(read_pairs("columns", columns)),
        }
        return staged.model_copy(update=said)

    return _import(who, kind, [file], told, check_only=check_only)


@api.get("/uploads")
def list_uploads(who: OpsLead, paging: Pages) -> Page[UploadView]:
    """Uploads, newest first."""
    rows = who.space.store[Uploads].page(paging.after, paging.fetch)
    return paging.page(rows, lambda upload: (upload.at.isoformat(), upload.id), UploadView.of)


@api.get("/uploads/{ident}")
def read_upload(who: OpsLead, ident: Ident) -> UploadView:
    """One upload, with what rests on its documents."""
    store = who.space.store[Uploads]
    return UploadView.of(store.get(ident), store.kept(ident))


def area_of(who: SignedIn) -> StagingArea:
    """Where this person's files wait; a token that belongs to nobody has a place of its own."""
    return StagingArea(who.space.settings.workspace, who.person.id if who.person else who.token)


def _import(
    who: SignedIn,
    kind: UploadKind,
    files: Sequence[UploadFile],
    told: Callable[[Staged], Staged],
    *,
    check_only: bool,
    hearing: Hearing = _NOTHING_SAID,
) -> ImportView:
    """In one go: staged, checked or stored, and whatever is left of the staged files removed."""
    area = area_of(who)
    staged = area.begin(kind)
    try:
        for file in files:
            area.add(staged.id, file.filename or "file", file.file)
        known = _with_table(who.space, area, told(staged))
        if not check_only:
            _hear(who, area, known, hearing)
        checked = check_staged(who.space, area, known)
        return ImportView.checked(checked) if check_only else ImportView.of(verbs.bring_in(who, checked))
    finally:
        area.discard(staged.id)


def _hear(who: SignedIn, area: StagingArea, staged: Staged, hearing: Hearing) -> None:
    """Have the recordings among the files heard, where a model is bound to it; else each is named as a problem."""
    waiting = unheard(area, staged)
    if waiting and bound_transcriber(who.space) is not None:
        into, limit = HeardFolder(area.kept(staged.id)), hearing.budget_usd
        asyncio.run(speech.hear(who, waiting, into, lambda _: None, allowed=hearing.send_sound, budget_usd=limit))


def _told(staged: Staged, manifest: str, columns: str, speakers: str, dates: str) -> Staged:
    said: dict[str, Any] = {"manifest": manifest, "columns": _fields_first(read_pairs("columns", columns))}
    return staged.model_copy(update=said | {"speakers": read_pairs("speakers", speakers), "dates": dates})


def _with_table(space: Workspace, area: StagingArea, staged: Staged) -> Staged:
    """The manifest that was named, else the one that fits; columns as said, the others by their names."""
    name = staged.manifest or choose_table(area, staged) or next(iter(_only_table(area, staged)), "")
    if not name:
        raise InputError(
            "no file here is a manifest; send a table (CSV or Excel) that names the files and says what each is"
        )
    guessed = columns_of(area, staged.model_copy(update={"manifest": "", "columns": {}}), name).chosen
    guessed = preset_columns(space, staged.preset) or guessed
    said = staged.columns
    taken = set(said.values())
    both = {field: column for field, column in guessed.items() if column not in taken} | said
    return staged.model_copy(update={"manifest": name, "columns": both})


def _only_table(area: StagingArea, staged: Staged) -> list[str]:
    names = area.names(staged.id)
    return names if len(names) == 1 and staged.kind not in ("interview", "call") else []


def _fields_first(columns: dict[str, str]) -> dict[str, str]:
    return {field: column for column, field in columns.items()}


def read_pairs(name: str, text: str) -> dict[str, str]:
    """A JSON object of texts, as a form's field holds it."""
    try:
        return _TEXTS.validate_python(json.loads(text or "{}"))
    except (ValueError, ValidationError, RecursionError) as error:
        raise InputError(
            _('{name} is no JSON object of texts; write it as {{"Opportunity Owner": "rep"}}', name=name)
        ) from error


# Pages.


@pages.get("/upload")
def upload(
    request: Request, who: OpsLead, paging: Pages, kind: Annotated[UploadKind | None, Query()] = None
) -> HTMLResponse:
    """Where files are brought to, what waits, and earlier uploads."""
    area = area_of(who)
    values = {
        "kind": kind or ("call" if who.space.store[Overview].interviews() else "interview"),
        "kinds": KINDS,
        "page": list_uploads(who, paging),
        "waiting": [(staged, len(area.names(staged.id))) for staged in area.all()],
        "most": MAX_BYTES // 1_000_000,
        "step": next_step(who),
    }
    return render(request, "uploads/start.html", who, values)


@pages.post("/upload", max_body_size=_ROOM)
def begin(request: Request, who: OpsLead, form: Typed, files: Received) -> Response:
    """Take files in. Scripts bring many in several requests: to them it answers in JSON."""
    area, kind = area_of(who), _kind(form.get("kind", ""))
    staged = area.begin(kind)
    problems = _added(area, staged, files)
    if not area.names(staged.id) and not _is_script(request):
        area.discard(staged.id)
        return failed(request, f"/upload?kind={kind}", problems[0] if problems else _("Choose files first."))
    return _answer(request, area, staged, problems)


@pages.post("/upload/{ident}/files", max_body_size=_ROOM)
def add_files(request: Request, who: OpsLead, ident: Ident, files: Received) -> Response:
    """Add files to those that wait."""
    area = area_of(who)
    staged = area.get(ident)
    return _answer(request, area, staged, _added(area, staged, files))


@pages.get("/upload/{ident}")
def look(
    request: Request, who: OpsLead, ident: Ident, speakers: Annotated[str, Query(max_length=1000)] = ""
) -> HTMLResponse:
    """What would be stored, and what is to be said before. `speakers` is a file of which to say who speaks."""
    area = area_of(who)
    staged = area.get(ident)
    asked = heard_in(area, staged, speakers) if speakers else None
    checked = check_staged(who.space, area, staged)
    values = {"view": check_page(who.space, area, staged, checked, asked), "step": next_step(who)}
    return render(request, "uploads/check.html", who, values)


@pages.post("/upload/{ident}/table")
def choose(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """Which table describes the files, and which column is what."""
    area = area_of(who)
    staged = area.get(ident)
    kind, table = _kind(form.get("kind", staged.kind)), form.get("manifest", "")
    said: dict[str, Any] = {"preset": named_preset(who.space, form.get("preset", "")), "rubric": form.get("rubric", "")}
    said["notes"] = form.get("written", "") == "notes"
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


@pages.get("/upload/{ident}/manifest.xlsx")
def made_manifest(who: OpsLead, ident: Ident) -> Response:
    """A manifest of the staged files to fill in at leisure."""
    area = area_of(who)
    staged = area.get(ident)
    rows = list(made_rows(staged.kind, Loose(area.folder(ident)), who.space.store[Calls].reps()))
    headers = {"Content-Disposition": 'attachment; filename="manifest.xlsx"'}
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(manifest_workbook(staged.kind, rows), media_type=media, headers=headers)


@pages.post("/upload/{ident}/facts")
def tell_facts(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """What each file is, out of the form: `name-3` names the file of which `3-date` is the date; `all-date` holds for
    those without one."""
    area = area_of(who)
    staged = area.get(ident)
    there = set(area.names(ident))
    # A file of which nothing is asked any more keeps what held for it.
    facts = {name: staged.shared | {field: v for field, v in own.items() if v} for name, own in staged.facts.items()}
    for at in range(FACTS_AT_ONCE):
        name = form.get(f"name-{at}", "")
        if name not in there:
            continue
        own = {field: form.get(f"{at}-{field}", "") for field in FORM_FIELDS[staged.kind]}
        if any(own.values()):
            facts[name] = own
        else:
            facts.pop(name, None)
    shared = {field: value for field in FORM_FIELDS[staged.kind] if (value := form.get(f"all-{field}", ""))}
    area.keep(staged.model_copy(update={"facts": facts, "shared": shared, "manifest": ""}))
    return done(request, f"/upload/{ident}")


@pages.post("/upload/{ident}/speakers")
def tell_speakers(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """Who is behind which label: `label-3` is the label ("FILE:Speaker 1") of which `part-3` is the
    part or `name-3` the name; `all-3` is the plain label where the same holds in all files. `notes` is a file that is
    notes of one voice, `conversation` one that is none after all."""
    area = area_of(who)
    staged = area.get(ident)
    said = dict(staged.speakers)
    if file := form.get("notes", "") or form.get("conversation", ""):
        said.pop(f"{file}:{NOBODY}", None)
        said |= {f"{file}:{NOBODY}": NOTES} if form.get("notes") else {}
    for name, label in form.items():
        if not name.startswith("label-"):
            continue
        number = name.removeprefix("label-")
        if part := form.get(f"name-{number}", "") or form.get(f"part-{number}", ""):
            said[label] = part
            if everywhere := form.get(f"all-{number}", ""):
                said[everywhere] = part
        else:
            said.pop(label, None)
    area.keep(staged.model_copy(update={"speakers": said}))
    return done(request, f"/upload/{ident}")


@pages.post("/upload/{ident}/proposals")
def propose(request: Request, who: OpsLead, ident: Ident, _anew: Anew) -> Response:
    """Let the drafter's model propose who is behind the labels. Nothing is decided by it."""
    area = area_of(who)
    staged = area.get(ident)
    strangers = check_staged(who.space, area, staged).strangers
    notes: list[str] = []
    made = asyncio.run(propose_for_files(who.space, strangers, notes.append))
    verbs.keep_proposals(who, ident, area, made)
    for note in notes[:3]:
        sessions.flash(request, note, "problem")
    return done(
        request,
        f"/upload/{ident}#speakers",
        _("{files} read: confirm what is right.", files=plural(len(made.files), "file")),
    )


@pages.post("/upload/{ident}/hear")
def hear(request: Request, who: OpsLead, ident: Ident, form: Typed) -> Response:
    """Let a worker hear the recordings among the files; the job's page says how far it is."""
    area, may_leave = area_of(who), bool(form.get("may_leave"))
    try:
        budget_usd = float(form["budget"]) if form.get("budget") else None
    except ValueError:
        raise InputError("write the limit as a number of US dollars, such as 2.50") from None
    job = verbs.start_hearing(who, area, area.get(ident), may_leave=may_leave, budget_usd=budget_usd)
    return done(request, f"/jobs/{job.id}")


@pages.post("/upload/{ident}/store")
def store(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Store what is right; what is not stays here."""
    area = area_of(who)
    staged = area.get(ident)
    made = store_staged(who, area, staged)
    left = any(waiting.id == ident for waiting in area.all())
    if left:
        sessions.flash(
            request,
            _("{problems} left: the files are still here.", problems=plural(len(made.problems), "problem")),
            "problem",
        )
    stored = made.counts["new"] + made.counts["changed"]
    where = f"/uploads/{made.upload.id}" if made.upload and not left else f"/upload/{ident}" if left else "/upload"
    return done(
        request,
        where,
        _("{stored} stored.", stored=number(stored)) if stored else _("Everything was there already; nothing changed."),
    )


@pages.post("/upload/{ident}/discard")
def discard(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Throw the files away. Nothing that is stored is touched."""
    area_of(who).discard(ident)
    return done(request, "/upload", _("Thrown away. Nothing that was stored is touched."))


@pages.get("/uploads/{ident}")
def uploaded(request: Request, who: OpsLead, ident: Ident) -> HTMLResponse:
    """One upload: what came in, what to do next, and taking it back."""
    made = read_upload(who, ident)
    values = {"upload": made, "kinds": KINDS, "step": next_step(who), "panels": panels("upload", who, made)}
    return render(request, "uploads/done.html", who, values)


def _kind(given: str) -> UploadKind:
    kind = next((known for known in KINDS if known == given), None)
    if kind is None:
        raise InputError(
            _("there is no kind of upload {given}; there are: {kinds}", given=repr(given), kinds=", ".join(KINDS))
        )
    return kind


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _added(area: StagingArea, staged: Staged, files: list[SentFile]) -> list[str]:
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
