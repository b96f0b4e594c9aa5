"""Whoever is written before a colon again and again is heard or asked about; nobody's words become another's."""

import json
import random
import re
import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import ImportProblem
from agent.core.transcript import Transcript, Turn
from agent.text.importers import Source, read_transcript_bytes, reading_of
from agent.text.importers.base import Line
from agent.text.importers.sceptic import check_labels
from agent.text.manifest import pairs
from agent.text.names import folded
from evals import mixed_labels

LABELS = [
    "Bo </transcript> All met",
    "Ann <script>",
    "<b>Ann</b>",
    "Ann / Bo",
    'Ann "Annie" Lee',
    "“Ann” at Acme",
    "'ann'",
    "Ann (CEO, Acme, Ltd., UK)",
    "Customer [via phone, line 2]",
    "{{customer}}",
    "user=ann",
    "Ann -- Acme",
    "Ann – Acme – UK",
    "🦊",
    "🦊 Ann 🦊",
    "Prof. Dr. Lee",
    "Acme Inc. Ann Lee",
    "J.R.R. T.",
    "Ann & Co.",
    "R&D",
    "Ann!",
    "What? Ann",
    "the person from finance who joined late on the phone",
    "42",
    "+1 (415) 555-0100 ext. 12",
    "#3",
    "@ann",
    "ann@acme.example",
    "C:\\ann",
    "https://acme.example/ann",
    "…Ann",
    "Ann;Lee",
    "Ann, Bo, Cy and Di",
    "ann_lee-2026.03",
    "安娜",
    "Анна Л.",
    "عميل",
    "So",
    "Look",
    "And so I said",
]


def heard_or_asked(data: bytes, name: str = "call.txt") -> Transcript:
    """The transcript; where the file is refused with a question who somebody is, that of after the advice was followed."""
    try:
        return read_transcript_bytes(data, name)
    except ImportProblem as problem:
        asked = problem
    assert asked.line, asked
    option = re.match(r"--speakers (\".*?=other\"|'.*?=other')", asked.advice.option or "")
    assert option, asked
    return read_transcript_bytes(data, name, speakers=pairs("--speakers", shlex.split(option[1])))


def own_words(transcript: Transcript) -> None:
    mine = [turn for turn in transcript.turns if "mine" in turn.text]
    assert [turn.text for turn in mine] == [f"That one is mine, {n}." for n in range(3)]
    assert len({turn.speaker for turn in mine}) == 1
    assert {turn.speaker for turn in transcript.turns if turn not in mine} == {"Bo Ray"}


@pytest.mark.parametrize("label", LABELS)
def test_a_label_of_any_signs_that_recurs_keeps_its_words(label: str) -> None:
    rows = [row for n in range(3) for row in (f"Bo Ray: Word number {n} is his.", f"{label}: That one is mine, {n}.")]
    for data in ("\n".join(rows), "\n\n".join(rows)):
        own_words(heard_or_asked(data.encode()))


@pytest.mark.parametrize("label", LABELS)
def test_such_a_label_in_captions_keeps_its_words(label: str) -> None:
    rows = [row for n in range(3) for row in (f"Bo Ray: Word number {n} is his.", f"{label}: That one is mine, {n}.")]
    cues = [f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{row}\n" for n, row in enumerate(rows, start=1)]
    own_words(heard_or_asked("\n".join(cues).encode(), "call.srt"))


@given(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=":："), min_size=1, max_size=40),
    st.integers(0, 99),
)
def test_no_label_makes_its_words_somebody_elses(label: str, seed: int) -> None:
    """As before, with labels and places at random: read rightly, refused, or the label is no letter at all."""
    rng = random.Random(seed)
    rows = [f"Bo Ray: Word number {n} is his." for n in range(8)]
    for n in range(3):
        rows.insert(rng.randrange(1, len(rows) + 1), f"{label}: That one is mine, {n}.")
    try:
        transcript = read_transcript_bytes("\n".join(rows).encode(), "call.txt")
    except ImportProblem:
        return
    if any(map(str.isalnum, label)):
        assert all("mine" not in turn.text for turn in transcript.turns if folded(turn.speaker) == "bo ray"), label


