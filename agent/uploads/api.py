"""Bringing in interviews, calls, deals, ratings and coaching cycles, and taking an upload back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import File, Form, Path, UploadFile
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.core.errors import InputError
from agent.jobs.api import by
from agent.uploads import verbs as uploading
from agent.uploads.checking import Line, check
from agent.uploads.model import DocumentState, Undone, Upload, UploadKind
from agent.uploads.staging import MAX_BYTES, Staged, StagingArea
from agent.uploads.store import Uploads
from agent.uploads.tables import choose_table, columns_of, preset_columns
from agent.uploads.tables import preset as named_preset
from agent.workspace import Workspace

router = api_router("uploads")

Ident = Annotated[str, Path(max_length=40, examples=["up-4f1c2a9b7d3e"])]
Files = Annotated[list[UploadFile], File(description="Transcripts, zips of them, and the manifest (CSV).")]
Name = Annotated[str, Form(max_length=400, description="Which file is the manifest; default: the one that fits.")]
Pairs = Annotated[str, Form(max_length=100_000, description='A JSON object, as {"Opportunity Owner": "rep"}.')]
CheckOnly = Annotated[bool, Form(description="Say what would be stored, and store nothing.")]
_ROOM = MAX_BYTES + 2_000_000  # the files and what stands around them
_TEXTS = TypeAdapter(dict[str, str])


class LineOut(BaseModel):
    """What became of one file or row. `line` is a line of `file`; `hint` says what to do about a problem."""

    file: str
    id: str
    how: Literal["new", "changed", "unchanged", "problem"]
    what: str
    line: int | None
    hint: str

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """As it is sent."""
        return cls(file=line.file, id=line.id, how=line.how, what=line.what, line=line.number, hint=line.hint)


class DocumentOut(BaseModel):
    """An interview or call of an upload, and what rests on it where it can no longer be taken back."""

    id: str
    how: DocumentState
    file: str
    kept_because: str = ""


class UploadOut(BaseModel):
    """One upload. `undoable` says whether something of it could be taken back."""

    id: str
    kind: UploadKind
    by: str
    at: datetime
    undone: datetime | None
    source: str
    counts: dict[str, int]
    undoable: bool
    documents: list[DocumentOut]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "id": "up-4f1c2a9b7d3e",
                    "kind": "interview",
                    "by": "Ana Ruiz",
                    "at": "2026-11-24T09:30:00+00:00",
                    "undone": None,
                    "source": "interviews.csv",
                    "counts": {"new": 18, "problems": 0},
                    "undoable": True,
                    "documents": [{"id": "int-01", "how": "new", "file": "int-01.txt", "kept_because": ""}],
                }
            ]
        }
    }

    @classmethod
    def of(cls, upload: Upload, kept: dict[str, str] | None = None) -> UploadOut:
        """As it is sent."""
        why = kept or {}
        documents = [DocumentOut(**one.model_dump(), kept_because=why.get(one.id, "")) for one in upload.documents]
        given = upload.model_dump(exclude={"documents"})
        return cls(**given, documents=documents, undoable=upload.undoable)


class ImportOut(BaseModel):
    """What an import did. `upload` is null where nothing was stored; `lines` are problems, and all files if only checked."""

    upload: UploadOut | None
    counts: Annotated[dict[str, int], Field(description="Files or rows by new, changed, unchanged and problems.")]
    lines: list[LineOut]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "upload": None,
                    "counts": {"new": 17, "problem": 1},
                    "lines": [
                        {
                            "file": "interviews.csv",
                            "id": "",
                            "how": "problem",
                            "what": "the outcome 'maybe' is neither won nor lost",
                            "line": 4,
                            "hint": "write won or lost",
                        }
                    ],
                }
            ]
        }
    }


@router.post("/interviews/import", max_body_size=_ROOM, status_code=201)
def import_interviews(
    who: OpsLead,
    files: Files,
    manifest: Name = "",
    columns: Pairs = "{}",
    speakers: Pairs = "{}",
    check_only: CheckOnly = False,
) -> ImportOut:
    """Store interviews. What is right is stored, everything that is not is named.

    `columns`: their column -> our field (file, date, outcome, buyer, rep; interview_id, account, stage); columns that
    are called like a field need none. `speakers`: label or "FILE:label" -> buyer, interviewer, other, or a name.
    """
    return _import(who, "interview", files, lambda s: _told(s, manifest, columns, speakers), check_only=check_only)


@router.post("/calls/import", max_body_size=_ROOM, status_code=201)
def import_calls(
    who: OpsLead,
    files: Files,
    manifest: Name = "",
    columns: Pairs = "{}",
    speakers: Pairs = "{}",
    check_only: CheckOnly = False,
) -> ImportOut:
    """Store calls. As for interviews; fields are file, date, rep; call_id, customer, account, industry, stage, deal."""
    return _import(who, "call", files, lambda s: _told(s, manifest, columns, speakers), check_only=check_only)


@router.post("/imports/{kind}", max_body_size=_ROOM, status_code=201)
def import_table(
    who: OpsLead,
    kind: Literal["deals", "ratings", "coaching"],
    file: Annotated[UploadFile, File(description="A CSV file.")],
    columns: Pairs = "{}",
    dates: Annotated[Literal["", "month_first", "day_first"], Form(description="How to read 3/4/2026.")] = "",
    preset: Annotated[str, Form(max_length=40, description="deals: salesforce or hubspot.")] = "",
    rubric: Annotated[str, Form(max_length=200, description="ratings: id or label; default: the newest.")] = "",
    check_only: CheckOnly = False,
) -> ImportOut:
    """Store deals, ratings made elsewhere, or coaching cycles. Rows that come again take the place of what was there."""

    def told(staged: Staged) -> Staged:
        said = {
            "dates": dates,
            "preset": named_preset(who.space, preset),
            "rubric": rubric,
            "columns": _fields_first(_pairs("columns", columns)),
        }
        return staged.model_copy(update=said)

    return _import(who, kind, [file], told, check_only=check_only)


@router.get("/uploads")
def list_uploads(who: OpsLead, paging: Pages) -> Page[UploadOut]:
    """Uploads, newest first."""
    rows = who.space.store[Uploads].page(paging.after, paging.fetch)
    return paging.page(rows, lambda upload: (upload.at.isoformat(), upload.id), UploadOut.of)


@router.get("/uploads/{ident}")
def read_upload(who: OpsLead, ident: Ident) -> UploadOut:
    """One upload, with what rests on its documents."""
    store = who.space.store[Uploads]
    return UploadOut.of(store.get(ident), store.kept(ident))


@router.post("/uploads/{ident}/undo")
def undo_upload(who: OpsLead, ident: Ident) -> Undone:
    """Take an upload back: what it added is removed, facts it changed are restored, except where something rests on it."""
    return take_back(who, ident)


def area_of(who: SignedIn) -> StagingArea:
    """Where this person's files wait; a token that belongs to nobody has a place of its own."""
    return StagingArea(who.space.settings.workspace, who.person.id if who.person else who.token)


