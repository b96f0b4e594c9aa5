"""Checks command-line options with one of our models."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent.core.errors import UsageError

M = TypeVar("M", bound=BaseModel)


def checked(shape: type[M], given: dict[str, Any]) -> M:
    """`given` as the model `shape`. UsageError names the first option that does not fit, without repeating its value
    (it may be a secret)."""
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part).replace("_", " ") for part in first["loc"])
        raise UsageError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
