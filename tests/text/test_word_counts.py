"""Every format holds the words of a long talk, counted a second time from the file's bytes by a pattern that no importer
uses: as many for each speaker, and none elsewhere.

Each word ends in the mark of who says it (`…qx` Bo, `…qy` Ann), so that the file itself tells how many are whose.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import pytest

from agent.text.importers import FORMATS, Source, detect, reading_of

_RNG = random.Random(20261129)
_SPOKEN = re.compile(r"[a-z]+q([xy])\b")
NAMES = ("Bo Ray", "Ann Lee")
Turn = tuple[int, float, str]


def _turn(i: int) -> Turn:
    count = _RNG.randint(1, 40)
    some = ["".join(_RNG.choices("bcdfghklmnprstvwz", k=_RNG.randint(1, 6))) for _ in range(count)]
    return i % 2, 4.0 * i, " ".join(f"{word}q{'xy'[i % 2]}" for word in some) + _RNG.choice((".", "?", "!"))


TALK = [_turn(i) for i in range(400)]


def clock(seconds: float, mark: str = ".") -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}000"


def each(row: Callable[[str, float, str], str], between: str = "\n") -> bytes:
    return between.join(row(NAMES[who], start, words) for who, start, words in TALK).encode()


def entries(one: Callable[[int, float, str], Any]) -> list[Any]:
    return [one(*turn) for turn in TALK]


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def as_table(mark: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    writer.writerow(["speaker", "start", "text"])
    writer.writerows([NAMES[who], start, words] for who, start, words in TALK)
    return out.getvalue().encode()


def as_workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Speaker", "Start", "Text"])
    for who, start, words in TALK:
        book.active.append([NAMES[who], start, words])
    book.save(out)
    return out.getvalue()


def as_word(table: bool) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    rows = document.add_table(rows=0, cols=2) if table else None
    for who, _, words in TALK[:100] if table else TALK:
        if rows:
            cells = rows.add_row().cells
            cells[0].text, cells[1].text = NAMES[who], words
        else:
            document.add_paragraph(f"{NAMES[who]}: {words}")
    document.save(out)
    return out.getvalue()


def as_odt() -> bytes:
    out, space = io.BytesIO(), "urn:oasis:names:tc:opendocument:xmlns:"
    said = "".join(f"<t:p>{NAMES[who]}:<t:s/>{words}</t:p>" for who, _, words in TALK)
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        spaces = f"xmlns:o='{space}office:1.0' xmlns:t='{space}text:1.0'"
        made.writestr("content.xml", f"<o:document {spaces}><o:body><o:text>{said}</o:text></o:body></o:document>")
    return out.getvalue()


def as_ssa(row: Callable[[str, float, str], str]) -> bytes:
    fields = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
    return f"[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: {fields}\n".encode() + each(row)


def as_pdf() -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for at in range(0, len(TALK), 20):
        shown = "".join(f"({NAMES[who]}: {words}) Tj T*\n" for who, _, words in TALK[at : at + 20])
        drawn = f"BT /F1 9 Tf 14 TL 40 800 Td\n{shown}ET".encode()
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9000 842] %b /Contents %d 0 R >>" % (resources, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        len(made),
    )


def as_mail(kind: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "kim@ledger.example", "<1@ledger.example>"
    label = each(lambda n, s, w: f"<p>{n}: {w}</p>" if kind == "html" else f"{n}: {w}\n").decode()
    message.set_content(f"<html><body>{label}</body></html>" if kind == "html" else label, subtype=kind, cte="base64")
    return bytes(message)


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, data)
    return out.getvalue()


def by_word(start: float, words: str, one: Callable[[str, float], Any]) -> list[Any]:
    return [one(word, start + i / 100) for i, word in enumerate(words.split())]


def label(n: str, s: float, w: str) -> str:
    return f"{n}: {w}\n"


FILES: dict[str, Callable[[], bytes]] = {
    "voices.vtt": lambda: b"WEBVTT\n\n" + each(lambda n, s, w: f"{clock(s)} --> {clock(s + 1)}\n<v {n}>{w}</v>\n"),
    "labels.vtt": lambda: b"WEBVTT\n\n" + each(lambda n, s, w: f"{clock(s)} --> {clock(s + 1)}\n{n}: {w}\n"),
    "labels.srt": lambda: each(lambda n, s, w: f"1\n{clock(s, ',')} --> {clock(s + 1, ',')}\n{n}: {w}\n"),
    "labels.sbv": lambda: each(lambda n, s, w: f"{clock(s)},{clock(s + 1)}\n{n}: {w}\n"),
    "labels.lrc": lambda: b"[ti:Call]\n" + each(lambda n, s, w: f"[{int(s) // 60:02}:{int(s) % 60:02}.00]{n}: {w}"),
    "labels.txt": lambda: each(label),
    "otter.txt": lambda: each(lambda n, s, w: f"{n}  {clock(s)[:8]}\n{w}\n"),
    "bold.md": lambda: b"# Call\n\n" + each(lambda n, s, w: f"**{n}** ({clock(s)[:8]}): {w}\n"),
    "turns.csv": lambda: as_table(","),
    "turns.tsv": lambda: as_table("\t"),
    "turns.xlsx": as_workbook,
    "labels.docx": lambda: as_word(table=False),
    "table.docx": lambda: as_word(table=True),
    "labels.odt": as_odt,
    "names.ass": lambda: as_ssa(lambda n, s, w: f"Dialogue: 0,{clock(s)[:10]}0,9:00:00.00,Default,{n},0,0,0,,{w}"),
    "labels.smi": lambda: (
        b"<SAMI><BODY>\n" + each(lambda n, s, w: f"<SYNC Start={int(s * 1000)}><P>{n}: {w}") + b"</BODY></SAMI>"
    ),
    "labels.rtf": lambda: b"{\\rtf1\\ansi " + each(lambda n, s, w: f"\\b {n}:\\b0  {w}\\par") + b"}",
    "labels.html": lambda: b"<html><body>" + each(lambda n, s, w: f"<p><b>{n}:</b> {w}</p>") + b"</body></html>",
    "labels.pdf": as_pdf,
    "plain.eml": lambda: as_mail("plain"),
    "page.eml": lambda: as_mail("html"),
    "one.zip": lambda: zipped("call.txt", each(label)),
    "closeread.json": lambda: as_json({"turns": entries(lambda k, s, w: {"speaker": NAMES[k], "text": w, "start": s})}),
    "list.json": lambda: as_json(entries(lambda k, s, w: {"speaker": NAMES[k], "text": w, "start": s})),
    "lines.jsonl": lambda: each(lambda n, s, w: json.dumps({"speaker": n, "text": w, "start": s})),
    "gong.json": lambda: as_json(
        {
            "callTranscripts": [
                {
                    "callId": "1",
                    "transcript": entries(
                        lambda k, s, w: {"speakerId": NAMES[k], "sentences": [{"start": int(s * 1000), "text": w}]}
                    ),
                }
            ]
        }
    ),
    "aws.json": lambda: as_json(
        {
            "results": {
                "items": [
                    item
                    for k, s, w in TALK
                    for item in by_word(
                        s,
                        w,
                        lambda word, at, k=k: {
                            "type": "pronunciation",
                            "start_time": f"{at:.2f}",
                            "speaker_label": NAMES[k],
                            "alternatives": [{"content": word}],
                        },
                    )
                ]
            }
        }
    ),
    "deepgram.json": lambda: as_json(
        {
            "results": {
                "channels": [
                    {
                        "alternatives": [
                            {
                                "words": [
                                    word
                                    for k, s, w in TALK
                                    for word in by_word(
                                        s, w, lambda x, at, k=k: {"word": x, "start": at, "speaker": NAMES[k]}
                                    )
                                ]
                            }
                        ]
                    }
                ]
            }
        }
    ),
    "rev.json": lambda: as_json(
        {
            "monologues": entries(
                lambda k, s, w: {"speaker": NAMES[k], "elements": [{"type": "text", "value": w, "ts": s}]}
            )
        }
    ),
    "whisperx.json": lambda: as_json(
        {"segments": entries(lambda k, s, w: {"start": s, "text": f" {w}", "speaker": NAMES[k]})}
    ),
    "slack.json": lambda: as_json(
        entries(lambda k, s, w: {"type": "message", "user": NAMES[k], "text": w, "ts": f"{1772359200 + s:.6f}"})
    ),
    "recall.json": lambda: as_json(
        entries(
            lambda k, s, w: {
                "participant": {"id": k, "name": NAMES[k]},
                "words": by_word(s, w, lambda x, at: {"text": x, "start_timestamp": {"relative": at}}),
            }
        )
    ),
}


def counted(name: str, data: bytes) -> Counter[str]:
    """How many words of each speaker a file's bytes hold: by a pattern, with no more than unpacking and tags taken out."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = [
                opened.read(one)
                for one in opened.namelist()
                if one.endswith((".txt", "document.xml", "1.xml", "content.xml"))
            ]
            parts += [opened.read("xl/sharedStrings.xml")] if "xl/sharedStrings.xml" in opened.namelist() else []
        data = b"\n".join(parts)
    if name.endswith(".eml"):
        data = base64.b64decode(data.split(b"\n\n", 1)[1])
    return Counter(mark for mark in _SPOKEN.findall(data.decode()))


@pytest.mark.parametrize("name", FILES)
def test_as_many_words_of_each_speaker_as_the_file_holds(name: str) -> None:
    data = FILES[name]()
    read = reading_of(Source(name, data)).transcript
    mine = {NAMES[0]: "x", NAMES[1]: "y"}
    assert set(read.speakers) == set(NAMES)
    heard = Counter[str]()
    for turn in read.turns:
        marks = _SPOKEN.findall(turn.text)
        assert set(marks) <= {mine[turn.speaker]}, "words in the wrong mouth"
        assert len(marks) == len(turn.text.split()), "words that nobody spoke"
        heard.update(marks)
    assert heard == counted(name, data)
    assert heard.total() > 1_000


def test_every_format_is_counted() -> None:
    kinds = {detect(Source(name, make())).name for name, make in FILES.items()}
    assert kinds == {form.name for form in FORMATS}
