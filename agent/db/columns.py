"""Shorthands for the kinds of columns that most tables have."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String


def texts(**lengths: int) -> list[Column[Any]]:
    """Text columns of at most that many characters, never NULL: `texts(id=40, name=200)`."""
    return [Column(name, String(length), nullable=False) for name, length in lengths.items()]


def integers(*names: str) -> list[Column[Any]]:
    """Columns of whole numbers, never NULL."""
    return [Column(name, Integer, nullable=False) for name in names]


def reference(table: str, name: str, target: str, length: int, *, nullable: bool = False) -> Column[Any]:
    """A foreign key for a migration: the column `name` of `table`, which refers to `target` ("table.column")."""
    key = ForeignKey(target, name=f"fk_{table}_{name}_{target.partition('.')[0]}")
    return Column(name, String(length), key, nullable=nullable)
