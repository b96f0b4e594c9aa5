"""More ways to write one conversation, and what people get wrong: read rightly, or refused with what to do."""

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Source, reading_of
from tests.text.test_import_variants import ANN, BO, EXACT, OF_DAY, WHOLE, Row, Times, check, long, rows, short

TTML = '<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/{}"><body><div>\n'
OLD, NEW = "2006/10/ttaf1", "ns/ttml"

SHAPES: dict[str, tuple[str, Row, Times]] = {
    "list.yaml": ("", lambda n, s, w: f"- speaker: {n}\n  start: {s}\n  text: {w!r}", EXACT),
    "keyed.yml": ("transcript:\n", lambda n, s, w: f"  - name: {n}\n    time: '{short(s)}'\n    words: {w!r}", WHOLE),
    "list.txt": ("", lambda n, s, w: f'- speaker: {n}\n  text: "{w}"', None),
    "star_dash.txt": ("", lambda n, s, w: f"* {n} – {w}", None),
    "hyphens.txt": ("", lambda n, s, w: f"- {n} - {w}", None),
    "bold_dash.md": ("", lambda n, s, w: f"- **{n}** – {w}", None),
    "long_dash.txt": ("", lambda n, s, w: f"{n} — {w}", None),
    "pipe.txt": ("", lambda n, s, w: f"{n} | {w}", None),
    "angle.txt": ("", lambda n, s, w: f"{n} > {w}", None),
    "irc.txt": ("", lambda n, s, w: f"<{n}> {w}", None),
    "fields.rst": ("", lambda n, s, w: f":{n}: {w}", None),
    "bold_cells.md": ("# Call\n\n| Speaker | Text |\n| --- | --- |\n", lambda n, s, w: f"| **{n}** | {w} |", None),
    "old.dfxp": (TTML.format(OLD), lambda n, s, w: f'<p begin="{long(s)}" end="00:00:59.000">{n}: {w}</p>', EXACT),
    "new.ttml": (TTML.format(NEW), lambda n, s, w: f'<p begin="{s}s" end="59s">{n}: {w}</p>', EXACT),
    "labels.smi": ("<SAMI><BODY>\n", lambda n, s, w: f"<SYNC Start={int(s * 1000)}><P Class=EN>{n}: {w}", EXACT),
    "bracket_row.srt": ("", lambda n, s, w: f"1\n{long(s, ',')} --> {long(s + 1, ',')}\n[{n}]\n{w}\n", EXACT),
    "teams_chat.txt": ("", lambda n, s, w: f"{n}  10:00:{int(s):02} AM\n{w}\n", OF_DAY),
    "slack.txt": ("", lambda n, s, w: f"{n} [10:00:{int(s):02} AM]\n{w}", OF_DAY),
    "zoom_chat.txt": ("", lambda n, s, w: f"From {n} to Everyone:  10:00:{int(s):02} AM\n{w}\n", OF_DAY),
    "whatsapp.txt": ("", lambda n, s, w: f"[01.03.26, 10:00:{int(s):02}] {n}: {w}", OF_DAY),
    "iso.txt": ("", lambda n, s, w: f"2026-03-01T10:00:{int(s):02}Z {n}: {w}", OF_DAY),
}
SHAPES["list.ass"] = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    lambda n, s, w: f"Dialogue: 0,0:00:{s:05.2f},0:00:59.00,Default,,0,0,0,,{n}: {w}",
    EXACT,
)
ENDS = {"old.dfxp": "</div></body></tt>", "new.ttml": "</div></body></tt>", "labels.smi": "</BODY></SAMI>"}


@pytest.mark.parametrize("name", SHAPES)
def test_other_shapes(name: str) -> None:
    head, row, times = SHAPES[name]
    check(name, (head + "\n".join(rows(row)) + ENDS.get(name, "")).encode(), times)