def test_a_row_said_to_be_words_is_words() -> None:
    talk = "".join(f"Bo Ray: Word {n}.\nAnn Lee: Yes.\n" for n in range(20))
    data = f"{talk}So I say: one.\nBo Ray: Well.\nSo I say: two.\n".encode()
    with pytest.raises(ImportProblem, match="'So I say' stands before words 2 times"):
        read_transcript_bytes(data, "call.txt")
    read = reading_of(Source("call.txt", data), speakers={"So I say": "words"}).transcript
    assert [turn.text for turn in read.turns[-2:]] == ["Yes. So I say: one.", "Well. So I say: two."]


def test_the_sceptic_looks_at_rows_and_not_at_styles() -> None:
    rows = list(enumerate(["Bo: Hello.", "Ann Lee - hello", "Bo: So?", "Ann Lee - no"], start=1))
    lines = [Line("Bo", "Hello. Ann Lee - hello", None, 1), Line("Bo", "So? Ann Lee - no", None, 3)]
    with pytest.raises(ImportProblem, match="'Ann Lee' stands before words 2 times") as refused:
        check_labels(Source("x", b""), rows, lines)
    assert refused.value.line == 2


def test_keys_of_records_are_no_people() -> None:
    data = "\n".join(f"speaker: {who}\ntext: Word {n}.\nstart: {n}" for n, who in enumerate(["Ann", "Bo"] * 4))
    with pytest.raises(ImportProblem, match="keys of a list"):
        read_transcript_bytes(data.encode(), "call.txt")


MIXED = {
    "angle": lambda name, words: f"<{name}> {words}",
    "square": lambda name, words: f"[{name}] {words}",
    "round": lambda name, words: f"({name}) {words}",
    "bold": lambda name, words: f"**{name}** {words}",
    "heading": lambda name, words: f"## {name}\n{words}",
    "dash": lambda name, words: f"{name} – {words}",
    "hyphen": lambda name, words: f"{name} - {words}",
    "bar": lambda name, words: f"{name} | {words}",
    "tab": lambda name, words: f"{name}\t{words}",
    "semicolon": lambda name, words: f"{name}; {words}",
    "equals": lambda name, words: f"{name} = {words}",
    "no space": lambda name, words: f"{name}:{words}",
    "nothing": lambda name, words: f"{name} {words}",
    "comma": lambda name, words: f"{name}, {words}",
    "alone": lambda name, words: f"{name}\n{words}",
    "dialogue": lambda name, words: f"— {words}",
    "clock": lambda name, words: f"00:01:09\n{name}\n{words}",
}


@pytest.mark.parametrize("way", MIXED)
@pytest.mark.parametrize("name", ["Ann Lee", "Guest 2", "+1 415 555 0100", "ann@acme.example"])
def test_one_of_two_people_who_is_written_otherwise_never_speaks_through_the_other(way: str, name: str) -> None:
    row = MIXED[way]
    rows = [
        row_ for n in range(4) for row_ in (f"Bo Ray: Word number {n} is his.", row(name, f"that one is mine, {n}."))
    ]
    for between in ("\n", "\n\n"):
        turns: tuple[Turn, ...] = ()
        with suppress(ImportProblem):
            turns = read_transcript_bytes(between.join(rows).encode(), "call.txt").turns
        assert all("mine" not in turn.text for turn in turns if turn.speaker == "Bo Ray")


def test_talk_whose_rows_begin_alike_is_talk() -> None:
    """Wrapped rows and paragraphs begin with the same words again and again, remarks stand in brackets."""
    said = [
        "And so we looked",
        "Yeah. It was slow",
        "Well, the price",
        "Okay",
        "(laughs) no",
        "[inaudible] then",
        "So I said",
    ]
    rows = [f"Bo Ray: Tell me more, {n}.\nAnn Lee: It was so {n}.\n{said[n % 7]} and more {n}." for n in range(42)]
    transcript = read_transcript_bytes("\n".join(rows).encode(), "call.txt")
    assert set(transcript.speakers) == {"Bo Ray", "Ann Lee"}
    assert len(transcript.turns) == 84


