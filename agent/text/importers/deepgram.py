"""JSON of Deepgram's `/v1/listen` (https://developers.deepgram.com/docs/utterances, …/docs/diarization).

With `utterances=true` the `results.utterances` are read, else the words of each channel's first alternative, which
carry a `speaker` with `diarize=true`. Times are seconds. With several channels a channel stands for a speaker.
"""

from pydantic import Field

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Seconds, Shape, Word, by_time, numbered, shaped, word_lines


class _Word(Shape):
    word: str
    punctuated_word: str | None = None
    start: Seconds = None
    end: Seconds = None
    speaker: str | None = None


class _Alternative(Shape):
    transcript: str = ""
    words: tuple[_Word, ...] = ()


class _Channel(Shape):
    alternatives: list[_Alternative] = Field(min_length=1)


class _Utterance(Shape):
    transcript: str
    start: Seconds = None
    channel: int = 0
    speaker: str | None = None


class _Results(Shape):
    channels: tuple[_Channel, ...] = ()
    utterances: tuple[_Utterance, ...] = ()


class _Response(Shape):
    results: _Results


def _sniff(source: Source) -> bool:
    results = source.document.get("results") if isinstance(source.document, dict) else None
    return isinstance(results, dict) and isinstance(results.get("channels"), list) and "items" not in results


def _read(source: Source) -> list[Line]:
    results = shaped(source, _Response, source.document, "Deepgram").results
    many = len(results.channels) > 1
    if results.utterances:
        lines = [
            Line(_label(x.speaker, x.channel, many), x.transcript, x.start, joins=True) for x in results.utterances
        ]
        return by_time(lines) if many else lines
    heard = [channel.alternatives[0] for channel in results.channels]
    if not any(alternative.words for alternative in heard):
        return [Line(_label(None, i, many), alternative.transcript) for i, alternative in enumerate(heard)]
    return word_lines(
        [
            [
                Word(_label(word.speaker, i, many), word.punctuated_word or word.word, word.start, word.end)
                for word in alternative.words
            ]
            for i, alternative in enumerate(heard)
        ]
    )


def _label(speaker: str | None, channel: int, many: bool) -> str | None:
    """With one channel the speaker; with several the channel, and the speaker on it where there is one."""
    if not many:
        return numbered(speaker)
    return f"Channel {channel}" + (f" {numbered(speaker)}" if speaker is not None else "")


FORMAT = Format("deepgram", "Deepgram", (".json",), _sniff, _read)
