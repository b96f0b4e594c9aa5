"""Uploads: who brought in what, and taking it back as long as nothing rests on it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update

from agent.core.errors import Conflict, NotFound
from agent.db.collection import Collection
from agent.db.schema_server import upload_documents, uploads
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.uploads.kinds import JUST_ADDED, KINDS, cycles_now
from agent.uploads.model import TakenBack, Upload, UploadedDocument, UploadKind

UploadPosition = tuple[str, str]
"""Where a page ended: time (ISO 8601) and id of its last upload."""
_IDS_AT_ONCE = 500
_u, _d = uploads.c, upload_documents.c


class Uploads(Collection):
    """The workspace's uploads. Forbidden unless an ops lead, even to read: uploads name
    documents that others may not see."""

    def begin(self, kind: UploadKind, by: str, source: str, documents: Sequence[UploadedDocument] = ()) -> Upload:
        """Record what is about to be stored and the facts it replaces. `settle` then records what was stored.

        Noted first: if the program dies in between, what did get stored can still be taken back.
        """
        check_run(self._scope, "upload")
        ident, at = f"up-{uuid4().hex[:12]}", now()
        with self._engine.begin() as connection:
            before = KINDS[kind].bodies(connection, [one.id for one in documents])
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
            changed = [one.id for one in documents if one.how == "changed"]
            after = KINDS[row.kind].bodies(connection, changed)
            body = _body(documents, counts, told["source"], told["before"], after)
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
        return [_upload(row) for row in self._rows(query)]

    def kept(self, ident: str) -> dict[str, str]:
        """For each document of an upload that could not be taken back now: what rests on it."""
        check_run(self._scope, "see uploads")
        with self._engine.connect() as connection:
            return _kept(connection, _row(connection, ident))

    def preview(self, ident: str) -> TakenBack:
        """What taking this upload back would do now. Conflict where it cannot be taken back at all."""
        check_run(self._scope, "see uploads")
        with self._engine.connect() as connection:
            row = _row(connection, ident)
            upload = _upload(row)
            if not upload.undoable:
                raise Conflict(_why_not(upload))
            return _free(upload, _kept(connection, row))

    def undo(self, ident: str, gone: Sequence[str] = ()) -> TakenBack:
        """Remove what the upload added and put back the facts it changed, except where something rests on them. `gone`
        are those that were just removed with what rested on them.

        Conflict where nothing can be taken back; what rests on a document is in its words.
        """
        check_run(self._scope, "take back an upload")
        with self._engine.begin() as connection:
            row = _row(connection, ident)
            upload = _upload(row)
            if not upload.undoable:
                raise Conflict(_why_not(upload))
            kept = {one: why for one, why in _kept(connection, row).items() if one not in gone}
            told = json.loads(row.body)
            before, after = told["before"], told.get("after", {})
            done = _take_back(connection, upload, before, after, kept)
            if not done.removed and not done.restored:
                first = next(iter(done.kept.items()))
                raise Conflict(f"nothing of {ident} can be taken back: {first[0]}: {first[1]}")
            _note_undone(connection, upload, before, after, done)
        return done


def _take_back(
    connection: Connection, upload: Upload, before: Mapping[str, str], after: Mapping[str, str], kept: Mapping[str, str]
) -> TakenBack:
    kind, free = KINDS[upload.kind], _free(upload, kept)
    stuck = kind.remove(connection, upload.at, free.removed)
    kind.restore(connection, upload.at, {ident: before[ident] for ident in free.restored}, after)
    return TakenBack(
        removed=tuple(ident for ident in free.removed if ident not in stuck),
        restored=free.restored,
        kept={**kept, **dict.fromkeys(sorted(stuck), JUST_ADDED)},
    )


def _free(upload: Upload, kept: Mapping[str, str]) -> TakenBack:
    """What taking an upload back would do, as far as one can know before."""
    free = [one for one in upload.open if one.id not in kept]
    return TakenBack(
        removed=tuple(one.id for one in free if one.how == "new"),
        restored=tuple(one.id for one in free if one.how == "changed"),
        kept=dict(kept),
    )


def _note_undone(
    connection: Connection, upload: Upload, before: Mapping[str, str], after: Mapping[str, str], done: TakenBack
) -> None:
    became: dict[str, Literal["removed", "restored"]] = {
        **dict.fromkeys(done.removed, "removed"),
        **dict.fromkeys(done.restored, "restored"),
    }
    left = [one.model_copy(update={"how": became.get(one.id, one.how)}) for one in upload.documents]
    values = {"body": _body(left, upload.counts, upload.source, before, after), "undone": "" if done.kept else now()}
    connection.execute(update(uploads).where(_u.id == upload.id).values(**values))
    for start in range(0, len(left), _IDS_AT_ONCE):
        gone = [one.id for one in left[start : start + _IDS_AT_ONCE] if one.id in became]
        connection.execute(delete(upload_documents).where(_d.upload == upload.id, _d.document.in_(gone)))


def _kept(connection: Connection, row: Row[Any]) -> dict[str, str]:
    upload, kind = _upload(row), KINDS[row.kind]
    before, idents = json.loads(row.body)["before"], [one.id for one in upload.open]
    there = kind.bodies(connection, idents)
    now_called = cycles_now(connection, idents) if upload.kind == "coaching" else {}
    # Of ratings it is looked whether they were corrected since.
    later = {} if upload.kind == "ratings" else _later(connection, row, [*idents, *now_called.values()])
    new = [one.id for one in upload.open if one.how == "new" and one.id in there]
    changed = {one.id: before.get(one.id, "{}") for one in upload.open if one.how == "changed" and one.id in there}
    resting_on = kind.kept(connection, upload.at, new, changed)
    kept: dict[str, str] = {}
    for ident in idents:
        if ident not in there:
            kept[ident] = "it is not there any more"
        elif brought := later.get(ident) or later.get(now_called.get(ident, "")):
            kept[ident] = f"{brought} brought it again: take that back first"
        elif ident in resting_on:
            kept[ident] = resting_on[ident]
    return kept


def _later(connection: Connection, row: Row[Any], idents: Sequence[str]) -> dict[str, str]:
    """What a later upload of the same kind changed, each with that upload's id."""
    later: dict[str, str] = {}
    for start in range(0, len(idents), _IDS_AT_ONCE):
        part = idents[start : start + _IDS_AT_ONCE]
        query = select(_d.document, _d.upload).join(uploads, _u.id == _d.upload)
        query = query.where(_d.document.in_(part), _u.at > row.at, _u.kind == row.kind)
        later.update({document: upload for document, upload in connection.execute(query.order_by(_u.at))})
    return later


def _link(connection: Connection, ident: str, documents: Sequence[UploadedDocument]) -> None:
    if documents:
        rows = [{"upload": ident, "document": one.id[:200]} for one in documents]
        connection.execute(insert(upload_documents), rows)


def _body(
    documents: Sequence[UploadedDocument],
    counts: Mapping[str, int],
    source: str,
    before: Mapping[str, str],
    after: Mapping[str, str] | None = None,
) -> str:
    listed = [one.model_dump() for one in documents]
    told = {
        "documents": listed,
        "counts": dict(counts),
        "source": source,
        "before": dict(before),
        "after": dict(after or {}),
    }
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
    return f"{upload.id} added nothing that could be taken back, or was made before rows of tables could be"
