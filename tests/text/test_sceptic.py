"""Whoever is written before a colon again and again is heard or asked about; nobody's words become another's."""

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
