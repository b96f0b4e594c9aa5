"""The scales that a criterion can be rated on: all that the program knows of them stands here.

A new scale is one line in `SCALES`. Everything else (checks, thresholds, tables, forms, the words shown) asks the
object. Thresholds are shares of the range, so that they mean the same on every scale; config/profiles.yaml and
config/calibration.yaml may set others, scale by scale.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from agent.core.language import N_, _


@dataclass(frozen=True)
class Scale:
    """The levels of a scale, lowest first and one point apart. Each is a single digit, because the table of what counts
    stores one digit a rating.

    `target` is the share of the range to aim at, `smallest_change` the smallest rise worth having, also a share of the
    range. Pydantic models read a scale from its name and write its name, so files, replies and the API hold the name.
    """

    name: str
    levels: tuple[int, ...]
    target: float
    smallest_change: float

    def __str__(self) -> str:
        return self.name

    @property
    def lowest(self) -> int:
        """The level that means the behavior is not there."""
        return self.levels[0]

    @property
    def highest(self) -> int:
        """The best level."""
        return self.levels[-1]

    @property
    def span(self) -> int:
        """The highest minus the lowest level, in points."""
        return self.highest - self.lowest

    @property
    def binary(self) -> bool:
        """Whether it says absent (0) or present (1): a mean is then a share of calls."""
        return self.levels == (0, 1)

    @property
    def metric(self) -> Literal["nominal", "ordinal"]:
        """The distance that agreement statistics use between two levels."""
        return "nominal" if self.binary else "ordinal"

    @property
    def tolerance(self) -> int:
        """Two ratings agree if at most so many points apart: a quarter of the range, rounded down."""
        return self.span // 4

    @property
    def present_level(self) -> int:
        """The lowest level that shows the behavior well enough: the middle of the scale, or the next above it."""
        return self.lowest + math.ceil(self.span / 2)

    def at(self, share: float) -> float:
        """The level (of a binary scale: the rate) at a share of the range, 0 to 1."""
        return round(self.lowest + share * self.span, 9)

    def share(self, value: float) -> float:
        """The part of the range below `value`: 0 lowest, 1 highest."""
        return (value - self.lowest) / self.span

    @property
    def range_in_words(self) -> str:
        """The range as raters are told it: "0 or 1", "1 to 5". It is part of prompts, so changing it makes recorded
        replies useless."""
        return f"{self.lowest} {'or' if self.binary else 'to'} {self.highest}"

    def in_words(self, level: int, words: tuple[str, str] = (N_("not shown"), N_("shown"))) -> str:
        """A level as people read it: one of `words`, or the level out of the highest."""
        return _(words[level]) if self.binary else _("{part} of {whole}", part=level, whole=self.highest)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _by_name, serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=_NAME)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(SCALES)}


def _by_name(given: Any) -> Scale:
    if isinstance(given, Scale):
        return given
    if given in SCALES:
        return SCALES[given]
    raise ValueError(f"{given!r} is no scale; there are {', '.join(SCALES)}")


_NAME = core_schema.str_schema()
SCALES = {
    scale.name: scale
    for scale in (
        Scale("binary", (0, 1), target=0.7, smallest_change=0.2),
        Scale("1-3", (1, 2, 3), target=0.65, smallest_change=0.2),
        Scale("1-4", (1, 2, 3, 4), target=0.65, smallest_change=0.15),
        Scale("1-5", (1, 2, 3, 4, 5), target=0.625, smallest_change=0.125),
        Scale("1-7", (1, 2, 3, 4, 5, 6, 7), target=0.625, smallest_change=0.125),
    )
}
BINARY = SCALES["binary"]
MOST_LEVELS = max(len(scale.levels) for scale in SCALES.values())


def completed_with(default: Callable[[Scale], float]) -> BeforeValidator:
    """A validator for a field with one value for each scale: fills in `default` for scales that a file does not
    name, so that older files still work."""

    def complete(given: Mapping[Any, Any]) -> dict[Scale, Any]:
        return {scale: default(scale) for scale in SCALES.values()} | {_by_name(n): v for n, v in given.items()}

    return BeforeValidator(complete)