PLAIN = "\n".join(rows(lambda n, s, w: f"{n}: {w}"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings(encoding: str) -> None:
    check("call.txt", PLAIN.encode(encoding), None)
    check("call.csv", "\n".join(["speaker\ttext", *rows(lambda n, s, w: f"{n}\t{w}")]).encode(encoding), None)


@pytest.mark.parametrize("row", ["{}: {}", "{};{}"])
def test_windows_1252_is_read_and_said(row: str) -> None:
    head = "" if ":" in row else "speaker;text\n"
    text = head + "\n".join(row.format(who, "“Größe” – zu teuer, 20 €.") for who in ("Jörg", "André") * 2)
    read = reading_of(Source("call.txt" if ":" in row else "call.csv", text.encode("cp1252")))
    assert [(turn.speaker, turn.text) for turn in read.transcript.turns][:2] == [
        ("Jörg", "“Größe” – zu teuer, 20 €."),
        ("André", "“Größe” – zu teuer, 20 €."),
    ]
    assert "the file is no UTF-8 and was read as Windows-1252: look at the accents" in read.notes
    assert not any("1252" in note for note in reading_of(Source("call.txt", PLAIN.encode())).notes)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Цена слишком высокая."),
        ("shift-jis", "価格は高い。"),
        ("gb2312", "价格太高。"),
        ("cp1250", "Zażółć gęślą jaźń, źródło."),
    ],
)
def test_text_in_an_encoding_that_nobody_named_is_refused(encoding: str, words: str) -> None:
    data = f"Bo: {words}\nAnn: {words}\n".encode(encoding)
    with pytest.raises(ImportProblem, match=r"byte [46] is not UTF-8 text") as refused:
        reading_of(Source("call.txt", data))
    assert refused.value.line == 1


def test_a_page_with_name_and_time_in_boxes_side_by_side() -> None:
    boxes = rows(lambda n, s, w: f"<div><span>{n}</span><span>{long(s)[:8]}</span><p>{w}</p></div>")
    check("call.html", f"<html><body>{''.join(boxes)}</body></html>".encode(), WHOLE)


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        (f"{ANN}: Two", f"{ANN} Two", "this row begins with 'Ann Lee'"),
        (f"{ANN}: Two", f"{ANN}; Two", "this row begins with 'Ann Lee'"),
        (f"\n{ANN}: Two", f" {ANN}: Two", "another turn seems to begin there"),
        ("\n", " ", "another turn seems to begin there"),
    ],
)
def test_a_slip_that_would_put_words_into_another_mouth_is_refused(was: str, is_: str, said: str) -> None:
    with pytest.raises(ImportProblem, match=said) as refused:
        reading_of(Source("call.txt", PLAIN.replace(was, is_).encode()), people=[BO])
    assert refused.value.line


def test_a_label_within_words_that_is_none_can_be_said_to_be_words() -> None:
    talk = f"{PLAIN}\nBo Ray: He said. My Boss: no. So I left. My Boss: no. Oh."
    with pytest.raises(ImportProblem, match="'My Boss' before a colon") as refused:
        reading_of(Source("call.txt", talk.encode()))
    assert refused.value.advice.option
    assert '"My Boss=words"' in refused.value.advice.option
    assert len(reading_of(Source("call.txt", talk.encode()), speakers={"My Boss": "words"}).transcript.turns) == 7


@pytest.mark.parametrize("broken", ["- speaker: Ann\n  text: I said: no", "- speaker: Ann\n  text: *a\n"])
def test_yaml_that_is_none_is_refused_with_its_line(broken: str) -> None:
    with pytest.raises(ImportProblem) as refused:
        reading_of(Source("call.yaml", broken.encode()))
    assert refused.value.line == 2


def test_subtitles_that_are_cut_or_define_text_of_their_own_are_refused() -> None:
    entities = '<!DOCTYPE tt [<!ENTITY a "b">]><tt xmlns="http://www.w3.org/ns/ttml"><body><p>&a;</p></body></tt>'
    for name, data in (("a.ttml", entities), ("b.ttml", TTML.format(NEW) + "<p>"), ("c.smi", "<SAMI><SYNC Start=x>a")):
        with pytest.raises(ImportProblem, match=r"SubRip or WebVTT"):
            reading_of(Source(name, data.encode()))
