"""What every verb and every `--json` does, told slice by slice: tests/<slice>/walk.py has these tables.

WALK     what every route does for every role (tests/api/walk/__init__.py)
ACTS     every verb: how it is called, and the routes and the command that call it
NO_VERB  routes that change something without a verb, and why
NOT_ACTED verbs that cannot be called here (they ask a model), and which test holds their entry in the audit log
JSON     every command with `--json`: how it is called, and the route of the API that sends the same
NO_API   commands with `--json` that the API has no counterpart of, and why
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from agent.app.verb import Verb
from tests.api.walk import Walk, tables


@dataclass(frozen=True)
class Act:
    """A verb and who calls it. `args` makes what the verb is given after `who`, anew each time.

    `routes` are requests of the page and the API as WALK has them; `walks` has another request where that one is refused.
    `command` is what is typed behind `closeread`.
    """

    verb: Verb[..., Any]
    args: Callable[[Any], Sequence[Any]]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    routes: Sequence[str] = ()
    walks: Mapping[str, Walk] = field(default_factory=dict)
    command: Callable[[Any], Sequence[str]] | None = None
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by route or "command": other lines it leaves

    @property
    def name(self) -> str:
        return f"{self.verb.__module__.removeprefix('agent.')}.{self.verb.__name__}"


@dataclass(frozen=True)
class Json:
    """A command that prints JSON. `route` sends the same."""

    route: str
    args: Callable[[Any], Sequence[str]] = lambda site: ()


def written(site: Any, name: str) -> str:
    """Where a command may write a file of that name."""
    return str(Path(site.space.settings.workspace) / name)


def asking(site: Any, act: Act, route: str) -> Callable[[], Any]:
    """All made that a route which calls the verb is asked about; sends it, as a program of somebody who may."""
    entry, (method, path) = act.walks.get(route) or _walk()[route], route.split(" ")
    values = entry.path(site) if callable(entry.path) else entry.path
    return partial(
        site.program(act.verb.roles[0]).request,
        method,
        path.format(**values),
        params=entry.query,
        json=entry.json(values) if callable(entry.json) else entry.json,
        data=entry.form(values) if callable(entry.form) else entry.form,
        files=entry.files,
        headers=entry.headers,
    )


_walk = cache(tables)


def slice_tables(table: str) -> dict[str, ModuleType]:
    """tests/<slice>/walk.py of every slice that has this table."""
    paths = sorted(Path(__file__).parents[1].glob("*/walk.py"))
    modules = {path.parent.name: import_module(f"tests.{path.parent.name}.walk") for path in paths}
    return {name: module for name, module in modules.items() if hasattr(module, table)}


def all_of(table: str) -> Any:
    """One table of all slices together; a list where ACTS are asked for."""
    found = [getattr(module, table) for module in slice_tables(table).values()]
    if table == "ACTS":
        return [act for acts in found for act in acts]
    return {key: value for entries in found for key, value in entries.items()}
