"""Finds parts of slices by the names of their modules, so that nobody has to keep a list of them."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import agent


@cache
def modules(*prefixes: str) -> tuple[ModuleType, ...]:
    """The modules of every slice whose names begin with one of the prefixes (`web`: web.py, web_rounds.py),
    imported, in order of their names."""
    loaded = []
    for slice_ in sorted(iter_modules(agent.__path__, "agent."), key=lambda module: module.name):
        if not slice_.ispkg or slice_.name == "agent.app":
            continue
        for module in sorted(iter_modules(import_module(slice_.name).__path__), key=lambda module: module.name):
            if module.name.startswith(prefixes):
                loaded.append(import_module(f"{slice_.name}.{module.name}"))
    return tuple(loaded)
