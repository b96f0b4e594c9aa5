"""Reads the names of people and companies that calls and interviews mention in their facts."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnClause, Connection, Engine, Table, func, literal_column, select

from agent.db.raw_rows import raw_rows
from agent.db.schema import calls, interviews

_FACTS = ("rep", "buyer", "customer", "account")
_SQLITE = "json_extract({body}, " + "".join(f"'$.{fact}', " for fact in _FACTS) + "'$.transcript.roles')"
_POSTGRESQL = (
    "json_build_array("
    + "".join(f"{{body}}::json->'{fact}', " for fact in _FACTS)
    + "{body}::json->'transcript'->'roles')::text"
)


def known_bodies(engine: Engine) -> Iterator[dict[str, Any]]:
    """The facts that name people or companies, of all calls and interviews, each combination once."""
    for table in (calls, interviews):
        with engine.connect() as connection:
            yield from (facts for facts, _ in known_facts(connection, table))


def known_facts(connection: Connection, table: Table) -> Iterator[tuple[dict[str, Any], int]]:
    """These facts of one table, each combination with its number of rows. The database extracts them from the JSON,
    which takes a fifth of the time for 100,000 calls; on SQLite an index holds them, and it takes milliseconds."""
    taken = _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE
    facts: ColumnClause[str] = literal_column(taken.format(body=f"{table.name}.body"))
    for one, rows in raw_rows(connection, select(facts, func.count()).select_from(table).group_by(facts)):
        *values, roles = from_json(one)
        yield dict(zip(_FACTS, values, strict=True)) | {"transcript": {"roles": roles}}, rows
