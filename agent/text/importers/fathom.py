"""JSON of Fathom's API (https://developers.fathom.ai): a meeting, or its recording's transcript alone.

`transcript[]` has `speaker.display_name`, `text` and `timestamp` (HH:MM:SS from the start of the meeting).
"""

from __future__ import annotations

from typing import Any

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Seconds, Shape, shaped


class _Speaker(Shape):
    display_name: str | None = None
    matched_calendar_invitee_email: str | None = None


class _Item(Shape):
    speaker: _Speaker
    text: str
    timestamp: Seconds = None


class _Meeting(Shape):
    transcript: list[_Item]


def _items(document: Any) -> Any:
    return document.get("transcript") if isinstance(document, dict) else document


def _sniff(source: Source) -> bool:
    found = _items(source.document)
    if not (isinstance(found, list) and found and isinstance(found[0], dict)):
        return False
    speaker = found[0].get("speaker")
    return isinstance(speaker, dict) and "display_name" in speaker


def _read(source: Source) -> list[Line]:
    meeting = shaped(source, _Meeting, {"transcript": _items(source.document)}, "Fathom")
    return [
        Line(x.speaker.display_name or x.speaker.matched_calendar_invitee_email, x.text, x.timestamp, joins=True)
        for x in meeting.transcript
    ]


FORMAT = Format("fathom", "Fathom's API", (".json",), _sniff, _read)
