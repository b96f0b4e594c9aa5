"""Uploads: who brought in what, and taking it back as long as nothing rests on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, Table, delete, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Conflict, NotFound
from agent.core.people import Scope
from agent.db import resting
from agent.db.schema import calls, interviews, transcripts
from agent.db.schema_counting import moved
from agent.db.schema_server import upload_documents, uploads
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.uploads.model import TakenBack, Upload, UploadedDocument, UploadKind

UploadPosition = tuple[str, str]
"""Where a page ended: time (ISO 8601) and id of its last upload."""
_TABLES: dict[str, Table] = {"interview": interviews, "call": calls}
_IDS_AT_ONCE = 500
_u, _d = uploads.c, upload_documents.c


class Uploads:
    """The workspace's uploads. Forbidden unless an ops lead, even to read: uploads name documents that others may not see."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def begin(self, kind: UploadKind, by: str, source: str, documents: Sequence[UploadedDocument] = ()) -> Upload:
        """Record what is about to be stored and the facts it replaces. `settle` then records what was stored.

        Noted first: if the program dies in between, what did get stored can still be taken back.
        """
        check_run(self._scope, "upload")
        ident, at = f"up-{uuid4().hex[:12]}", now()
        with self._engine.begin() as connection:
            before = _bodies(connection, kind, [one.id for one in documents])
            body = _body(documents, {}, source, before)
            connection.execute(insert(uploads).values(id=ident, kind=kind, by=by, at=at, undone="", body=body))
            _link(connection, ident, documents)
        return self.get(ident)

    def settle(self, ident: str, documents: Sequence[UploadedDocument], counts: Mapping[str, int]) -> Upload:
        """Record what was stored in the end."""
        check_run(self._scope, "upload")
        with self._engine.begin() as connection:
            row = _row(connection, ident)
            told = json.loads(row.body)
            body = _body(documents, counts, told["source"], told["before"])
            connection.execute(update(uploads).where(_u.id == ident).values(body=body))
            connection.execute(delete(upload_documents).where(_d.upload == ident))
            _link(connection, ident, documents)
        return self.get(ident)

    def get(self, ident: str) -> Upload:
        """The upload of that id. NotFound if there is none."""
        check_run(self._scope, "see uploads")
        with self._engine.connect() as connection:
            return _upload(_row(connection, ident))

    def page(self, after: UploadPosition | None = None, limit: int = 50) -> list[Upload]:
        """Uploads, newest first, from behind the position `after`."""
        check_run(self._scope, "see uploads")
        query = select(uploads).order_by(_u.at.desc(), _u.id.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(_u.at, _u.id) < tuple_(*after))
        with self._engine.connect() as connection:
            return [_upload(row) for row in connection.execute(query)]

    def kept(self, ident: str) -> dict[str, str]:
        """For each document of an upload that could not be taken back now: what rests on it."""
        check_run(self._scope, "see uploads")
        with self._engine.connect() as connection:
            return _kept(connection, _row(connection, ident))

    def undo(self, ident: str) -> TakenBack:
        """Remove what the upload added and put back the facts it changed, except where something rests on them.

        Conflict where nothing can be taken back; what rests on a document is in its words.
        """
        check_run(self._scope, "take back an upload")
        with self._engine.begin() as connection:
            row = _row(connection, ident)
            upload = _upload(row)
            if not upload.undoable:
                raise Conflict(_why_not(upload))
            kept = _kept(connection, row)
            before = json.loads(row.body)["before"]
            done = _take_back(connection, upload, before, kept)
            if not done.removed and not done.restored:
                first = next(iter(done.kept.items()))
                raise Conflict(f"nothing of {ident} can be taken back: {first[0]}: {first[1]}")
            _note_undone(connection, upload, before, done)
        return done


def _take_back(connection: Connection, upload: Upload, before: Mapping[str, str], kept: Mapping[str, str]) -> TakenBack:
    removed: list[str] = []
    restored: list[str] = []
    stays = dict(kept)
    for one in upload.open:
        if one.id in stays:
            continue
        if one.how == "changed":
            _restore(connection, upload.kind, one.id, before[one.id])
            restored.append(one.id)
        elif _remove(connection, upload.kind, one.id):
            removed.append(one.id)
        else:
            stays[one.id] = "something was just added to it"
    return TakenBack(removed=tuple(removed), restored=tuple(restored), kept=stays)


def _remove(connection: Connection, kind: str, ident: str) -> bool:
    """Delete a document, and its words unless another document has the same. False where something points at it."""
    table = _TABLES[kind]
    words = connection.execute(select(table.c.transcript).where(table.c.id == ident)).scalar()
    try:
        with connection.begin_nested():
            connection.execute(delete(table).where(table.c.id == ident))
    except IntegrityError:  # whatever points at it came between the look and now, or points in a way not looked for
        return False
    used = or_(
        select(calls.c.id).where(calls.c.transcript == words).exists(),
        select(interviews.c.id).where(interviews.c.transcript == words).exists(),
    )
    connection.execute(delete(transcripts).where(transcripts.c.id == words, ~used))
    return True


