"""Ids that tell of somebody (given in a manifest, or the name of a file in an earlier program) give way when that
person or what was said is removed: the row gets an id that says nothing, and so does every place that names it.

Ids that are made of content stay as they are (ratings, rounds, plans); those inside an extraction are made anew.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, String, Table, delete, insert, select, update

from agent.db import schema
from agent.db.raw_rows import raw_rows
from agent.db.round_log import opened
from agent.db.schema_counting import counting, moved
from agent.db.schema_jobs import job_calls
from agent.db.schema_reviews import review_queue
from agent.db.schema_server import deliveries, disputes, upload_documents, uploads
from agent.patterns.model import Extraction
from agent.text.manifest import holds_a_name

_KEPT = frozenset({"audit_log", "audit_head", "transcripts", "computed", "idempotency"})
_BY_CALL = (schema.ratings, schema.round_calls, schema.round_drafts, counting, job_calls, disputes, review_queue)
_COLUMNS = {
    "calls": {
        **{table.name: "call" for table in _BY_CALL},
        "word_versions": "document",
        "upload_documents": "document",
    },
    "interviews": {"word_versions": "document", "upload_documents": "document"},
    "deals": {"calls": "deal", "upload_documents": "document"},
}
"""By kind of thing the tables with a column that names it. Other tables name it in their JSON."""
_KEYS = {
    "calls": frozenset({"call", "calls", "source", "subject"}),
    "interviews": frozenset({"interview", "interviews", "source", "subject"}),
    "deals": frozenset({"deal", "deals", "subject"}),
}
"""Keys of stored JSON under which these ids stand; `id` in the rows themselves and in
lists of what an upload brought."""
_UPLOADED = {"calls": ("call", "ratings"), "interviews": ("interview",), "deals": ("deals",)}
_CONTENT_IDS = (schema.ratings, schema.rounds, schema.plans)
_AT_ONCE = 500


def telling_ids(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """For each id that holds a part of one of these names another that says nothing."""
    return {ident: f"re-{uuid4().hex[:12]}" for ident, told in names.items() if holds_a_name(ident, told)}


def rekey(connection: Connection, kind: str, renames: Mapping[str, str]) -> None:
    """Give `calls`, `interviews` or `deals` (`kind`) other ids, wherever they are named but in the audit log."""
    if not renames:
        return
    own, walk = schema.metadata.tables[kind], _Walk(kind, dict(renames))
    for was, now in renames.items():  # beside each other for a while: whatever points at the old one still may
        (row,) = connection.execute(select(own).where(own.c.id == was)).mappings()
        connection.execute(insert(own).values({**row, "id": now}))
    with opened(connection):
        for table in schema.metadata.sorted_tables:
            if table.name not in _KEPT:
                walk.table(connection, table)
    connection.execute(delete(own).where(own.c.id.in_(list(renames))))
    if kind == "calls":
        moved(connection, list(renames.values()))
        forget_external_ids(connection, list(renames.values()))


def forget_external_ids(connection: Connection, calls: Collection[str]) -> None:
    """Deliveries to webhooks no longer say what these calls are called elsewhere."""
    c = deliveries.c
    for seq, body in connection.execute(select(c.seq, c.body).where(c.event == "call.scored")).all():
        told = json.loads(body)
        if told.get("subject") in calls and told.get("data", {}).get("external_id"):
            told["data"]["external_id"] = ""
            connection.execute(update(deliveries).where(c.seq == seq).values(body=_text(told)))


class _Walk:
    """Puts new ids in the place of old ones, table by table."""

    def __init__(self, kind: str, renames: dict[str, str]) -> None:
        self._kind, self._renames, self._keys = kind, renames, _KEYS[kind]
        self._followed: dict[str, str] = {}  # ids made of content that names one of these

    def table(self, connection: Connection, table: Table) -> None:
        """All rows of one table."""
        keys = [column for column in table.columns if column.primary_key]
        for row in list(self._rows(connection, table)):
            if table is schema.extractions:
                self._follow(json.loads(row["body"]))
            values = {name: made for name, value in row.items() if (made := self._value(table, name, value)) != value}
            if table in _CONTENT_IDS and "body" in values:
                body = json.loads(values["body"])
                values["body"] = _text(body | {"named": body.get("named") or row["id"]})
            if values:
                connection.execute(update(table).where(*(key == row[key.name] for key in keys)).values(values))

    def _rows(self, connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
        """Rows that name one of them: in a column, or anywhere in their JSON."""
        column, old = _COLUMNS[self._kind].get(table.name), list(self._renames)
        if table.name == self._kind:
            column, old = "id", list(self._renames.values())
        if column is not None:
            query = select(table)
            if table is upload_documents:
                here = uploads.c.kind.in_(_UPLOADED[self._kind])
                query = query.where(table.c.upload.in_(select(uploads.c.id).where(here)))
            if table is schema.word_versions:
                query = query.where(table.c.kind == self._kind)
            for start in range(0, len(old), _AT_ONCE):
                part = query.where(table.c[column].in_(old[start : start + _AT_ONCE]))
                yield from map(dict, connection.execute(part).mappings())
        elif table not in (*_BY_CALL, schema.calls, schema.interviews) and {"body", "subject"} & set(table.c.keys()):
            query = select(table)
            if table is uploads:
                query = query.where(table.c.kind.in_(_UPLOADED[self._kind]))
            texts = [at for at, one in enumerate(table.columns) if isinstance(one.type, String)]
            sought = [_text(ident)[1:-1] for ident in (*old, *self._followed)]
            for row in raw_rows(connection, query):
                if any(one in str(row[at]) for at in texts for one in sought):
                    yield dict(zip(table.c.keys(), row, strict=True))

    def _value(self, table: Table, name: str, value: Any) -> Any:
        """What a column is to hold now."""
        if not isinstance(value, str):
            return value
        if name == _COLUMNS[self._kind].get(table.name):
            return self._renames.get(value, value)
        if name == "subject":  # of a request: an id, and what more there is to say
            first, space, rest = value.partition(" ")
            return f"{self._renames.get(first, first)}{space}{rest}"
        if (there := _parsed(value)) is not None:
            made = self._node(there, "", listed=table is uploads or table.name == self._kind)
            return value if made == there else _text(made)
        return self._followed.get(value, value)

    def _node(self, node: Any, key: str, *, listed: bool) -> Any:
        if isinstance(node, list):
            return [self._node(one, key, listed=listed) for one in node]
        if isinstance(node, dict):
            return {self._renames.get(k, k): self._node(value, k, listed=listed) for k, value in node.items()}
        if not isinstance(node, str):
            return node
        if listed and (row := _parsed(node)) is not None:  # as it was before the upload
            return _text(self._node(row, "", listed=True))
        if key in self._keys or (listed and key == "id"):
            return self._renames.get(node, node)
        return self._followed.get(node, node)

    def _follow(self, body: dict[str, Any]) -> None:
        """What ids inside an extraction become: they are made of the interviews they are about."""
        before = Extraction.model_validate_json(_text(body))
        after = Extraction.model_validate_json(_text(self._node(body, "", listed=False)))
        for was, now in zip(before.observations, after.observations, strict=True):
            if was.id != now.id:
                self._followed[was.id] = now.id
        if before.patterns.id != after.patterns.id:
            self._followed[before.patterns.id] = after.patterns.id


def _parsed(text: str) -> Any:
    """JSON of several values; None where it is none."""
    if text[:1] in ("{", "["):
        with suppress(ValueError):
            return json.loads(text)
    return None


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)