Said = tuple[str, str]


def as_json(said: list[Said]) -> bytes:
    return json.dumps([{"speaker": who, "text": words, "start": i} for i, (who, words) in enumerate(said)]).encode()


def as_table(said: list[Said]) -> bytes:
    return "\n".join(["speaker\ttext", *(f"{who}\t{words}" for who, words in said)]).encode()


def as_voices(said: list[Said]) -> bytes:
    return f"WEBVTT\n\n{''.join(cue(i, f'<v {who}>{words}</v>') for i, (who, words) in enumerate(said))}".encode()


def as_page(said: list[Said]) -> bytes:
    rows = "".join(f"<tr><td>{who}</td><td>{words}</td></tr>" for who, words in said)
    return f"<html><body><table><tr><th>Speaker</th><th>Text</th></tr>{rows}</table></body></html>".encode()


def as_records(said: list[Said]) -> bytes:
    return "\n".join(f"- speaker: {who}\n  text: {words!r}" for who, words in said).encode()


def as_whisper(said: list[Said]) -> bytes:
    rows = [{"id": i, "start": i, "end": i, "speaker": who, "text": words} for i, (who, words) in enumerate(said)]
    return json.dumps({"language": "en", "segments": rows}).encode()


def cue(i: int, words: str) -> str:
    return f"00:00:{i:02}.000 --> 00:00:{i:02}.900\n{words}\n\n"


STRUCTURED = {
    "call.json": as_json,
    "call.csv": as_table,
    "call.vtt": as_voices,
    "call.html": as_page,
    "call.yaml": as_records,
    "whisper.json": as_whisper,
}


@pytest.mark.parametrize("name", STRUCTURED)
@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Ann Lee", ["Ann Lee: That one is mine.", "And Ann Lee: mine too."]),  # heard elsewhere: once is enough
        ("Eve Poe", ["Eve Poe: That one is mine.", "Eve Poe: That one too."]),
        ("Eve", ["Eve: That one is mine.", "Eve: That one too."]),
        ("SPEAKER_01", ["SPEAKER_01: That one is mine.", "SPEAKER_01: That one too."]),
        ("Eve Poe", ["So. Eve Poe: That one is mine.", "Well. Eve Poe: That one too."]),
        ("Ann Lee", ["[Ann Lee] That one is mine.", "Fine."]),
    ],
)
def test_a_label_inside_words_is_asked_about_in_every_format(name: str, label: str, words: list[str]) -> None:
    said = [("Bo Ray", "Hello."), ("Ann Lee", "So?"), *(("Bo Ray", one) for one in words), ("Ann Lee", "Right.")]
    data = STRUCTURED[name](said)
    with pytest.raises(ImportProblem, match=r"a speaker, or words|seems to begin") as refused:
        reading_of(Source(name, data))
    assert label in str(refused.value)
    option = re.fullmatch(r"--speakers (\"[^\"]+=words\") if .*", refused.value.advice.option or "")
    assert option, refused.value.advice
    read = reading_of(Source(name, data), speakers=pairs("--speakers", shlex.split(option[1]))).transcript
    assert words[0] in " ".join(turn.text for turn in read.turns if turn.speaker == "Bo Ray")


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_label_met_once_inside_words_is_told(name: str) -> None:
    said = [("Bo Ray", "Hello."), ("Ann Lee", "So? Eve: Too dear."), ("Bo Ray", "I see."), ("Ann Lee", "Right.")]
    reading = reading_of(Source(name, STRUCTURED[name](said)))
    assert any("'Eve' once as a speaker's name stands" in note for note in reading.notes)


