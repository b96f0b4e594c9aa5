"""Closeread: win-loss interviews into coaching criteria, calls scored with quoted evidence."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`Workspace` and `Table`, imported when they are asked for: `closeread --help` needs
    neither. Types: __init__.pyi."""
    if name in ("Workspace", "Table"):
        return getattr(import_module("agent.library"), name)
    raise AttributeError(f"module 'agent' has no attribute {name!r}")
