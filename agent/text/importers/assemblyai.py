"""JSON of AssemblyAI (https://www.assemblyai.com/docs): a transcript with `utterances`, or its sentences or paragraphs.

Times are milliseconds, speakers single letters. Without speaker labels there is only `text`: the words are nobody's.
"""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, Field

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Millis, Shape, by_time, numbered, shaped


class _Utterance(Shape):
    text: str
    start: Millis = None
    speaker: str | None = None
    channel: str | None = None


class _Transcript(Shape):
    text: str | None = None
    utterances: list[_Utterance] | None = Field(
        default=None, validation_alias=AliasChoices("utterances", "sentences", "paragraphs")
    )


def _sniff(source: Source) -> bool:
    document = source.document
    if not isinstance(document, dict):
        return False
    asked = "acoustic_model" in document or "speech_model" in document or "audio_url" in document
    return asked or any(_are_utterances(document.get(key)) for key in ("utterances", "sentences", "paragraphs"))


def _are_utterances(found: Any) -> bool:
    first = found[0] if isinstance(found, list) and found else None
    return isinstance(first, dict) and {"text", "start", "end"} <= set(first)


def _read(source: Source) -> list[Line]:
    transcript = shaped(source, _Transcript, source.document, "AssemblyAI")
    if not transcript.utterances:
        return [Line(None, transcript.text or "")]
    lines = [Line(_speaker(x), x.text, x.start, joins=True) for x in transcript.utterances]
    return by_time(lines) if any(x.channel for x in transcript.utterances) else lines


def _speaker(utterance: _Utterance) -> str | None:
    return numbered(utterance.speaker) or numbered(utterance.channel, "Channel")


FORMAT = Format("assemblyai", "AssemblyAI", (".json",), _sniff, _read)
