"""JSON of Amazon Transcribe (https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html).

A batch job's `results.items` are words and marks; who spoke stands on the item, in `speaker_labels.segments` by start
time, or in `channel_labels`. Call Analytics has whole turns in `Transcript`. Times are seconds as strings; Call
Analytics has milliseconds.
"""

from collections.abc import Mapping, Sequence

from pydantic import Field

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.shapes import Millis, Seconds, Shape, Word, by_time, shaped, word_lines


class _Alternative(Shape):
    content: str


class _Item(Shape):
    type: str = "pronunciation"
    start_time: Seconds = None
    end_time: Seconds = None
    speaker_label: str | None = None
    channel_label: str | None = None
    alternatives: tuple[_Alternative, ...] = ()


class _Segment(Shape):
    speaker_label: str
    items: tuple[_Item, ...] = ()


class _SpeakerLabels(Shape):
    segments: tuple[_Segment, ...] = ()


class _Channel(Shape):
    channel_label: str
    items: tuple[_Item, ...] = ()


class _ChannelLabels(Shape):
    channels: tuple[_Channel, ...] = ()


class _Results(Shape):
    items: tuple[_Item, ...] = ()
    speaker_labels: _SpeakerLabels = _SpeakerLabels()
    channel_labels: _ChannelLabels = _ChannelLabels()


class _Batch(Shape):
    results: _Results


class _Said(Shape):
    Content: str
    ParticipantRole: str | None = None
    BeginOffsetMillis: Millis = None


class _Analytics(Shape):
    Transcript: list[_Said] = Field(min_length=1)


def _sniff(source: Source) -> bool:
    document = source.document
    if not isinstance(document, dict):
        return False
    results, said = document.get("results"), document.get("Transcript")
    batch = isinstance(results, dict) and isinstance(results.get("items"), list)
    return batch or (isinstance(said, list) and bool(said) and isinstance(said[0], dict) and "Content" in said[0])


def _read(source: Source) -> list[Line]:
    if isinstance(source.document, dict) and "Transcript" in source.document:
        said = shaped(source, _Analytics, source.document, "Amazon Transcribe Call Analytics").Transcript
        return by_time([Line(x.ParticipantRole, x.Content, x.BeginOffsetMillis, joins=True) for x in said])
    results = shaped(source, _Batch, source.document, "Amazon Transcribe").results
    channels = results.channel_labels.channels
    items = [item for channel in channels for item in channel.items] or list(results.items)
    silent = next((i for i, item in enumerate(items) if not item.alternatives), None)
    if silent is not None:
        what = f"not Amazon Transcribe's JSON: item {silent + 1} has no alternatives, so its word is lost"
        raise source.problem(None, what, "export it again")
    if channels:
        return word_lines([_words(channel.items, {}, channel.channel_label) for channel in channels])
    labels = {
        item.start_time: item.speaker_label or segment.speaker_label
        for segment in results.speaker_labels.segments
        for item in segment.items
        if item.start_time is not None
    }
    return word_lines([_words(results.items, labels, None)])


def _words(items: Sequence[_Item], by_start: Mapping[float, str], channel: str | None) -> list[Word]:
    """The words of one list of items. A punctuation mark has no time and, in older files, no label, so it joins the
    word before it."""
    words: list[Word] = []
    for item in items:
        label = channel or item.speaker_label or by_start.get(-1.0 if item.start_time is None else item.start_time)
        if label is None and item.type == "punctuation" and words:
            label = words[-1].speaker
        text = item.alternatives[0].content if item.alternatives else ""
        words.append(Word(label, text, item.start_time, item.end_time, glued=item.type == "punctuation"))
    return words


FORMAT = Format("aws-transcribe", "Amazon Transcribe, batch and Call Analytics", (".json",), _sniff, _read)
