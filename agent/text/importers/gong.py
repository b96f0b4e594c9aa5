"""JSON of Gong's `POST /v2/calls/transcript` (https://help.gong.io/apidocs).

`callTranscripts[].transcript[]` are monologues: a `speakerId` and `sentences` with `start` and `end` in milliseconds.
Names stand elsewhere, in the `parties` of `/v2/calls/extensive`; where a file holds both, they are used. A page of the
API holds several calls: the manifest names one as `page.json#CALLID`.
"""

from collections.abc import Sequence
from typing import Any

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.json_lists import names_of
from agent.text.importers.shapes import Millis, Shape, shaped


class _Sentence(Shape):
    text: str
    start: Millis = None


class _Monologue(Shape):
    speakerId: str | None = None
    sentences: tuple[_Sentence, ...]


class _Call(Shape):
    callId: str = ""
    transcript: list[_Monologue]


class _Response(Shape):
    callTranscripts: list[_Call]


def _sniff(source: Source) -> bool:
    return isinstance(source.document, dict) and ("callTranscripts" in source.document or _one_call(source.document))


def _one_call(document: dict[str, Any]) -> bool:
    turns = document.get("transcript")
    return isinstance(turns, list) and bool(turns) and any(isinstance(t, dict) and "sentences" in t for t in turns)


def _read(source: Source) -> list[Line]:
    document = source.document
    if isinstance(document, dict) and "callTranscripts" not in document and _one_call(document):
        document = {**document, "callTranscripts": [document]}
    response = shaped(source, _Response, document, "Gong")
    call = _call_meant(source, response.callTranscripts)
    names = _names_of_parties(document, call.callId)
    return [
        Line(names.get(turn.speakerId or "", turn.speakerId), sentence.text, sentence.start, joins=True)
        for turn in call.transcript
        for sentence in turn.sentences
    ]


def _call_meant(source: Source, calls: Sequence[_Call]) -> _Call:
    """The call that is meant in a file with several: by its id or its number in the file."""
    meant = [call for i, call in enumerate(calls, start=1) if source.part in (call.callId, str(i))] or list(calls)
    if len(meant) == 1 and (len(calls) == 1 or source.part):
        return meant[0]
    ids = ", ".join(call.callId for call in calls[:5])
    hint = (
        "name one in the manifest: "
        f"{source.name.rpartition('/')[2]}#{calls[0].callId if calls else '1'}; there are {ids}"
    )
    raise source.problem(None, f"this file holds {len(calls)} calls, not one", hint)


def _names_of_parties(document: Any, call: str) -> dict[str, str]:
    """The names of a call's parties by speaker id, from beside the transcripts and from the calls' own data."""
    parties = [*(document.get("parties") or ())] if isinstance(document.get("parties"), list) else []
    calls = document.get("calls")
    for one in calls if isinstance(calls, list) else ():
        data = one.get("metaData") if isinstance(one, dict) else None
        ident = str(data.get("id")) if isinstance(data, dict) else call
        if isinstance(one, dict) and isinstance(one.get("parties"), list) and (ident == call or len(calls) == 1):
            parties += one["parties"]
    return names_of(parties)


FORMAT = Format("gong", "Gong's call transcript API", (".json",), _sniff, _read)
