"""Columns as most tables have them."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String


def texts(**lengths: int) -> list[Column[Any]]:
    """Texts of at most so many characters, never NULL: `texts(id=40, name=200)`."""
    return [Column(name, String(length), nullable=False) for name, length in lengths.items()]


def integers(*names: str) -> list[Column[Any]]:
    """Whole numbers, never NULL."""
    return [Column(name, Integer, nullable=False) for name in names]


def reference(table: str, name: str, target: str, length: int, *, nullable: bool = False) -> Column[Any]:
    """For a migration: the column `name` of `table` that names a row by `target`, "table.column"."""
    key = ForeignKey(target, name=f"fk_{table}_{name}_{target.partition('.')[0]}")
    return Column(name, String(length), key, nullable=nullable)
