"""JSON of Whisper and what is built on it: the openai-whisper command and API (`verbose_json`), whisper.cpp, WhisperX
and the API's `diarized_json`. Times are seconds (whisper.cpp: milliseconds in `offsets`).

Whisper itself names nobody: its words belong to nobody until `--speakers "?=NAME"` says otherwise. With WhisperX and
diarized replies segments have a `speaker`, or their words have.
"""

from collections.abc import Sequence

from pydantic import Field

from agent.text.importers.base import Format, Line, Source, left_out
from agent.text.importers.json_lists import names_beside
from agent.text.importers.shapes import Millis, Seconds, Shape, Word, numbered, shaped, word_lines


class _Word(Shape):
    word: str
    start: Seconds = None
    speaker: str | None = None


class _Segment(Shape):
    text: str
    start: Seconds = None
    speaker: str | None = None
    words: list[_Word] | None = None


class _Offsets(Shape):
    start: Millis = Field(default=None, validation_alias="from")


class _Piece(Shape):
    text: str
    offsets: _Offsets = _Offsets()
    speaker: str | None = None


class _Result(Shape):
    text: str = ""
    segments: tuple[_Segment, ...] = ()
    transcription: tuple[_Piece, ...] = ()


def _sniff(source: Source) -> bool:
    document = source.document
    if not isinstance(document, dict) or names_beside(document):
        return False
    segments, pieces = document.get("segments"), document.get("transcription")
    api = isinstance(document.get("text"), str) and ("duration" in document or "language" in document)
    return api or any(
        isinstance(x, list)
        and x
        and isinstance(x[0], dict)
        and "text" in x[0]
        and not isinstance(x[0].get("speaker"), dict)
        for x in (segments, pieces)
    )


def _read(source: Source) -> list[Line]:
    result = shaped(source, _Result, source.document, "Whisper")
    if result.segments:
        _check_pieces(source)
        return [line for segment in result.segments for line in _segment(source, segment)]
    if result.transcription:
        return [Line(numbered(x.speaker), x.text, x.offsets.start, joins=True) for x in result.transcription]
    return [Line(None, result.text)]


def _check_pieces(source: Source) -> None:
    """Raises ImportProblem if a segment has pieces with speakers under a key that is not read."""
    for i, segment in enumerate(source.document["segments"], start=1):
        for key, value in segment.items():
            if (
                key != "words"
                and isinstance(value, list)
                and any(isinstance(x, dict) and "speaker" in x for x in value)
            ):
                what = f"segment {i} says who speaks under {key!r}, which is not known"
                raise source.problem(None, what, "export it again; its words belong under 'words'")


def _segment(source: Source, segment: _Segment) -> list[Line]:
    """The lines of a segment, cut where its words name another speaker. Raises ImportProblem if its words are not
    all of its text: nobody can tell who said the rest."""
    words = segment.words or []
    speakers = {word.speaker for word in words if word.speaker}
    complete = "".join("".join(word.word for word in words).split()) == "".join(segment.text.split())
    if len(speakers) > 1 and len(words) < len(segment.text.split()):
        what = (
            f"words of a segment have no speaker of their own, and several speak in it: {segment.text.strip()[:40]!r}"
        )
        raise source.problem(None, what, "export it again with word timestamps for all words")
    if len(speakers) > 1 or (complete and (len(speakers) > 1 or (speakers and not segment.speaker))):
        spoken = [word for word in words if word.word.strip()]
        people = _filled([word.speaker for word in spoken]) if len(speakers) > 1 else [w.speaker for w in spoken]
        pairs = zip(people, spoken, strict=True)
        only = segment.speaker if len(speakers) < 2 else None
        return word_lines([[Word(numbered(who or only), word.word.strip(), word.start) for who, word in pairs]])
    text = " ".join(segment.text.split())
    others = [word.word.strip() for word in words if word.word.strip() not in text]
    aside = [left_out(" ".join(others), None, "words of a segment that its text does not have")] if others else []
    return [Line(numbered(segment.speaker), segment.text, segment.start, joins=True), *aside]


def _carried(people: Sequence[str | None]) -> list[str | None]:
    carried: list[str | None] = []
    for one in people:
        carried.append(one or (carried[-1] if carried else None))
    return carried


def _filled(people: Sequence[str | None]) -> list[str | None]:
    """The speaker of each word. A word without one belongs to the speaker of the words on both its sides; if these
    differ, to nobody."""
    before = _carried(people)
    after = _carried(people[::-1])[::-1]
    return [own or (one if one == two else None) for own, one, two in zip(people, before, after, strict=True)]


FORMAT = Format("whisper", "Whisper, whisper.cpp, WhisperX", (".json",), _sniff, _read)
