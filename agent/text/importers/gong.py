"""JSON of Gong's `POST /v2/calls/transcript` (https://help.gong.io/apidocs).

`callTranscripts[].transcript[]` are monologues: a `speakerId` and `sentences` with `start` and `end` in milliseconds.
Names stand elsewhere, in the `parties` of `/v2/calls/extensive`; where a file holds both, they are used.
"""

from __future__ import annotations

from typing import Any

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Millis, Shape, shaped


class _Sentence(Shape):
    text: str
    start: Millis = None


class _Monologue(Shape):
    speakerId: str | None = None
    sentences: tuple[_Sentence, ...] = ()


class _Call(Shape):
    callId: str = ""
    transcript: list[_Monologue]


class _Party(Shape):
    speakerId: str | None = None
    name: str | None = None


class _Extensive(Shape):
    parties: tuple[_Party, ...] = ()


class _Response(Shape):
    callTranscripts: list[_Call]
    calls: tuple[_Extensive, ...] = ()
    parties: tuple[_Party, ...] = ()


def _sniff(source: Source) -> bool:
    return isinstance(source.document, dict) and ("callTranscripts" in source.document or _one_call(source.document))


def _one_call(document: dict[str, Any]) -> bool:
    turns = document.get("transcript")
    return isinstance(turns, list) and bool(turns) and all(isinstance(t, dict) and "sentences" in t for t in turns)


def _read(source: Source) -> list[Line]:
    document = source.document
    if isinstance(document, dict) and "callTranscripts" not in document and _one_call(document):
        document = {**document, "callTranscripts": [document]}
    response = shaped(source, _Response, document, "Gong")
    if len(response.callTranscripts) != 1:
        what = f"this file holds {len(response.callTranscripts)} calls, not one"
        raise source.problem(None, what, "save each element of callTranscripts as a file of its own")
    parties = [*response.parties, *(party for call in response.calls for party in call.parties)]
    names = {party.speakerId: party.name for party in parties if party.speakerId and party.name}
    return [
        Line(names.get(turn.speakerId or "", turn.speakerId), sentence.text, sentence.start, joins=True)
        for turn in response.callTranscripts[0].transcript
        for sentence in turn.sentences
    ]


FORMAT = Format("gong", "Gong's call transcript API", (".json",), _sniff, _read)