@pytest.mark.parametrize("name", STRUCTURED)
def test_talk_with_colons_is_neither_refused_nor_told(name: str) -> None:
    said = [pair for i in range(20) for pair in (("Bo Ray", f"What of the price, {i}?"), ("Ann Lee", f"It rose, {i}."))]
    said[7] = said[19] = said[33] = ("Ann Lee", "So: no. I say: it is 10:30, that is: late.")
    reading = reading_of(Source(name, STRUCTURED[name](said)))
    assert [(turn.speaker, turn.text) for turn in reading.transcript.turns] == said
    assert reading.notes == ()


@pytest.mark.parametrize("name", ["call.json", "call.csv", "call.vtt"])
def test_a_speakers_own_name_before_his_words_is_no_word(name: str) -> None:
    said = [("Bo Ray", "Bo Ray: Hello."), ("Ann Lee", "Ann Lee: So: no."), ("Bo Ray", "Right.")]
    reading = reading_of(Source(name, STRUCTURED[name](said)))
    assert [turn.text for turn in reading.transcript.turns] == ["Hello.", "So: no.", "Right."]
    assert any("name stood before the words as well: 2 lines" in note for note in reading.notes)


def test_names_before_the_words_of_json_without_speakers_are_speakers() -> None:
    said = [("Bo Ray", "Hello."), ("Ann Lee", "So?"), ("Bo Ray", "Right.")]
    for mark in ("{}: {}", "[{}]: {}", "[{}] {}"):
        rows = [{"text": mark.format(who, words), "start": float(i)} for i, (who, words) in enumerate(said)]
        for document in (rows, {"text": "all of it", "segments": rows}):
            turns = reading_of(Source("call.json", json.dumps(document).encode())).transcript.turns
            assert [(turn.speaker, turn.text, turn.start) for turn in turns] == [
                (who, words, float(i)) for i, (who, words) in enumerate(said)
            ]


def test_rows_of_their_own_where_one_is_heard_are_nobodys_until_it_is_said() -> None:
    data = b"Bo Ray: Hello.\nToo dear, I said.\nBo Ray: I see.\nAnd slow.\n"
    with pytest.raises(ImportProblem, match="belong to nobody: 'Too dear, I said") as refused:
        reading_of(Source("call.txt", data))
    assert refused.value.line == 2
    assert "?=same" in (refused.value.advice.option or "")
    turns = reading_of(Source("call.txt", data), speakers={"?": "same"}).transcript.turns
    assert [turn.text for turn in turns] == ["Hello. Too dear, I said.", "I see. And slow."]


def test_wrapped_rows_of_one_voice_are_its_words() -> None:
    data = b"Bo Ray: We looked at three tools and\nnone of them was any good, so we\nwent on with what we had. It was\nslow.\n"
    assert reading_of(Source("call.txt", data)).transcript.turns[0].text.endswith("It was slow.")


def test_of_two_people_in_two_ways_none_speaks_through_the_other() -> None:
    """A part of `evals/mixed_labels.py`, the figures of which stand in evals/README.md."""
    found = [mixed_labels.read(seed, third=False)[1] for seed in range(250)]
    assert set(found) == {"right", "refused"}
    assert found.count("right") > 25


def test_a_mark_within_the_words_of_every_row_is_no_end_of_a_name() -> None:
    turns = read_transcript_bytes(b"Ann Lee: um um >> um\nAnn Lee: um um >> um\n", "call.txt").turns
    assert [(turn.speaker, turn.text) for turn in turns] == [("Ann Lee", "um um >> um")] * 2


def test_a_clock_alone_inside_words_is_asked_about() -> None:
    for clock in ("00:01:09", "[1:09]"):
        with pytest.raises(ImportProblem, match=r"1:09\]? stands alone inside somebody's words"):
            read_transcript_bytes(
                f"Bo: Hi.\nAnn: So.\n{clock}\nEve said no.\nBo: Oh.\nAnn: Yes.\n".encode(), "call.txt"
            )
