"""Panels: parts that later slices add to a page. The page of a call knows nothing of disputes, a slice that comes after
it.

    @panel("call")
    def disputes_of(who: Who, call: Call) -> Panel | None: …

The page asks `panels("call", who, call)` and shows each panel's template with its values. Makers stand in a slice's
module `panels.py`, which is found by itself, or beside its routes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.app.slices import modules
from agent.app.verb import Who


@dataclass(frozen=True)
class Panel:
    """A part of a page: the template that shows it, and what the template needs."""

    template: str
    values: Mapping[str, Any]


Maker = Callable[[Who, Any], Panel | None]
_MAKERS: dict[str, list[Maker]] = defaultdict(list)


def panel(place: str) -> Callable[[Maker], Maker]:
    """Register a function that makes a panel for a place, such as `call` or `rubric`; it returns None if there is
    nothing to show."""

    def add(maker: Maker) -> Maker:
        _MAKERS[place].append(maker)
        return maker

    return add


def panels(place: str, who: Who, thing: Any) -> list[Panel]:
    """The panels of this place for `thing`, in the order of the slices."""
    modules("panels")
    return [made for maker in _MAKERS[place] if (made := maker(who, thing)) is not None]
