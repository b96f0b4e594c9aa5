"""What every route does for every role: a slice has its table WALK in tests/<slice>/walk.py,
the others in a file here; they are found by themselves.

    WALK = {
        "GET /api/v1/calls/{ident}": Walk(EVERYBODY, path={"ident": "call-1"}),
        "POST /api/v1/people": Walk(OPS_LEAD, json={"name": "…"}, status=201),
        "GET /interviews/{ident}": Walk(TEAM, path={"ident": "int-1"}),
    }

Roles are written down here a second time on purpose: a route that is opened to more people by mistake differs from
its entry. `path` may be a function of the site, where an id is made anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from agent.core.people import ROLES, Role

EVERYBODY = frozenset(ROLES)
TEAM = frozenset({"ops_lead", "manager", "viewer"})
RATERS = frozenset({"ops_lead", "manager"})
OPS_LEAD = frozenset({"ops_lead"})
PUBLIC = None


@dataclass(frozen=True)
class Walk:
    """How to send a request that is in order, and what comes back.

    `roles` may send it (None: everybody, signed in or not). `status` is what they get; `status_of` says otherwise for
    single roles (a rep gets 404 for somebody else's call). In the walks of verbs (tests/app/acts.py) `json` and `form` may
    be functions of the path's values.
    """

    roles: frozenset[Role] | None
    path: Mapping[str, str] | Callable[[Any], Mapping[str, str]] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Any = None
    files: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    status_of: Mapping[str, int] = field(default_factory=dict)


def tables() -> dict[str, Walk]:
    """All entries by `METHOD path`; the same one in two files is an error."""
    found: dict[str, Walk] = {}
    here = [f"{__name__}.{module.name}" for module in iter_modules(__path__)]
    slices = [f"tests.{path.parent.name}.walk" for path in sorted(Path(__file__).parents[2].glob("*/walk.py"))]
    for name in here + slices:
        table = import_module(name).WALK
        if both := found.keys() & table.keys():
            raise ValueError(f"{both} stands in two tables")
        found |= table
    return found
