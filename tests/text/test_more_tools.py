"""One talk as other tools and people write it down: times with frames, stamps, numbers before rows, other keys of JSON.
Each is a file whose right reading was decided before it was tried."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from agent.core.errors import ImportProblem
from agent.text.dates import column_order, read_day
from agent.text.importers import Source, reading_of

SAID = [
    ("Bo Ray", "What made you look around?"),
    ("Ann Lee", "The old tool was slow, and dear."),
    ("Bo Ray", "I see. Who decided?"),
    ("Ann Lee", "My boss did."),
]
Row = Callable[[int, str, str], str]
TEXTS: dict[str, Row] = {
    "numbers_tab.txt": lambda i, n, w: f"{i + 1}\t{n}: {w}",
    "numbers.txt": lambda i, n, w: f"{i + 7:03} {n}: {w}",
    "semicolons.txt": lambda i, n, w: f"00:00:{5 * i:02};{n};{w}",
    "bars.txt": lambda i, n, w: f"| 00:00:{5 * i:02} | {n} | {w} |",
    "frames.txt": lambda i, n, w: f"00:00:{5 * i:02}:12 {n}: {w}",
    "frames_tab.txt": lambda i, n, w: f"00:00:{5 * i:02}:12\t{n}\t{w}",
    "premiere.txt": lambda i, n, w: f"00:00:{5 * i:02}:00 - 00:00:{5 * i + 3:02}:00\n{n}\n{w}\n",
    "italic_time.md": lambda i, n, w: f"**{n}** _(00:{5 * i:02})_\n{w}\n",
    "maxqda.txt": lambda i, n, w: f"#00:00:{5 * i:02}-0# {n}: {w}",
    "elan.txt": lambda i, n, w: f"{n}\t\t00:00:{5 * i:02}.000\t{5 * i}.0\t00:00:{5 * i + 3:02}.000\t{5 * i + 3}.0\t{w}",
    "audacity.txt": lambda i, n, w: f"{5 * i}.000000\t{5 * i + 3}.000000\t{n}: {w}",
    "irc.txt": lambda i, n, w: f"[00:00:{5 * i:02}] <{n}> {w}",
    "seconds_alone.txt": lambda i, n, w: f"{n}\n{5 * i}s\n{w}",
    "dotted.txt": lambda i, n, w: f"00.00.{5 * i:02} {n}: {w}",
    "dotted_brackets.txt": lambda i, n, w: f"[00.00.{5 * i:02}] {n}: {w}",
    "dotted_some.txt": lambda i, n, w: f"00.00.{5 * i:02} {n}: {w}" if i % 2 else f"[00:00:{5 * i:02}] {n}: {w}",
    "slashes.txt": lambda i, n, w: f"00:00:{5 * i:02} / {n} / {w}",
    "at_minute.txt": lambda i, n, w: f"{n} (min. 0:{5 * i:02})\n{w}\n",
    "at_minute_colon.txt": lambda i, n, w: f"{n} (Min 0:{5 * i:02}): {w}",
    "round.srt": lambda i, n, w: f"{i + 1}\n00:00:{5 * i:02},000 --> 00:00:{5 * i + 1:02},000\n({n}) {w}\n",
    "short_arrow.srt": lambda i, n, w: f"{i + 1}\n00:00:{5 * i:02},000 -> 00:00:{5 * i + 1:02},000\n{n}: {w}\n",
}
NO_TIMES: dict[str, Row] = {
    "no_space.txt": lambda i, n, w: f"{n}:{w}",
    "two_colons.txt": lambda i, n, w: f"{n}:: {w}",
    "two_colons.md": lambda i, n, w: f"**{n}::** {w}\n",
    "at.txt": lambda i, n, w: f"@{n}: {w}",
    "stamp_behind.txt": lambda i, n, w: f"{n}: {w} #00:00:{5 * i:02}-5#",
    "who.yaml": lambda i, n, w: f'{"turns:" if i == 0 else ""}\n  - who: {n}\n    said: "{w}"',
}
_HEAD = {
    "frames.csv": "Timecode,Duration,Speaker,Dialogue\n",
    "who.tsv": "From\tTo\tWho\tWhat\n",
    "inhalt.csv": "Sprecher,Zeit,Inhalt\n",
}
TABLES: dict[str, Row] = {
    "frames.csv": lambda i, n, w: f'00:00:{5 * i:02}:00,4,{n},"{w}"',
    "who.tsv": lambda i, n, w: f"0:{5 * i:02}\t0:{5 * i + 4:02}\t{n}\t{w}",
    "inhalt.csv": lambda i, n, w: f'{n},0:{5 * i:02},"{w}"',
}
JSON: dict[str, Callable[[int, str, str], Any]] = {
    "whereby": lambda i, n, w: {"participantName": n, "text": w, "startTimeMs": 5000 * i},
    "sembly": lambda i, n, w: {"speaker": {"full_name": n}, "phrase": w, "start": 5.0 * i},
    "claap": lambda i, n, w: {"speaker": {"name": n, "email": "x@acme.example"}, "text": w, "startedAt": 5.0 * i},
    "zoom": lambda i, n, w: {
        "text": w,
        "ts": f"00:00:{5 * i:02}.000",
        "users": [{"username": n, "user_id": str(i % 2)}],
    },
    "tags": lambda i, n, w: {"speaker": n, "text": f"<p>{w}</p>", "start": 5.0 * i},
}


def check(name: str, data: str, *, times: bool = True) -> None:
    turns = reading_of(Source(name, data.encode()), people=["Bo Ray"]).transcript.turns
    assert [(turn.speaker, turn.text) for turn in turns] == SAID
    if times:
        assert [int(turn.start or 0) for turn in turns] == [0, 5, 10, 15]


@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str) -> None:
    timed = not name.startswith("numbers")
    check(name, "\n".join(TEXTS[name](i, n, w) for i, (n, w) in enumerate(SAID)), times=timed)


@pytest.mark.parametrize("name", NO_TIMES)
def test_text_without_times(name: str) -> None:
    check(name, "\n".join(NO_TIMES[name](i, n, w) for i, (n, w) in enumerate(SAID)), times=False)


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str) -> None:
    check(name, _HEAD[name] + "\n".join(TABLES[name](i, n, w) for i, (n, w) in enumerate(SAID)))


@pytest.mark.parametrize("name", JSON)
def test_json(name: str) -> None:
    key = {"claap": "segments", "zoom": "timeline"}.get(name, "utterances")
    check(f"{name}.json", json.dumps({key: [JSON[name](i, n, w) for i, (n, w) in enumerate(SAID)]}))


def test_rows_whose_numbers_do_not_count_keep_them() -> None:
    turns = reading_of(
        Source("call.txt", b"Bo: 3 of us.\n4 left.\nAnn: So?\n5 came.\nBo: No.\nAnn: Yes.\n")
    ).transcript.turns
    assert [turn.text for turn in turns] == ["3 of us. 4 left.", "So? 5 came.", "No.", "Yes."]


def test_a_weekday_before_a_date_does_not_hide_which_order_its_column_has() -> None:
    assert column_order(["Wed 3/4/2026", "Sat 14/3/2026"]) == "day_first"
    assert read_day("Wed 3/4/2026", "day_first") == date(2026, 4, 3)


ANOTHER_WAY: dict[str, tuple[str, str | re.Pattern[str], str]] = {
    "a day before the name": ("dotted.txt", "00.00.", "14.03."),
    "a clock that goes back": ("dotted.txt", "00.00.15", "00.00.01"),
    "a clock without a name": ("dotted.txt", "15 Ann Lee:", "15"),
    "two turns in a row with dots": ("dotted.txt", "dear.\n", "dear. "),
    "one turn with dots": ("dotted.txt", re.compile(r"00\.00\.(00|05|15) "), ""),
    "two turns in a row with slashes": ("slashes.txt", "dear.\n", "dear. "),
    "a row without a name": ("slashes.txt", "15 / Ann Lee /", "15 / /"),
    "one turn with slashes": ("slashes.txt", re.compile(r"00:00:(00|05|15) / (.+?) /"), r"\2:"),
    "two turns in a row with minutes": ("at_minute.txt", "dear.\n\n", "dear. "),
    "words beside a minute": ("at_minute.txt", "Ann Lee (min. 0:15)\n", "cy (min. 0:15) "),
    "one turn with a minute": ("at_minute.txt", re.compile(r" \(min\. 0:(00|05|15)\)\n"), ": "),
    "two turns in a row with colons": ("two_colons.txt", "dear.\n", "dear. "),
    "one turn with two colons": ("dotted.txt", "00.00.15 Ann Lee:", "Cy Dee::"),
    "one colon and two": ("two_colons.txt", "Bo Ray::", "Bo Ray:"),
    "sounds as names": ("round.srt", "Ann Lee", "Laughs"),
    "a caption without a name": ("round.srt", "(Ann Lee) My", "My"),
    "a name within a caption": ("round.srt", "slow, and", "slow. (Bo Ray) And"),
    "another name within a caption": ("round.srt", "slow, and", "slow.\n(Cy Dee) And"),
}


@pytest.mark.parametrize("way", ANOTHER_WAY)
def test_a_turn_written_in_another_way_is_in_nobodys_words(way: str) -> None:
    name, written, instead = ANOTHER_WAY[way]
    row = {**TEXTS, **NO_TIMES}[name]
    data = "\n".join(row(i, n, w) for i, (n, w) in enumerate(SAID))
    other = written.sub(instead, data) if isinstance(written, re.Pattern) else data.replace(str(written), instead)
    assert other != data
    with pytest.raises(ImportProblem) as refused:
        reading_of(Source(name, other.encode()), people=["Bo Ray"])
    assert refused.value.hint or refused.value.advice


@pytest.mark.parametrize("words", ["The clock said\n00.00.05 and then\n00.00.07 it stopped.", "We call\nstd:: often."])
def test_words_that_look_like_rare_labels_stay_as_they_were_said(words: str) -> None:
    data = f"Bo Ray: {words}\nAnn Lee: I see.\nBo Ray: Yes.\nAnn Lee: No.\n"
    assert reading_of(Source("call.txt", data.encode())).transcript.turns[0].text == words.replace("\n", " ")
