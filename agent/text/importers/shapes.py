"""The JSON of speech services: checked against models of the parts that we read, and its words joined into lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from agent.core.errors import Advice
from agent.text.importers.base import Line, Source
from agent.text.importers.times import clock_seconds, plain_seconds

# A pause after which a channel's next words are sorted anew against those of the other channels.
PAUSE_S = 1.0


class Shape(BaseModel):
    """A model of the parts of a service's JSON that are read. Everything else in it is ignored."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, defer_build=True)


def _seconds(value: Any) -> float | None:
    """Seconds as a number, as a number in a string ("4.87") or as a clock time
    ("00:01:02"); null and "" are no time."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        value = clock_seconds(text) if ":" in text else float(text)
        if value is None:
            raise ValueError("not a time")
    return _time(value, 1.0)


def _millis(value: Any) -> float | None:
    return _time(float(value) if isinstance(value, str) else value, 0.001)


def _time(value: Any, scale: float) -> float | None:
    if value is None:
        return None
    seconds = plain_seconds(value, scale)
    if seconds is None:
        raise ValueError("not a time")
    return seconds


Seconds = Annotated[float | None, BeforeValidator(_seconds)]
Millis = Annotated[float | None, BeforeValidator(_millis)]

Shaped = TypeVar("Shaped", bound=BaseModel)


def shaped(source: Source, shape: type[Shaped], data: Any, title: str) -> Shaped:
    """`data` as `shape`. Raises ImportProblem with the place inside the JSON that does not fit."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        more = f", and {error.error_count() - 1} more like it" if error.error_count() > 1 else ""
        what = f"not {title}'s JSON: {place}: {first['msg']}{more}"
        raise source.problem(
            None, what, Advice(text="export it again as text or WebVTT, or say which format it is", option="--format")
        ) from None


def numbered(label: str | None, word: str = "Speaker") -> str | None:
    """`Speaker 0` for a bare number, `Speaker A` for a bare letter; a longer label stays as it is."""
    label = (label or "").strip()
    return f"{word} {label}" if label.isdigit() or (len(label) == 1 and label.isalpha()) else label or None


@dataclass(frozen=True, slots=True)
class Word:
    """One word or punctuation mark. A `glued` one follows the word before it without a space."""

    speaker: str | None
    text: str
    start: float | None
    end: float | None = None
    glued: bool = False


def word_lines(channels: Iterable[Sequence[Word]]) -> list[Line]:
    """The words of each channel as lines: a line ends where the speaker changes.

    With one channel the order is the file's. With several, a line ends at a pause too and the lines are put in the
    order of their times, so that two channels that run side by side become a conversation.
    """
    tracks = [list(channel) for channel in channels]
    if len(tracks) == 1:
        return _runs(tracks[0], None)
    return by_time([line for track in tracks for line in _runs(track, PAUSE_S)])


def by_time(lines: Iterable[Line]) -> list[Line]:
    """Lines in the order of their times. A line without a time stays behind the line that it followed."""
    keyed: list[tuple[float, Line]] = []
    latest = 0.0
    for line in lines:
        latest = line.start if line.start is not None else latest
        keyed.append((latest, line))
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])]


def _runs(words: Sequence[Word], pause: float | None) -> list[Line]:
    keyed: list[tuple[tuple[str | None, int], Word]] = []
    part, end = 0, None
    for word in words:
        if pause is not None and None not in (word.start, end) and (word.start or 0) - (end or 0) > pause:
            part += 1
        end = word.end if word.end is not None else end
        keyed.append(((word.speaker, part), word))
    grouped = [[word for _, word in group] for _, group in groupby(keyed, key=lambda pair: pair[0])]
    return [_joined(group) for group in grouped]


def _joined(words: Sequence[Word]) -> Line:
    text = ""
    for word in words:
        text += word.text if word.glued or not text else f" {word.text}"
    start = next((word.start for word in words if word.start is not None), None)
    return Line(words[0].speaker, text.strip(), start, joins=True)
