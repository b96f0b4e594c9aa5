"""One conversation in ways that tools and people write it, each of which was once read wrongly: turns, speakers, seconds."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Source, reading_of

WORDS = (
    "What made you look around?",
    "The old tool was slow.",
    "How slow?",
    "Two minutes a report, and the price went up.",
    "Who decided?",
    "Our finance lead, in March.",
)
EXACT = (1.0, 4.5, 9.0, 12.0, 18.0, 20.25)
WHOLE = (1.0, 4.0, 9.0, 12.0, 18.0, 20.0)
OF_DAY = tuple(36_000 + time for time in WHOLE)
BO, ANN = "Bo Ray", "Ann Lee"
Row = Callable[[str, float, str], str]
Times = tuple[float, ...] | None


def short(seconds: float) -> str:
    return f"0:{int(seconds):02}"


def long(seconds: float, mark: str = ".") -> str:
    return f"00:00:{seconds:06.3f}".replace(".", mark)


def rows(row: Row) -> list[str]:
    return [row((BO, ANN)[i % 2], EXACT[i], words) for i, words in enumerate(WORDS)]


def listed(one: Callable[[str, float, str], Any]) -> list[Any]:
    return [one((BO, ANN)[i % 2], EXACT[i], words) for i, words in enumerate(WORDS)]


def check(name: str, data: bytes, times: Times) -> None:
    transcript = reading_of(Source(name, data), people=[BO]).transcript
    together: list[tuple[str, float | None, str]] = []
    for turn in transcript.turns:
        if together and together[-1][0] == turn.speaker:
            who, start, text = together.pop()
            together.append((who, start, f"{text} {turn.text}"))
        else:
            together.append((turn.speaker, turn.start, turn.text))
    expected = [((BO, ANN)[i % 2], times[i] if times else None, words) for i, words in enumerate(WORDS)]
    assert together == expected


LINES: dict[str, tuple[Row, Times]] = {
    "star_bullets.txt": (lambda n, s, w: f"* {n}: {w}", None),
    "italic.md": (lambda n, s, w: f"_{n}_: {w}\n", None),
    "heading_names.md": (lambda n, s, w: f"### {n}\n{w}\n", None),
    "bold_and_italic_time.md": (lambda n, s, w: f"**{n}** _{short(s)}_\n{w}\n", WHOLE),
    "quoted.md": (lambda n, s, w: f"> **{n}**: {w}\n", None),
    "time_pipe.txt": (lambda n, s, w: f"{short(s)} | {n} | {w}", WHOLE),
    "name_tab_time.txt": (lambda n, s, w: f"{n}\t{short(s)}\t{w}", WHOLE),
    "at_sign.txt": (lambda n, s, w: f"{n} @ {short(s)}\n{w}\n", WHOLE),
    "at.txt": (lambda n, s, w: f"{n} at {short(s)}\n{w}\n", WHOLE),
    "angles.txt": (lambda n, s, w: f"<{short(s)}> {n}: {w}", WHOLE),
    "seconds.txt": (lambda n, s, w: f"[{s:.2f}s] {n}: {w}", EXACT),
    "seconds_from_to.txt": (lambda n, s, w: f"[{s:.2f}s -> {s + 1:.2f}s] {n}: {w}", EXACT),
    "units.txt": (lambda n, s, w: f"[0h 0m {int(s)}s] {n}: {w}", WHOLE),
    "units_behind.txt": (lambda n, s, w: f"{n} (0m {int(s)}s)\n{w}\n", WHOLE),
    "of_day.txt": (lambda n, s, w: f"[10:00:{int(s):02} AM] {n}: {w}", OF_DAY),
    "dated.txt": (lambda n, s, w: f"[01/03/2026, 10:00:{int(s):02}] {n}: {w}", OF_DAY),
    "chat.txt": (lambda n, s, w: f"10:00:{int(s):02}\t From {n} to Everyone: {w}", OF_DAY),
    "comma.txt": (lambda n, s, w: f"{long(s)[:8]}, {n}: {w}", WHOLE),
    "arrow.txt": (lambda n, s, w: f"[{long(s)[:8]} → {long(s + 1)[:8]}] {n}: {w}", WHOLE),
    "both_in_brackets.txt": (lambda n, s, w: f"[{long(s)[:8]}] [{n}] {w}", WHOLE),
    "name_in_brackets_first.txt": (lambda n, s, w: f"[{n}] [{long(s)[:8]}] {w}", WHOLE),
    "coordinates.srt": (lambda n, s, w: f"1\n{long(s, ',')} --> {long(s + 1, ',')} X1:40 X2:60\n{n}: {w}\n", EXACT),
    "stream.txt": (lambda n, s, w: f"{long(s)} --> {long(s + 1)}\n{n}\n{w}\n", EXACT),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_in_any_style(name: str) -> None:
    row, times = LINES[name]
    check(name, "\n".join(rows(row)).encode(), times)


HEADS_AND_FEET = {
    "keys.txt": ("Interview: Acme\nInterviewer: Bo Ray\nInterviewee: Ann Lee\nDate: 3 March 2026\n\n", ""),
    "keys_close.txt": ("Interviewer: Bo Ray\nInterviewee: Ann Lee\n", ""),
    "title.txt": ("Win-loss interview: Acme\n3 March 2026\n\n", ""),
    "page.txt": ("", "\nPage 2 of 3\n"),
    "end.txt": ("", "\n*** END ***\n"),
}


@pytest.mark.parametrize("name", HEADS_AND_FEET)
def test_heads_and_feet_are_nobodys_words(name: str) -> None:
    head, foot = HEADS_AND_FEET[name]
    check(name, (head + "\n".join(rows(lambda n, s, w: f"{n}: {w}\n")) + foot).encode(), None)


@pytest.mark.parametrize(
    "remark", ["[Recording paused]", "Page 2 of 3", "SCREEN: Bo shared - WATCH: https://x.example/1"]
)
def test_what_a_tool_writes_between_turns_is_left_out(remark: str) -> None:
    turns = rows(lambda n, s, w: f"{n}: {w}\n")
    check("call.txt", "\n".join([*turns[:3], f"{remark}\n", *turns[3:]]).encode(), None)


def test_two_people_in_one_caption_with_dashes() -> None:
    cues = ["\n".join(f"- {row}" for row in rows(lambda n, s, w: f"{n}: {w}")[i : i + 2]) for i in (0, 2, 4)]
    times = [f"{i}\n{long(EXACT[2 * i], ',')} --> {long(EXACT[2 * i] + 3, ',')}\n{cue}\n" for i, cue in enumerate(cues)]
    check("call.srt", "\n".join(times).encode(), (1.0, 1.0, 9.0, 9.0, 18.0, 18.0))


@pytest.mark.parametrize("time", ["00:00:{:02}:000 --> 00:00:29:000", "0:{:02} --> 0:29 x"])
def test_a_time_line_of_a_form_that_is_not_known_is_never_spoken(time: str) -> None:
    cues = [f"{i}\n{time.format(int(EXACT[i]))}\n{row}\n" for i, row in enumerate(rows(lambda n, s, w: f"{n}: {w}"))]
    with pytest.raises(ImportProblem, match="time line"):
        reading_of(Source("call.srt", "\n".join(cues).encode()))


HEADERS: dict[str, tuple[str, str, str]] = {
    "capitals": ("SPEAKER NAME", "START TIME", "TRANSCRIPT TEXT"),
    "joined": ("speakerName", "startTime", "sentenceText"),
    "user": ("User", "Timestamp", "Message"),
    "said": ("Who", "Time", "What was said"),
    "spanish": ("Hablante", "Inicio", "Texto"),
    "dutch": ("Spreker", "Tijd", "Tekst"),
    "portuguese": ("Falante", "Hora", "Texto"),
    "none": ("", "", ""),
}


@pytest.mark.parametrize("name", HEADERS)
def test_tables_with_any_header(name: str) -> None:
    table = [f'{n},{long(s)[:8]},"{w}"' for n, s, w in listed(lambda n, s, w: (n, s, w))]
    header = [",".join(HEADERS[name])] if name != "none" else []
    check("call.csv", "\n".join([*header, *table]).encode(), WHOLE)


def test_a_first_row_of_unknown_column_names_is_no_turn() -> None:
    table = ["Wer,Wann,Was", *rows(lambda n, s, w: f'{n},{long(s)[:8]},"{w}"')]
    with pytest.raises(ImportProblem, match="this one has Wer, Wann, Was"):
        reading_of(Source("call.csv", "\n".join(table).encode()))


def test_a_table_in_markdown() -> None:
    table = ["| Speaker | Text |", "|---|---|", *rows(lambda n, s, w: f"| {n} | {w} |")]
    check("call.md", "\n".join(table).encode(), None)


def test_times_that_a_workbook_shows_as_parts_of_a_day() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [["Speaker", "Time", "Text"], *listed(lambda n, s, w: [n, s / 86_400, w])]:
        book.active.append(row)
    book.save(out)
    check("call.xlsx", out.getvalue(), EXACT)


JSON: dict[str, Any] = {
    "sentences in monologues": {
        "monologues": listed(
            lambda n, s, w: {"speakerName": n, "sentences": [{"start": s, "text": w[:5]}, {"start": s, "text": w[5:]}]}
        )
    },
    "names by id": {
        "speakers": {"s1": {"name": BO}, "s2": {"name": ANN}},
        "segments": listed(lambda n, s, w: {"speaker": "s1" if n == BO else "s2", "start": s, "text": w}),
    },
    "plain names by id": {
        "speakers": {"0": BO, "1": ANN},
        "turns": listed(lambda n, s, w: {"speaker": int(n == ANN), "start": s, "text": w}),
    },
    "a key with a slash": {"a/b": {"talk": listed(lambda n, s, w: {"speaker": n, "start": s, "text": w})}},
    "captions as one text": {
        "vtt": "WEBVTT\n\n" + "\n".join(rows(lambda n, s, w: f"{long(s)} --> {long(s + 1)}\n{n}: {w}\n"))
    },
    "one text": {"id": "1", "transcript": "\n".join(rows(lambda n, s, w: f"{n} ({short(s)}.0): {w}"))},
}


@pytest.mark.parametrize("name", JSON)
def test_json_of_many_shapes(name: str) -> None:
    times = WHOLE if name == "one text" else EXACT
    document = JSON[name]
    if name == "sentences in monologues":
        for turn, words in zip(document["monologues"], WORDS, strict=True):
            first, rest = words.split(" ", 1)
            turn["sentences"][0]["text"], turn["sentences"][1]["text"] = first, rest
    check("call.json", json.dumps(document).encode(), times)


def test_json_lines() -> None:
    lines = rows(lambda n, s, w: json.dumps({"speaker": n, "start": s, "text": w}))
    check("call.jsonl", "\n".join(lines).encode(), EXACT)
    with pytest.raises(ImportProblem, match="no line of JSON Lines") as refused:
        reading_of(Source("call.jsonl", "\n".join([*lines[:2], lines[2][:30]]).encode()))
    assert refused.value.line == 3


def test_a_pages_navigation_and_foot_are_left_out() -> None:
    talk = "".join(rows(lambda n, s, w: f"<p>{n}: {w}</p>"))
    page = f"<html><body><nav><a href=/>Home</a></nav>{talk}<footer>Made by a tool</footer></body></html>"
    check("call.html", page.encode(), None)


def test_a_table_of_facts_above_the_turns_of_a_word_document() -> None:
    document, out = docx.Document(), io.BytesIO()
    facts = document.add_table(rows=2, cols=2)
    for row, (key, value) in zip(facts.rows, (("Client", "Acme"), ("Interviewer", BO)), strict=True):
        row.cells[0].text, row.cells[1].text = key, value
    for row in rows(lambda n, s, w: f"{n}: {w}"):
        document.add_paragraph(row)
    document.save(out)
    check("call.docx", out.getvalue(), None)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("call.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, r"older Word or Excel.*save it as \.docx"),
        ("call.txt", "\n".join(rows(lambda n, s, w: f"{n}: {long(s)} {w}")).encode(), "words open with a clock time"),
    ],
)
def test_what_is_not_read_says_what_to_do(name: str, data: bytes, what: str) -> None:
    with pytest.raises(ImportProblem, match=what):
        reading_of(Source(name, data))
