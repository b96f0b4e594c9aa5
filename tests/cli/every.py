"""Every command of the program, and words that each of them takes: for rules that hold for all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from agent.main import COMMANDS, app


@cache
def every_command() -> dict[str, Any]:
    """All commands by their words."""
    group: Any = typer.main.get_group(app)
    return {words: found for name in COMMANDS for words, found in _leaves(name, group.get_command(None, name))}


def _leaves(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield words, command
    for name, below in inner.items():
        yield from _leaves(f"{words} {name}", below)


GIVEN = {
    "raters": "Ana,Ben",
    "role": "manager",
    "email": "ana@example.com",
    "decision": "won",
    "verdict": "upheld",
    "scale": "binary",
    "url": "https://example.com/hook",
    "value": "1",
    "reference": "rate_call@1",
    "number": "1",
    "round": "1",
    "day": "2026-10-01",
}


def arguments(words: str, files: Path) -> list[str]:
    """What a command needs at least: files that exist, and words of the right kind."""
    given = words.split()
    for option in every_command()[words].params:
        if option.required:
            if option.param_type_name == "option":
                given.append(option.opts[0])
            given += [_value(option.name, files)] * max(option.nargs, 1)
    return given


def _value(name: str, files: Path) -> str:
    made = {
        "directory": files,
        "calls": files,
        "file": files / "some.yaml",
        "manifest": files / "some.csv",
        "scores": files / "some.csv",
        "rubric": files / "some.yaml",
        "out": files / "written.html",
    }
    return str(made.get(name, GIVEN.get(name, "x")))
