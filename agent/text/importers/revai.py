"""JSON of Rev.ai and Rev (https://docs.rev.ai/api/asynchronous/transcripts): `monologues` of `elements`.

An element is `text`, `punct` (with its own white space) or `unknown`; `ts` is in seconds. Rev's transcripts by people
add a list of `speakers` with names.
"""

from collections.abc import Mapping

from pydantic import BaseModel

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Seconds, Shape, numbered, shaped


class _Element(Shape):
    type: str = "text"
    value: str | None = None
    ts: Seconds = None


class _Speaker(Shape):
    id: str | None = None
    name: str | None = None


class _Monologue(Shape):
    speaker: str | _Speaker | None = None
    elements: list[_Element]


class _Transcript(Shape):
    monologues: list[_Monologue]
    speakers: tuple[_Speaker, ...] = ()


def _sniff(source: Source) -> bool:
    found = source.document.get("monologues") if isinstance(source.document, dict) else None
    return isinstance(found, list) and (not found or any(isinstance(x, dict) and "elements" in x for x in found))


def _read(source: Source) -> list[Line]:
    transcript = shaped(source, _Transcript, source.document, "Rev.ai")
    silent = [e for m in transcript.monologues for e in m.elements if e.type != "unknown" and e.value is None]
    if silent:
        raise source.problem(None, f"not Rev.ai's JSON: {len(silent)} elements have no value", "export it again")
    names = {speaker.id: speaker.name for speaker in transcript.speakers if speaker.name}
    return [_line(monologue, names) for monologue in transcript.monologues]


def _line(monologue: _Monologue, names: Mapping[str | None, str]) -> Line:
    speaker = monologue.speaker
    ident, name = (speaker.id, speaker.name) if isinstance(speaker, BaseModel) else (speaker, None)
    text = "".join(element.value or "" for element in monologue.elements)
    start = next((element.ts for element in monologue.elements if element.ts is not None), None)
    return Line(name or names.get(ident) or numbered(ident), text, start, joins=True)


FORMAT = Format("rev", "Rev.ai and Rev, JSON", (".json",), _sniff, _read)
