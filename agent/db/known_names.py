"""What calls and interviews say of people and companies, for finding names in it."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnClause, Connection, Engine, Table, literal_column, select

from agent.db.raw_rows import raw_column
from agent.db.schema import calls, interviews

_FACTS = ("rep", "buyer", "customer", "account")
_SQLITE = "json_extract({body}, " + "".join(f"'$.{fact}', " for fact in _FACTS) + "'$.transcript.roles')"
_POSTGRESQL = (
    "json_build_array("
    + "".join(f"{{body}}::json->'{fact}', " for fact in _FACTS)
    + "{body}::json->'transcript'->'roles')::text"
)


def known_bodies(engine: Engine) -> Iterator[dict[str, Any]]:
    """These facts, each combination once: the database takes them out of 100,000 calls in a fifth of the time."""
    taken = _POSTGRESQL if engine.dialect.name == "postgresql" else _SQLITE
    for table in (calls, interviews):
        facts: ColumnClause[str] = literal_column(taken.format(body=f"{table.name}.body"))
        with engine.connect() as connection:
            found = raw_column(connection, select(facts).select_from(table).distinct())
        for one in found:
            *values, roles = from_json(one)
            yield dict(zip(_FACTS, values, strict=True)) | {"transcript": {"roles": roles}}


def fact_of(connection: Connection, table: Table, name: str) -> ColumnClause[str | None]:
    """One fact of the bodies of a table, taken out by the database; `name` is a field of ours, not of a user's."""
    taken = "{0}::json->>'{1}'" if connection.dialect.name == "postgresql" else "json_extract({0}, '$.{1}')"
    return literal_column(taken.format(f"{table.name}.body", name))
