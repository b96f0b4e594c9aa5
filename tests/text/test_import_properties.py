"""Importing raises nothing but the error tree, and never loses a spoken word."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import CloseReadError, ImportProblem
from agent.core.transcript import Transcript, Turn
from agent.text.importers import FORMATS, Source, plain, read_transcript_bytes, transcript_in
from agent.text.importers.times import clock
from agent.text.own_json import written
from tests.text.formats import EXPECTED, content

FORMAT_NAMES = [None, *(form.name for form in FORMATS)]

PIECES = ["<v Ann>", "WEBVTT", "-->", "00:01.000", "[00:00:01]", "(0:02)", "Ann:", "Bob  0:10", "\n\n", "\n", "{", "}"]
PIECES += [
    '"turns"',
    '"segments"',
    '[{"text":',
    "NOTE",
    "1",
    ",",
    ";",
    "\t",
    '"',
    "\ufeff",
    "\x00",
    "Transcript",
    "**",
    "&#x",
    "\r",
]

WORD = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
SPOKEN = st.sampled_from(
    ["um", "uh-huh,", "10:30", "Budget:", "Look:", "15,000", "<3", "a&amp;b", "—", "(laughs)", "#1", ">>"]
)
TEXT = st.lists(st.one_of(SPOKEN, WORD), min_size=1, max_size=12).map(" ".join)
NAME = st.sampled_from(["Ann Lee", "Bob", "Ana de Souza", "Speaker 3", "王小明"])
START = st.integers(0, 360_000_000).map(lambda ms: ms / 1000)


@st.composite
def transcripts(draw: st.DrawFn, *, timed: bool | None = None) -> Transcript:
    said = draw(st.lists(st.tuples(NAME, TEXT), min_size=1, max_size=8))
    some = sorted(draw(st.lists(START, min_size=len(said), max_size=len(said))))
    has = [timed if timed is not None else draw(st.booleans()) for _ in said]
    return Transcript(
        turns=tuple(
            Turn(index=i, speaker=name, text=text, start=some[i] if has[i] else None)
            for i, (name, text) in enumerate(said)
        )
    )


@given(st.binary(max_size=300), st.sampled_from(FORMAT_NAMES), st.sampled_from([".txt", ".json", ".vtt", ".csv", ""]))
def test_any_bytes_raise_only_the_error_tree(data: bytes, form: str | None, suffix: str) -> None:
    with suppress(CloseReadError):
        read_transcript_bytes(data, f"call{suffix}", format=form)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=30), st.sampled_from(FORMAT_NAMES))
def test_any_text_raises_only_the_error_tree(pieces: list[str], form: str | None) -> None:
    text = "".join(pieces).encode(errors="surrogatepass")
    with suppress(CloseReadError):
        read_transcript_bytes(text, "call", format=form)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1:02", "9" * 400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def places(document: object) -> list[tuple[object, object]]:
    """Every container of a JSON document with one of its keys."""
    if not isinstance(document, dict | list):
        return []
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    return [(document, key) for key in keys] + [place for key in keys for place in places(document[key])]


@given(st.sampled_from([name for name in EXPECTED if name.endswith("json")]), st.data())
def test_json_with_a_part_replaced_raises_only_the_error_tree(name: str, data: st.DataObject) -> None:
    document = json.loads(content(name))
    container, key = data.draw(st.sampled_from(places(document)))
    container[key] = data.draw(JSON)  # type: ignore[index]
    with suppress(CloseReadError):
        read_transcript_bytes(json.dumps(document).encode(), name, format=EXPECTED[name][0])


@given(st.sampled_from(sorted(EXPECTED)), st.integers(0, 10_000), st.integers(0, 40), st.binary(max_size=6))
def test_a_file_with_bytes_replaced_raises_only_the_error_tree(name: str, at: int, cut: int, put: bytes) -> None:
    data = content(name)
    at %= len(data)
    with suppress(CloseReadError):
        read_transcript_bytes(data[:at] + put + data[at + cut :], name)


@given(transcript=transcripts())
def test_what_is_written_reads_back_to_the_same(transcript: Transcript) -> None:
    source = Source("call", written(transcript).encode(), decided=True)
    assert transcript_in(source) == transcript


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def joined(transcript: Transcript) -> list[tuple[str, str]]:
    """What is said, neighbouring turns of one speaker put together, as captions do."""
    together: list[tuple[str, str]] = []
    for name, text in said(transcript):
        if together and together[-1][0] == name:
            together[-1] = (name, f"{together[-1][1]} {text}")
        else:
            together.append((name, text))
    return together


@contextmanager
def asked_where_a_label_recurs() -> Iterator[None]:
    """Words that begin with `Budget:` again and again are asked about, which is no fault of the reader."""
    try:
        yield
    except ImportProblem as problem:
        if "a speaker, or words?" not in problem.what and "seems to begin there" not in problem.what:
            raise


LINE_STYLES = {
    "bracketed": lambda turn: f"[{clock(turn.start)[:-4]}] {turn.speaker}: {turn.text}",
    "after": lambda turn: f"{turn.speaker} ({clock(turn.start)[:-4]}): {turn.text}",
    "label": lambda turn: f"{turn.speaker}: {turn.text}",
    "clock": lambda turn: f"{clock(turn.start)} - {turn.speaker}: {turn.text}",
    "tabbed": lambda turn: f"{clock(turn.start)}\t{turn.speaker}\t{turn.text}",
}


@pytest.mark.parametrize("style", LINE_STYLES)
@given(transcript=transcripts(timed=True))
def test_lines_of_text_keep_every_word_and_speaker(style: str, transcript: Transcript) -> None:
    text = "\n".join(LINE_STYLES[style](turn) for turn in transcript.turns)
    with asked_where_a_label_recurs():
        assert said(read_transcript_bytes(text.encode(), "call.txt")) == said(transcript)


HEADINGS = {
    "Otter": "{name}  {time}\n{text}\n",
    "Rev": "{name} ({time}):\n{text}\n",
    "Fathom": "@{time} - {name}\n{text}\n",
    "Zoom": "[{name}] {time}\n{text}\n",
}


@pytest.mark.parametrize("style", HEADINGS)
@given(transcript=transcripts(timed=True), width=st.integers(1, 40))
def test_words_under_headings_are_kept_wherever_their_lines_are_broken(
    style: str, transcript: Transcript, width: int
) -> None:
    """A word may be taken for the opening of a turn (`Bob:` and `Bob 10:30` are), and a row of marks for a rule, but no
    word is lost: what is not said is left out by name."""
    blocks = [
        HEADINGS[style].format(name=t.speaker, time=clock(t.start or 0)[:-4], text=wrapped(t.text, width))
        for t in transcript.turns
    ]
    with suppress(ImportProblem):
        lines = plain.FORMAT.read(Source("call.txt", "\n".join(blocks).encode()))
        times = " ".join(clock(line.start)[3:8] for line in lines if line.start is not None)
        kept = bare(" ".join([times, *(f"{line.speaker} {line.text}" for line in lines)])).split()
        for word in bare(" ".join(turn.text for turn in transcript.turns)).split():
            assert word in "".join(kept) or not any(map(str.isalnum, word))


def bare(text: str) -> str:
    """Without the marks of times, of emphasis and of lists, which belong to no word."""
    return text.translate({ord(mark): None for mark in ":_*#>-–—•·"})


def wrapped(text: str, width: int) -> str:
    rows = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + len(word) > width:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    return "\n".join(rows)


@given(transcripts(timed=True))
def test_captions_keep_every_word_and_speaker(transcript: Transcript) -> None:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def times(turn: Turn, mark: str) -> str:
        return f"{clock(turn.start or 0)} --> {clock((turn.start or 0) + 1)}".replace(".", mark)

    labelled = "\n\n".join(f"{times(t, ',')}\n{t.speaker}: {escaped(t.text)}" for t in transcript.turns)
    voiced = "\n\n".join(f"{times(t, '.')}\n<v {t.speaker}>{escaped(t.text)}</v>" for t in transcript.turns)
    for text in (f"{labelled}\n", f"WEBVTT\n\n{labelled}\n", f"WEBVTT\n\n{voiced}\n"):
        with asked_where_a_label_recurs():
            assert said(read_transcript_bytes(text.encode(), "call")) == joined(transcript)


@given(transcripts(timed=True))
def test_tables_keep_every_word_and_speaker(transcript: Transcript) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["speaker", "start", "text"])
    writer.writerows([turn.speaker, turn.start, turn.text] for turn in transcript.turns)
    with asked_where_a_label_recurs():
        assert read_transcript_bytes(out.getvalue().encode(), "call.csv", format="csv") == transcript


def gong(transcript: Transcript) -> object:
    turns = [
        {"speakerId": t.speaker, "sentences": [{"start": round((t.start or 0) * 1000), "end": 0, "text": t.text}]}
        for t in transcript.turns
    ]
    return {"callTranscripts": [{"callId": "1", "transcript": turns}]}


def aws(transcript: Transcript) -> object:
    items = [
        {
            "type": "pronunciation",
            "start_time": f"{t.start}",
            "end_time": "0",
            "speaker_label": t.speaker,
            "alternatives": [{"content": w}],
        }
        for t in transcript.turns
        for w in t.text.split()
    ]
    return {"results": {"items": items}}


def deepgram(transcript: Transcript) -> object:
    words = [{"word": w, "start": t.start, "speaker": t.speaker} for t in transcript.turns for w in t.text.split()]
    return {"results": {"channels": [{"alternatives": [{"transcript": "", "words": words}]}]}}


def whisperx(transcript: Transcript) -> object:
    return {"segments": [{"start": t.start, "text": f" {t.text}", "speaker": t.speaker} for t in transcript.turns]}


def rev(transcript: Transcript) -> object:
    def elements(turn: Turn) -> list[dict[str, object]]:
        space = {"type": "punct", "value": " "}
        return [part for w in turn.text.split() for part in ({"type": "text", "value": w, "ts": turn.start}, space)]

    return {"monologues": [{"speaker": turn.speaker, "elements": elements(turn)} for turn in transcript.turns]}


@pytest.mark.parametrize("service", [gong, aws, deepgram, whisperx, rev])
@given(transcript=transcripts(timed=True))
def test_json_keeps_every_word_and_speaker(service, transcript: Transcript) -> None:  # type: ignore[no-untyped-def]
    data = json.dumps(service(transcript)).encode()
    with asked_where_a_label_recurs():
        assert said(read_transcript_bytes(data, "call.json")) == joined(transcript)


@given(transcripts(timed=True), st.lists(st.sampled_from(["", "/", "a/b", "0", "*"]) | st.text(max_size=4), max_size=4))
def test_a_list_is_found_under_whatever_keys_it_lies(transcript: Transcript, keys: list[str]) -> None:
    document: object = [{"speaker": t.speaker, "text": t.text, "start_seconds": t.start} for t in transcript.turns]
    for key in keys:
        document = {key: document}
    document = {"notes": [{"text": ""}], "call": document}
    with asked_where_a_label_recurs():
        assert said(read_transcript_bytes(json.dumps(document).encode(), "call.json", format="json")) == joined(
            transcript
        )


def test_an_entry_without_words_where_the_others_have_them_is_told_with_its_place() -> None:
    rows = [{"speaker": "Ann", "text": "What does it cost?"}, {"speaker": "Bob", "uttered": "It costs ten a month."}]
    with pytest.raises(ImportProblem, match="entry 2 of the list /a/b/ has words where the others have none"):
        read_transcript_bytes(json.dumps({"a/b": {"": rows}}).encode(), "call.json")