def _restore(connection: Connection, kind: str, ident: str, body: str) -> None:
    table, facts = _TABLES[kind], json.loads(body)
    columns = {c.name for c in table.columns} - {"id", "transcript", "body"}
    values: dict[str, Any] = {name: facts[name] for name in columns} | {"body": body}
    connection.execute(update(table).where(table.c.id == ident).values(**values))
    if table is calls:
        moved(connection, [ident])


def _note_undone(connection: Connection, upload: Upload, before: Mapping[str, str], done: TakenBack) -> None:
    became: dict[str, Literal["removed", "restored"]] = {
        **dict.fromkeys(done.removed, "removed"),
        **dict.fromkeys(done.restored, "restored"),
    }
    left = [one.model_copy(update={"how": became.get(one.id, one.how)}) for one in upload.documents]
    values = {"body": _body(left, upload.counts, upload.source, before), "undone": "" if done.kept else now()}
    connection.execute(update(uploads).where(_u.id == upload.id).values(**values))
    for start in range(0, len(left), _IDS_AT_ONCE):
        gone = [one.id for one in left[start : start + _IDS_AT_ONCE] if one.id in became]
        connection.execute(delete(upload_documents).where(_d.upload == upload.id, _d.document.in_(gone)))


def _kept(connection: Connection, row: Row[Any]) -> dict[str, str]:
    upload = _upload(row)
    if upload.kind not in _TABLES:
        return {}
    before, idents = json.loads(row.body)["before"], [one.id for one in upload.open]
    there, later = _bodies(connection, upload.kind, idents), _later(connection, row, idents)
    resting_on = resting.reasons(connection, upload.kind, idents)
    kept: dict[str, str] = {}
    for one in upload.open:
        if one.id not in there:
            kept[one.id] = "it is not there any more"
        elif one.id in later:
            kept[one.id] = f"{later[one.id]} brought it again: take that back first"
        elif one.how == "new" and one.id in resting_on:
            kept[one.id] = resting_on[one.id]
        elif one.how == "changed" and "transcript" not in json.loads(before.get(one.id, "{}")):
            kept[one.id] = "it was known before, without its words, and what was rated rests on it"
    return kept


def _later(connection: Connection, row: Row[Any], idents: Sequence[str]) -> dict[str, str]:
    """Documents that a later upload of the same kind changed, each with that upload's id."""
    later: dict[str, str] = {}
    for start in range(0, len(idents), _IDS_AT_ONCE):
        part = idents[start : start + _IDS_AT_ONCE]
        query = select(_d.document, _d.upload).join(uploads, _u.id == _d.upload)
        query = query.where(_d.document.in_(part), _u.at > row.at, _u.kind == row.kind)
        later.update({document: upload for document, upload in connection.execute(query.order_by(_u.at))})
    return later


def _bodies(connection: Connection, kind: str, idents: Sequence[str]) -> dict[str, str]:
    """The stored facts (JSON) by id, of those documents that are stored."""
    table = _TABLES.get(kind)
    bodies: dict[str, str] = {}
    for start in range(0, len(idents) if table is not None else 0, _IDS_AT_ONCE):
        assert table is not None
        query = select(table.c.id, table.c.body).where(table.c.id.in_(idents[start : start + _IDS_AT_ONCE]))
        bodies.update({ident: body for ident, body in connection.execute(query)})
    return bodies


def _link(connection: Connection, ident: str, documents: Sequence[UploadedDocument]) -> None:
    if documents:
        rows = [{"upload": ident, "document": one.id} for one in documents]
        connection.execute(insert(upload_documents), rows)


def _body(
    documents: Sequence[UploadedDocument], counts: Mapping[str, int], source: str, before: Mapping[str, str]
) -> str:
    listed = [one.model_dump() for one in documents]
    told = {"documents": listed, "counts": dict(counts), "source": source, "before": dict(before)}
    return json.dumps(told, ensure_ascii=False)


def _row(connection: Connection, ident: str) -> Row[Any]:
    row = connection.execute(select(uploads).where(_u.id == ident)).first()
    if row is None:
        raise NotFound(f"there is no upload {ident!r} in this workspace")
    return row


def _upload(row: Row[Any]) -> Upload:
    told = json.loads(row.body)
    return Upload(
        id=row.id,
        kind=row.kind,
        by=row.by,
        at=datetime.fromisoformat(row.at),
        undone=datetime.fromisoformat(row.undone) if row.undone else None,
        source=told["source"],
        counts=told["counts"],
        documents=tuple(UploadedDocument.model_validate(one) for one in told["documents"]),
    )


def _why_not(upload: Upload) -> str:
    if upload.undone is not None:
        return f"{upload.id} was taken back already"
    if upload.kind in _TABLES:
        return f"{upload.id} added nothing that could be taken back"
    return f"{upload.kind} are corrected by importing them again: what comes again takes the place of what was there"
