"""This program's own JSON: what `agent.text.own_json` writes, and what a script of the user's can write easily.

    {"turns": [{"speaker": "Ann Lee", "text": "Hello.", "start": 4.0}, …]}

`start` is in seconds and may be left out. Each element is one turn.
"""

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.json_lists import names_beside
from agent.text.importers.shapes import Seconds, Shape, shaped


class _Turn(Shape):
    speaker: str | None = None
    text: str
    start: Seconds = None


class _Transcript(Shape):
    turns: list[_Turn]


def _sniff(source: Source) -> bool:
    document = source.document
    return isinstance(document, dict) and _has_texts(document.get("turns")) and not names_beside(document)


def _has_texts(turns: object) -> bool:
    return isinstance(turns, list) and (not turns or any(isinstance(one, dict) and "text" in one for one in turns))


def _read(source: Source) -> list[Line]:
    transcript = shaped(source, _Transcript, source.document, "Closeread")
    return [Line(turn.speaker, turn.text, turn.start) for turn in transcript.turns]


FORMAT = Format("closeread", "Closeread's own JSON", (".json",), _sniff, _read)
