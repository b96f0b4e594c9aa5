"""What somebody typed into the form of a page. A handler only takes it and calls a verb: where that refuses, the form
comes back filled as it was sent (again.py), so nothing needs to be spelled here that the page or the API's model says
already."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile as SentFile

from agent.app.web.problems import HttpProblem, checked
from agent.core.language import _

M = TypeVar("M", bound=BaseModel)

_LONGEST = 8000  # characters of one value


class TypedFields(dict[str, str]):
    """The fields of a form without white space around them; of several that are called alike the last."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)
        super().__init__(self._pairs)

    def all(self, name: str) -> list[str]:
        """All values of fields that are called alike, such as boxes to tick."""
        return [value for other, value in self._pairs if other == name]

    def dollars(self, name: str) -> str | None:
        """An amount, with or without its sign; None where nothing is typed."""
        return self.get(name, "").lstrip("$") or None

    def filled_in(self, shape: type[M], **others: Any) -> M:
        """The model of the API that has these fields, and `others`; what is empty is as the model has it by itself.
        InvalidInput (422) names the fields that do not fit."""
        return checked(shape, {name: value for name, value in self.items() if value} | others)


async def _typed(request: Request) -> TypedFields:
    """HttpProblem for a value that is too long."""
    pairs = [(name, value.strip()) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    if any(len(value) > _LONGEST for _name, value in pairs):
        raise HttpProblem(422, "invalid", _("a field holds more than {longest} characters", longest=_LONGEST))
    return TypedFields(pairs)


async def _received(request: Request) -> list[SentFile]:
    """All files of a form, whatever their fields are called; a file field in which nothing was chosen has no name."""
    form = await request.form()
    return [value for _name, value in form.multi_items() if isinstance(value, SentFile) and value.filename]


Typed = Annotated[TypedFields, Depends(_typed)]
Received = Annotated[list[SentFile], Depends(_received)]
