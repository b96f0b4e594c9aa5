"""Somebody who leaves: the name gives way to a pseudonym wherever it stands, and the account closes for good.

What was rated, coached and decided stays, under the pseudonym. A name inside a longer text gives way to blocks of the
same length, so that every quote still stands where it stood. First and last names alone go out of the words of the
person's own calls and interviews; elsewhere they may be anybody's.
"""

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, String, Table, Text, delete, or_, select, update

from agent.calibration.model import CalibrationRound
from agent.coaching.model import CoachingPlan
from agent.core.transcript import Transcript
from agent.db import schema, schema_counting, schema_jobs, schema_reviews  # noqa: F401  their tables join the metadata
from agent.db.round_log import opened
from agent.db.schema_server import invitations, people, sign_in_failures, tokens, uploads
from agent.db.schema_sound import recording_pieces, recordings
from agent.db.transcripts import now
from agent.people.store import keep_one_ops_lead
from agent.ratings.model import Rating
from agent.retention.rekeying import forget_external_ids, rekey, telling_ids
from agent.text.manifest import holds_a_name

BLOCK = "█"
_SHORTEST = 3  # letters of a part that is taken for a name
_KEPT = frozenset({"audit_log", "audit_head", "alembic_version", "transcripts", "computed", "idempotency"})
_CONTENT_IDS: Mapping[str, Any] = {"ratings": Rating, "plans": CoachingPlan, "rounds": CalibrationRound}
"""Tables whose rows are named by their content, so that they have to keep the name they had."""
_OF_TRANSCRIPTS = (
    (schema.calls, "transcript"),
    (schema.interviews, "transcript"),
    (schema.word_versions, "before"),
    (schema.word_prints, "transcript"),
)


class Forgetting:
    """Replaces one name by a pseudonym. `own` are the ids of the person's calls and interviews."""

    def __init__(self, name: str, pseudonym: str, own: Collection[str], ids: Collection[str]) -> None:
        self.name, self.pseudonym = name, pseudonym
        self._own, self._ids = frozenset(own), frozenset(ids)
        self._whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        parts = [re.escape(part) for part in name.split() if len(part) >= _SHORTEST]
        self._parts = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)") if parts else None

    def text(self, said: str, own: bool = False) -> str:
        """A text without the name; with `own` without its parts either."""
        if said.strip().casefold() == self.name.casefold():
            return self.pseudonym
        if said in self._ids:
            return said
        if said.startswith("{"):  # a row as it was, kept as text in another row
            with suppress(ValueError):
                return json.dumps(self.node(json.loads(said), own), ensure_ascii=False)
        blocked = self._whole.sub(_blocks, said)
        return self._parts.sub(_blocks, blocked) if own and self._parts else blocked

    def node(self, node: Any, own: bool = False) -> Any:
        """A JSON value without the name, in keys too."""
        if isinstance(node, str):
            return self.text(node, own)
        if isinstance(node, list):
            return [self.node(one, own) for one in node]
        if isinstance(node, dict):
            inside = own or any(
                node.get(key) in self._own for key in ("call", "interview", "source") if isinstance(node.get(key), str)
            )
            return {self.text(key): self.node(value, inside) for key, value in node.items()}
        return node


def own_documents(connection: Connection, name: str) -> list[str]:
    """Ids of the calls and interviews of a rep."""
    ids: list[str] = []
    for table in (schema.calls, schema.interviews):
        ids += connection.execute(select(table.c.id).where(table.c.rep == name)).scalars()
    return ids


def forget_person(connection: Connection, name: str, pseudonym: str) -> int:
    """Put the pseudonym in the place of the name in every table but the audit log; how many rows changed."""
    _rename(connection, name)
    ids = [i for t in (schema.calls, schema.interviews) for i in connection.execute(select(t.c.id)).scalars()]
    forgetting = Forgetting(name, pseudonym, own_documents(connection, name), ids)
    _close_account(connection, name)
    changed = _transcripts(connection, forgetting)
    with opened(connection):
        for table in schema.metadata.sorted_tables:
            if table.name not in _KEPT:
                changed += _rows(connection, table, forgetting)
    return changed


def telling_documents(connection: Connection, name: str) -> dict[str, list[str]]:
    """By table the ids of the person's own calls, interviews and deals that hold a part of the name."""
    told: dict[str, list[str]] = {}
    for table in (schema.calls, schema.interviews, schema.deals):
        own = connection.execute(select(table.c.id).where(table.c.rep == name)).scalars()
        told[table.name] = [ident for ident in own if holds_a_name(ident, [name])]
    return told


