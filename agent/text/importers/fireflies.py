"""JSON of Fireflies: its GraphQL API's `transcript.sentences` (https://docs.fireflies.ai/schema/sentence), and the list
that its web page downloads (`sentence`, `startTime`, `speaker_name`). Times are seconds or clock times."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, Field

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Seconds, Shape, numbered, shaped


class _Sentence(Shape):
    text: str | None = Field(default=None, validation_alias=AliasChoices("text", "sentence"))
    raw_text: str | None = None
    start: Seconds = Field(default=None, validation_alias=AliasChoices("start_time", "startTime"))
    speaker_name: str | None = None
    speaker_id: str | None = None


class _Transcript(Shape):
    sentences: list[_Sentence]


def _sentences(document: Any) -> Any:
    """The list of sentences wherever the reply holds it: alone, or below `data` and `transcript`."""
    for key in ("data", "transcript"):
        if isinstance(document, dict) and isinstance(document.get(key), dict):
            document = document[key]
    return document.get("sentences") if isinstance(document, dict) else document


def _sniff(source: Source) -> bool:
    found = _sentences(source.document)
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict) and "speaker_name" in found[0]


def _read(source: Source) -> list[Line]:
    transcript = shaped(source, _Transcript, {"sentences": _sentences(source.document)}, "Fireflies")
    return [
        Line(_speaker(sentence), sentence.text or sentence.raw_text or "", sentence.start, joins=True)
        for sentence in transcript.sentences
    ]


def _speaker(sentence: _Sentence) -> str | None:
    return (sentence.speaker_name or "").strip() or numbered(sentence.speaker_id)


FORMAT = Format("fireflies", "Fireflies: API reply or JSON download", (".json",), _sniff, _read)