def take_back(who: SignedIn, ident: str) -> Undone:
    """Take an upload back and note it in the log."""
    done = who.space.store[Uploads].undo(ident)
    who.audit("upload_undone", ident, removed=len(done.removed), restored=len(done.restored), kept=len(done.kept))
    return done


def note_stored(who: SignedIn, done: uploading.StoredUpload) -> None:
    """Note in the log what was stored."""
    if done.upload is not None:
        counted = {name: count for name, count in done.counts.items() if count}
        who.audit("uploaded", done.upload.id, kind=done.upload.kind, **counted)


def _import(
    who: SignedIn, kind: UploadKind, files: Sequence[UploadFile], told: Callable[[Staged], Staged], *, check_only: bool
) -> ImportOut:
    """In one go: staged, checked or stored, and whatever is left of the staged files removed."""
    space = who.space
    area = area_of(who)
    staged = area.begin(kind)
    try:
        for file in files:
            area.add(staged.id, file.filename or "file", file.file)
        staged = _with_table(space, area, area.keep(told(staged)))
        if check_only:
            checked = check(space, area, staged)
            return ImportOut(upload=None, counts=checked.counts, lines=[LineOut.of(line) for line in checked.lines])
        done = uploading.store(space, area, staged, by(who))
    finally:
        if any(left.id == staged.id for left in area.all()):
            area.discard(staged.id)
    note_stored(who, done)
    upload = None if done.upload is None else UploadOut.of(done.upload)
    return ImportOut(upload=upload, counts=done.counts, lines=[LineOut.of(line) for line in done.problems])


def _told(staged: Staged, manifest: str, columns: str, speakers: str) -> Staged:
    said: dict[str, Any] = {"manifest": manifest, "columns": _fields_first(_pairs("columns", columns))}
    return staged.model_copy(update=said | {"speakers": _pairs("speakers", speakers)})


def _with_table(space: Workspace, area: StagingArea, staged: Staged) -> Staged:
    """The manifest that was named, else the one that fits; columns as said, the others by their names."""
    name = staged.manifest or choose_table(area, staged) or next(iter(_only_table(area, staged)), "")
    if not name:
        raise InputError("no file here is a manifest; send a CSV that names the files and says what each is")
    guessed = columns_of(area, staged.model_copy(update={"manifest": "", "columns": {}}), name).chosen
    guessed = preset_columns(space, staged.preset) or guessed
    said = staged.columns
    taken = set(said.values())
    both = {field: column for field, column in guessed.items() if column not in taken} | said
    return area.keep(staged.model_copy(update={"manifest": name, "columns": both}))


def _only_table(area: StagingArea, staged: Staged) -> list[str]:
    names = area.names(staged.id)
    return names if len(names) == 1 and staged.kind not in ("interview", "call") else []


def _fields_first(columns: dict[str, str]) -> dict[str, str]:
    return {field: column for column, field in columns.items()}


def _pairs(name: str, text: str) -> dict[str, str]:
    try:
        return _TEXTS.validate_python(json.loads(text or "{}"))
    except (ValueError, ValidationError, RecursionError) as error:
        raise InputError(f'{name} is no JSON object of texts; write it as {{"Opportunity Owner": "rep"}}') from error