def _rename(connection: Connection, name: str) -> None:
    """Ids and names of files that tell of the person."""
    for kind, told in telling_documents(connection, name).items():
        rekey(connection, kind, telling_ids({ident: [name] for ident in told}))
    own = set(own_documents(connection, name))
    for ident, body in connection.execute(select(uploads.c.id, uploads.c.body)).all():
        upload = json.loads(body)
        telling = [one for one in upload["documents"] if one["id"] in own and holds_a_name(one.get("file", ""), [name])]
        for one in telling:
            one["file"] = ""
        if telling:
            values = {"body": json.dumps(upload, ensure_ascii=False)}
            connection.execute(update(uploads).where(uploads.c.id == ident).values(values))
    for table in (schema.calls, schema.interviews):
        c = table.c
        query = select(c.id, c.alias, c.body).where(c.rep == name, c.alias != "")
        for ident, alias, body in connection.execute(query).all():
            if holds_a_name(alias, [name]):
                values = {"alias": "", "body": json.dumps(json.loads(body) | {"alias": ""}, ensure_ascii=False)}
                connection.execute(update(table).where(c.id == ident).values(values))
                if table is schema.calls:
                    forget_external_ids(connection, [ident])


def _close_account(connection: Connection, name: str) -> None:
    c = people.c
    for row in connection.execute(select(people).where(or_(c.name == name, c.rep == name))).all():
        keep_one_ops_lead(connection, row.id)
        gone = {"email": f"{row.id}@removed.invalid", "subject": None, "password_hash": "", "disabled": 1}
        connection.execute(update(people).where(c.id == row.id).values(gone | {"epoch": row.epoch + 1}))
        connection.execute(
            update(tokens).where(tokens.c.person == row.id, tokens.c.revoked == "").values(revoked=now())
        )
        connection.execute(delete(invitations).where(invitations.c.person == row.id))
    connection.execute(delete(sign_in_failures))


def _transcripts(connection: Connection, forgetting: Forgetting) -> int:
    """A transcript is named by its words: with other words it has another id. The sound of the person's own talks, and
    of those in which the name is said, goes: nothing can take the place of a voice or of a name in it."""
    c, own = schema.transcripts.c, set()
    for table in (schema.calls, schema.interviews):
        own |= set(connection.execute(select(table.c.transcript).where(table.c.rep == forgetting.name)).scalars())
    named = c.body.icontains(_in_json(forgetting.name), autoescape=True)
    changed = 0
    for ident, body in connection.execute(select(c.id, c.body).where(or_(named, c.id.in_(own - {None})))).all():
        turns = forgetting.node(json.loads(body), own=ident in own)
        made = Transcript.model_validate_json(json.dumps(turns))
        for sound in (recording_pieces, recordings):
            connection.execute(delete(sound).where(sound.c.transcript == ident))
        if made.id == ident:
            continue
        changed += 1
        words = json.dumps(turns, ensure_ascii=False)
        there = connection.execute(select(c.id).where(c.id == made.id)).first()
        if there is None:
            connection.execute(schema.transcripts.insert().values(id=made.id, body=words))
        for table, column in _OF_TRANSCRIPTS:
            same = table.c[column] == ident
            if table is schema.word_prints:  # of the words before: made again
                connection.execute(delete(table).where(same))
            else:
                connection.execute(update(table).where(same).values({column: made.id}))
        connection.execute(delete(schema.transcripts).where(c.id == ident))
    return changed


def _rows(connection: Connection, table: Table, forgetting: Forgetting) -> int:
    keys = [column for column in table.columns if column.primary_key]
    # A role is one of four words, and somebody may be called by one of them.
    texts = [c for c in table.columns if isinstance(c.type, String | Text) and not c.foreign_keys and c.name != "role"]
    held = [c for c in texts if not c.primary_key or c.name in ("rep", "rater")]
    if not held:
        return 0
    wanted = [column.icontains(_in_json(forgetting.name), autoescape=True) for column in held]
    wanted += [column.icontains(forgetting.name, autoescape=True) for column in held]
    if "call" in table.c:
        wanted.append(table.c.call.in_(forgetting._own))
    if table in (schema.extractions, schema.rubrics, schema.plans):
        wanted.append(table.c.body != "")
    changed = 0
    for row in connection.execute(select(table).where(or_(*wanted))).mappings().all():
        own = row.get("call") in forgetting._own or (table is not people and row.get("rep") == forgetting.name)
        values = {c.name: made for c in held if (made := _value(row[c.name], forgetting, own)) != row[c.name]}
        if not values:
            continue
        if table.name in _CONTENT_IDS and "body" in values:
            ident = row["id"]
            values["body"] = json.dumps(json.loads(values["body"]) | {"named": ident}, ensure_ascii=False)
        connection.execute(update(table).where(*(key == row[key.name] for key in keys)).values(values))
        changed += 1
    return changed


def _value(value: Any, forgetting: Forgetting, own: bool) -> Any:
    """A column's value without the name. JSON stays as it was written where nothing in it changes."""
    if not isinstance(value, str):
        return value
    if value[:1] in ("{", "["):
        try:
            there = json.loads(value)
        except ValueError:
            return forgetting.text(value, own)
        made = forgetting.node(there, own)
        return value if made == there else json.dumps(made, ensure_ascii=False)
    return forgetting.text(value, own)


def _blocks(matched: re.Match[str]) -> str:
    return "".join(BLOCK if letter.isalnum() else letter for letter in matched[0])


def _in_json(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1]
