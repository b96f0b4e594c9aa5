"""JSON of Whisper and what is built on it: the openai-whisper command and API (`verbose_json`), whisper.cpp, WhisperX
and the API's `diarized_json`. Times are seconds (whisper.cpp: milliseconds in `offsets`).

Whisper itself names nobody: its words belong to nobody until `--speakers "?=NAME"` says otherwise. With WhisperX and
diarized replies segments have a `speaker`, or their words have.
"""

from __future__ import annotations

from pydantic import Field

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Millis, Seconds, Shape, Word, numbered, shaped, word_lines


class _Word(Shape):
    word: str = ""
    start: Seconds = None
    speaker: str | None = None


class _Segment(Shape):
    text: str = ""
    start: Seconds = None
    speaker: str | None = None
    words: list[_Word] | None = None


class _Offsets(Shape):
    start: Millis = Field(default=None, validation_alias="from")


class _Piece(Shape):
    text: str = ""
    offsets: _Offsets = _Offsets()
    speaker: str | None = None


class _Result(Shape):
    text: str = ""
    segments: tuple[_Segment, ...] = ()
    transcription: tuple[_Piece, ...] = ()


def _sniff(source: Source) -> bool:
    document = source.document
    if not isinstance(document, dict):
        return False
    segments, pieces = document.get("segments"), document.get("transcription")
    api = isinstance(document.get("text"), str) and ("duration" in document or "language" in document)
    return api or any(
        isinstance(x, list) and x and isinstance(x[0], dict) and "text" in x[0] for x in (segments, pieces)
    )


def _read(source: Source) -> list[Line]:
    result = shaped(source, _Result, source.document, "Whisper")
    if result.segments:
        return [line for segment in result.segments for line in _segment(source, segment)]
    if result.transcription:
        return [Line(numbered(x.speaker), x.text, x.offsets.start, joins=True) for x in result.transcription]
    return [Line(None, result.text)]


def _segment(source: Source, segment: _Segment) -> list[Line]:
    """A segment in which the words name several speakers is cut between them. Raises ImportProblem where its words are
    not all of its text then: who said the others is open."""
    words = segment.words or []
    speakers = {word.speaker for word in words if word.speaker}
    complete = "".join("".join(word.word for word in words).split()) == "".join(segment.text.split())
    if len(speakers) > 1 and len(words) < len(segment.text.split()):
        what = (
            f"words of a segment have no speaker of their own, and several speak in it: {segment.text.strip()[:40]!r}"
        )
        raise source.problem(None, what, "export it again with word timestamps for all words")
    if len(speakers) > 1 or (complete and (len(speakers) > 1 or (speakers and not segment.speaker))):
        said = [Word(numbered(w.speaker or segment.speaker), w.word.strip(), w.start) for w in words if w.word.strip()]
        return word_lines([said])
    return [Line(numbered(segment.speaker), segment.text, segment.start, joins=True)]


FORMAT = Format("whisper", "Whisper, whisper.cpp, WhisperX", (".json",), _sniff, _read)
