"""The switcher on each page whose figures are about one rubric: which one that is and why, and the others to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request

from agent.app.verb import Who
from agent.rubrics.in_use import InUse, in_use
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics

RubricRef = Annotated[str, Query(max_length=200, description="Id or label of the rubric; empty: the one in use.")]


@dataclass(frozen=True)
class Switcher:
    """What `rubrics/which.html` shows. `here` is the page's address, `kept` what else that asks for."""

    using: InUse
    rubrics: tuple[Rubric, ...]
    here: str
    kept: Mapping[str, str]

    @property
    def asked(self) -> str:
        """The id of a rubric that was named, which links to other pages carry on; empty for the one in use."""
        return self.using.rubric.id if self.using.why == "named" else ""


def switcher(request: Request, who: Who, reference: str, here: str = "") -> Switcher | None:
    """For the page that `request` asks for, or the one at `here`; None while there is no rubric. NotFound for one
    that is named and not there."""
    stored = who.space.store[Rubrics].all()
    if not stored and not reference:
        return None
    kept = {name: value for name, value in request.query_params.items() if name not in ("rubric", "cursor")}
    newest_first = tuple(one.rubric for one in reversed(stored))
    return Switcher(in_use(who.space.store, reference), newest_first, here or quote(request.url.path), kept)
