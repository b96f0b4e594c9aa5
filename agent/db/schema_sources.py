"""The tables of sources. Of a file that was taken only digests of its name and its state are kept: a name may tell of a
customer, and would stay here after everything about that customer was removed."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from agent.db.columns import texts
from agent.db.schema import metadata

# `reading` is JSON: how columns, speakers and dates are read. It is looked at every `minutes`, was `looked` at last,
# and `said` is what came of that, without names of files.
sources = Table(
    "sources",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("address", Text, nullable=False),
    Column("manifest", String(400), nullable=False),
    Column("reading", Text, nullable=False),
    *texts(by=200, at=40),
    Column("minutes", Integer, nullable=False),
    Column("looked", String(40), nullable=False),
    Column("said", Text, nullable=False),
)

source_files = Table(
    "source_files",
    metadata,
    Column("source", ForeignKey("sources.name"), primary_key=True),
    Column("file", String(64), primary_key=True),
    *texts(mark=64, at=40),
)
